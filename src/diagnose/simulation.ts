import type { Decision, LegEvaluation } from "../policy/evaluate.js";
import type { CompiledKnowledge } from "../policy/knowledge.js";
import type { AuthorizationLeg } from "../resolve/legs.js";

/** What IAM's policy simulator says of one leg. */
export interface SimulatedDecision {
  decision: "allowed" | "explicitDeny" | "implicitDeny";
  /** Absent where no service control policy was evaluated. */
  allowedByOrganizations?: boolean;
  /** Absent where the identity has no permissions boundary. */
  allowedByBoundary?: boolean;
  /** Context keys that the identity's policies ask for and nobody supplied. Never those of service control policies. */
  missingContextKeys?: string[];
}

/** The same, with the leg. */
export interface SimulatedLeg {
  leg: AuthorizationLeg;
  simulated: SimulatedDecision;
}

/** What a caller's legs were simulated as. */
export interface Simulation {
  /** The role or user whose policies were evaluated. */
  policySourceArn: string;
  /** True where the role's path is a guess. */
  isGuessed: boolean;
  legs: SimulatedLeg[];
}

/** Legs that share a Region and a profile: the context of one request to the simulator holds for all its resources. */
export interface SimulationRequest {
  policySourceArn: string;
  action: string;
  region: string;
  inferenceProfileArn?: string;
  resources: string[];
  /** Further context keys that the application knows. */
  context: ReadonlyMap<string, readonly string[]>;
}

/** One request per distinct context (IAM API Reference, "SimulatePrincipalPolicy": ContextEntries apply to the whole request). */
export function simulationRequests(
  policySourceArn: string,
  legs: readonly AuthorizationLeg[],
  given: CompiledKnowledge | undefined,
): SimulationRequest[] {
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of given?.context ?? []) if (Array.isArray(value)) context.set(key, value);
  const requests = new Map<string, SimulationRequest>();
  for (const { action, region, inferenceProfileArn, resource } of legs) {
    const key = JSON.stringify([action, region, inferenceProfileArn]);
    const known = requests.get(key);
    if (known) known.resources.push(resource);
    else {
      const profile = inferenceProfileArn === undefined ? {} : { inferenceProfileArn };
      requests.set(key, { policySourceArn, action, region, ...profile, resources: [resource], context });
    }
  }
  return [...requests.values()];
}

/**
 * Whether the simulator could be wrong about a leg. It sees neither session policies nor VPC endpoint policies, and does
 * not tell which keys service control policies ask for, so that a verdict of theirs may rest on a key that is missing
 * ("Supplying context for SCP evaluation": SCP evaluation does not return missing context values).
 *
 * @param evaluation what the policies that the application described say, where it described any: what it left out of
 *   them there is none of
 */
export function isBlind(
  { decision, allowedByOrganizations, missingContextKeys = [] }: SimulatedDecision,
  { isGuessed, policySourceArn }: Simulation,
  given: CompiledKnowledge | undefined,
  evaluation: LegEvaluation | undefined,
): boolean {
  const isContextKnown = given?.unknownContext === "absent";
  if (isGuessed || (missingContextKeys.length > 0 && !isContextKnown)) return true;
  // Conditions of service control policies count since July 2026; elsewhere AWS has not said so.
  const seesOrganization = isContextKnown && policySourceArn.startsWith("arn:aws:");
  if (decision !== "allowed") return allowedByOrganizations === false && !seesOrganization;
  if (given === undefined || evaluation?.verdict !== "unknown") return true;
  // What the described policies leave open is what the simulator has to know.
  return !(evaluation.unknown ?? []).every(
    ({ policyType }) =>
      policyType === "identity-based-policy" ||
      policyType === "permissions-boundary" ||
      (policyType === "service-control-policy" && seesOrganization),
  );
}

/** The kind of policy that a denial comes from, where only one can be meant: the simulator names no statement. */
export function decisionIn(simulated: SimulatedDecision): Decision | undefined {
  const { decision, allowedByOrganizations, allowedByBoundary } = simulated;
  if (decision === "allowed") return undefined;
  const byOrganizations = allowedByOrganizations === false;
  const byBoundary = allowedByBoundary === false;
  if (!byOrganizations && !byBoundary) {
    return { policyType: "identity-based-policy", denyKind: decision === "explicitDeny" ? "explicit" : "implicit" };
  }
  // Beside one of these, an explicit denial may be the identity's own.
  if (decision === "explicitDeny" || (byOrganizations && byBoundary)) return undefined;
  return { policyType: byOrganizations ? "service-control-policy" : "permissions-boundary", denyKind: "implicit" };
}
