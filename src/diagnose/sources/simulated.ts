import { asciiLower } from "../../ascii.js";
import { type AuthorizationLeg, PROFILE_KEY } from "../../authorization.js";
import { defined } from "../../defined.js";
import type { Decision, LegEvaluation } from "../../policy/evaluation/evaluate.js";
import type { CompiledPolicies } from "../../policy/evaluation/policy-set.js";
import type { CallContext } from "../../resolve/call-context.js";

/** The result of IAM's policy simulator for one leg. */
export interface SimulatedDecision {
  decision: "allowed" | "explicitDeny" | "implicitDeny";
  /** Absent if no service control policy was evaluated. */
  allowedByOrganizations?: boolean;
  /** Absent if the identity has no permissions boundary. */
  allowedByBoundary?: boolean;
  /**
   * Context keys that the identity's policies use and that weren't provided. Never those of service control policies.
   */
  missingContextKeys?: string[];
}

/** The result, with its leg. */
export interface SimulatedLeg {
  leg: AuthorizationLeg;
  simulated: SimulatedDecision;
}

/** The simulation of a caller's legs. */
export interface Simulation {
  /** The role or user whose policies were evaluated. */
  policySourceArn: string;
  /** True if the role's path is a guess. */
  isGuessed: boolean;
  legs: SimulatedLeg[];
}

/** Legs that share a Region and a profile. The context of one request to the simulator applies to all its resources. */
export interface SimulationRequest {
  policySourceArn: string;
  action: string;
  region: string;
  inferenceProfileArn?: string;
  resources: string[];
  /** Additional context keys that the application provides. */
  context: ReadonlyMap<string, readonly string[]>;
}

/**
 * Keys that are in every request that an application makes itself, over TLS (IAM User Guide, "AWS global condition
 * context keys"). The simulator doesn't provide them.
 */
const KEYS_OF_EVERY_CALL = [
  ["aws:principalisawsservice", ["false"]],
  ["aws:viaawsservice", ["false"]],
  ["aws:securetransport", ["true"]],
] as const;

/**
 * Makes one request per distinct context (IAM API Reference, "SimulatePrincipalPolicy": ContextEntries apply to the
 * whole request).
 *
 * @param userId `aws:userid` of a session, which the simulator can't provide
 */
export function simulationRequests(
  policySourceArn: string,
  legs: readonly AuthorizationLeg[],
  provided: CompiledPolicies | undefined,
  userId?: string,
): SimulationRequest[] {
  const context = new Map<string, readonly string[]>(KEYS_OF_EVERY_CALL);
  if (userId !== undefined) context.set("aws:userid", [userId]);
  for (const [key, value] of provided?.context ?? []) if (Array.isArray(value)) context.set(key, value);
  const requests = new Map<string, SimulationRequest>();
  for (const { action, region, inferenceProfileArn, resource, context: own = {} } of legs) {
    const key = JSON.stringify([action, region, inferenceProfileArn, own]);
    const known = requests.get(key);
    if (known) known.resources.push(resource);
    else {
      const all = Object.keys(own).length > 0 ? new Map([...context, ...Object.entries(own)]) : context;
      requests.set(key, {
        policySourceArn,
        action,
        region,
        ...defined({ inferenceProfileArn }),
        resources: [resource],
        context: all,
      });
    }
  }
  return [...requests.values()];
}

/** What else is known about a simulated leg. */
export interface SimulatedLegContext {
  leg: AuthorizationLeg;
  simulation: Simulation;
  /** The policies that the application provided. Policies that it left out are assumed not to exist. */
  given: CompiledPolicies | undefined;
  /** The result of evaluating those policies, and others that were read. */
  evaluation: LegEvaluation | undefined;
  /** The condition keys that the call's input shows. */
  context: CallContext;
}

/**
 * Whether the simulator could be wrong about a leg. It evaluates neither session policies nor VPC endpoint policies. It
 * doesn't return the keys that service control policies use, so a verdict on those may depend on a missing key
 * ("Supplying context for SCP evaluation": SCP evaluation does not return missing context values).
 */
export function isBlind(simulated: SimulatedDecision, about: SimulatedLegContext): boolean {
  const { decision, allowedByOrganizations } = simulated;
  const { leg, simulation, given: provided, evaluation, context } = about;
  const isContextKnown = provided?.unknownContext === "absent" && context.unknown.every((key) => leg.context?.[key]);
  if (simulation.isGuessed || (missingKeys(simulated, about).length > 0 && !isContextKnown)) return true;
  // Since July 2026, the simulator evaluates conditions of service control policies. For other partitions, AWS hasn't
  // documented it.
  const seesOrganization = isContextKnown && simulation.policySourceArn.startsWith("arn:aws:");
  if (decision !== "allowed") return allowedByOrganizations === false && !seesOrganization;
  if (provided === undefined || evaluation?.verdict !== "unknown") return true;
  // The simulator must be able to evaluate everything that the provided policies leave open.
  return !(evaluation.unknown ?? []).every(
    ({ policyType }) =>
      policyType === "identity-based-policy" ||
      policyType === "permissions-boundary" ||
      (policyType === "service-control-policy" && seesOrganization),
  );
}

/** Returns the keys that weren't provided, except those that are known to be absent. */
function missingKeys(
  { missingContextKeys = [] }: SimulatedDecision,
  { leg, given: provided, context }: SimulatedLegContext,
): string[] {
  return missingContextKeys.filter((key) => {
    const lower = asciiLower(key);
    if (lower === PROFILE_KEY) return leg.inferenceProfileArn !== undefined;
    return provided?.context.get(lower) !== null && !context.absent.includes(lower);
  });
}

/**
 * Returns the type of the denying policy, if there is only one possibility. The simulator doesn't identify the
 * statement.
 */
export function decisionOfSimulation(simulated: SimulatedDecision): Decision | undefined {
  const { decision, allowedByOrganizations, allowedByBoundary } = simulated;
  if (decision === "allowed") return undefined;
  const byOrganizations = allowedByOrganizations === false;
  const byBoundary = allowedByBoundary === false;
  if (!byOrganizations && !byBoundary) {
    return { policyType: "identity-based-policy", denyKind: decision === "explicitDeny" ? "explicit" : "implicit" };
  }
  if (byOrganizations && byBoundary) return undefined;
  const policyType = byOrganizations ? "service-control-policy" : "permissions-boundary";
  // If one of these also blocks, an explicit deny may be in the identity's own policy.
  return decision === "explicitDeny" ? { policyType } : { policyType, denyKind: "implicit" };
}
