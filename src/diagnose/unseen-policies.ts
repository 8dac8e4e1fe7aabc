import { evaluateLeg } from "../policy/evaluate.js";
import { applyTo, type CompiledKnowledge } from "../policy/knowledge.js";
import type { PolicyType } from "../refusal/kinds.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import type { Simulation } from "./simulation.js";

/** A leg that AWS refused, in its words. */
export interface RefusedLeg {
  leg: AuthorizationLeg;
  refusal: ParsedRefusal;
}

/** What shows that there are more policies than were described or read. */
export interface Traces {
  refused: readonly RefusedLeg[];
  simulation: Simulation | undefined;
  /** True where the organization was to be read and could not be. */
  isOrganizationUnread: boolean;
}

/**
 * The types of policies that are there, though nobody described them, or not as they are. What policies leave out there is
 * none of, unless something shows otherwise: AWS names a policy that these do not hold, the simulator followed an
 * organization's or a boundary's, or the organization could not be read.
 */
export function unseenPolicies(policies: CompiledKnowledge, callerArn: string, traces: Traces): PolicyType[] {
  const { refused, simulation, isOrganizationUnread } = traces;
  const isGiven = (type: PolicyType) => policies.layers.some((layer) => layer.type === type);
  const simulated = (simulation?.legs ?? []).map((each) => each.simulated);
  const types = new Set<PolicyType>();
  if (isOrganizationUnread || simulated.some((each) => each.allowedByOrganizations !== undefined)) {
    if (!isGiven("service-control-policy")) types.add("service-control-policy");
  }
  if (simulated.some((each) => each.allowedByBoundary !== undefined) && !isGiven("permissions-boundary")) {
    types.add("permissions-boundary");
  }
  for (const { leg, refusal } of refused) {
    if (refusal.policyType && !holdsTheRefusal(policies, callerArn, leg, refusal)) types.add(refusal.policyType);
  }
  return [...types];
}

/** Whether the policies of the type that AWS names block the leg as AWS says, or may do so. */
function holdsTheRefusal(
  policies: CompiledKnowledge,
  callerArn: string,
  leg: AuthorizationLeg,
  { policyType, policyArn, denyKind }: ParsedRefusal,
): boolean {
  const layers = policies.layers.filter(({ type }) => type === policyType);
  // That no resource-based policy allows a resource of another account is evaluated without one.
  if (layers.length === 0 && policyType !== "resource-based-policy") return false;
  const applied = applyTo({ ...policies, layers }, callerArn);
  const { verdict, decidedBy, alsoBlockedBy = [] } = evaluateLeg(applied.layers, leg, applied.known);
  if (verdict !== "blocked") return verdict === "unknown";
  return [decidedBy, ...alsoBlockedBy].some(
    (decision) =>
      decision !== undefined &&
      decision.policyType === policyType &&
      (denyKind === undefined || decision.denyKind === denyKind) &&
      (policyArn === undefined || decision.policyArn === undefined || decision.policyArn === policyArn),
  );
}
