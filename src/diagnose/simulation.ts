import { asciiLower } from "../ascii.js";
import type { Decision, LegEvaluation } from "../policy/evaluate.js";
import type { CompiledKnowledge } from "../policy/knowledge.js";
import type { CallContext } from "../resolve/call-context.js";
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

/**
 * Keys that every request has which an application makes itself, over TLS (IAM User Guide, "AWS global condition context
 * keys"). The simulator does not know them.
 */
const KEYS_OF_EVERY_CALL = [
  ["aws:principalisawsservice", ["false"]],
  ["aws:viaawsservice", ["false"]],
  ["aws:securetransport", ["true"]],
] as const;

/**
 * One request per distinct context (IAM API Reference, "SimulatePrincipalPolicy": ContextEntries apply to the whole request).
 *
 * @param userId `aws:userid` of a session, which the simulator cannot know
 */
export function simulationRequests(
  policySourceArn: string,
  legs: readonly AuthorizationLeg[],
  given: CompiledKnowledge | undefined,
  userId?: string,
): SimulationRequest[] {
  const context = new Map<string, readonly string[]>(KEYS_OF_EVERY_CALL);
  if (userId !== undefined) context.set("aws:userid", [userId]);
  for (const [key, value] of given?.context ?? []) if (Array.isArray(value)) context.set(key, value);
  const requests = new Map<string, SimulationRequest>();
  for (const { action, region, inferenceProfileArn, resource, context: own = {} } of legs) {
    const key = JSON.stringify([action, region, inferenceProfileArn, own]);
    const known = requests.get(key);
    if (known) known.resources.push(resource);
    else {
      const profile = inferenceProfileArn === undefined ? {} : { inferenceProfileArn };
      const all = Object.keys(own).length > 0 ? new Map([...context, ...Object.entries(own)]) : context;
      requests.set(key, { policySourceArn, action, region, ...profile, resources: [resource], context: all });
    }
  }
  return [...requests.values()];
}

/** What there is to go by besides the simulator's word. */
export interface SimulatedLegContext {
  leg: AuthorizationLeg;
  simulation: Simulation;
  /** What the application described: what it left out of it there is none of. */
  given: CompiledKnowledge | undefined;
  /** What those policies, and others that were read, say. */
  evaluation: LegEvaluation | undefined;
  /** What the call's input says about condition keys. */
  context: CallContext;
}

/**
 * Whether the simulator could be wrong about a leg. It sees neither session policies nor VPC endpoint policies, and does
 * not tell which keys service control policies ask for, so that a verdict of theirs may rest on a key that is missing
 * ("Supplying context for SCP evaluation": SCP evaluation does not return missing context values).
 */
export function isBlind(simulated: SimulatedDecision, about: SimulatedLegContext): boolean {
  const { decision, allowedByOrganizations } = simulated;
  const { leg, simulation, given, evaluation, context } = about;
  const isContextKnown = given?.unknownContext === "absent" && context.unknown.every((key) => leg.context?.[key]);
  if (simulation.isGuessed || (missingKeys(simulated, about).length > 0 && !isContextKnown)) return true;
  // Conditions of service control policies count since July 2026; elsewhere AWS has not said so.
  const seesOrganization = isContextKnown && simulation.policySourceArn.startsWith("arn:aws:");
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

/** What nobody supplied, but for what is known to be absent. */
function missingKeys(
  { missingContextKeys = [] }: SimulatedDecision,
  { leg, given, context }: SimulatedLegContext,
): string[] {
  return missingContextKeys.filter((key) => {
    const lower = asciiLower(key);
    if (lower === "bedrock:inferenceprofilearn") return leg.inferenceProfileArn !== undefined;
    return given?.context.get(lower) !== null && !context.absent.includes(lower);
  });
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
  if (byOrganizations && byBoundary) return undefined;
  const policyType = byOrganizations ? "service-control-policy" : "permissions-boundary";
  // Beside one of these, an explicit denial may be the identity's own.
  return decision === "explicitDeny" ? { policyType } : { policyType, denyKind: "implicit" };
}
