import type { AuthorizationLeg, PolicyType } from "../authorization.js";
import { evaluateLeg } from "../policy/evaluation/evaluate.js";
import { applyTo, type CompiledPolicies } from "../policy/evaluation/policy-set.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { Simulation } from "./sources/simulated.js";

/** A leg that AWS denied, and the error message. */
export interface DeniedLeg {
  leg: AuthorizationLeg;
  refusal: ParsedRefusal;
}

/** Evidence of policies that were neither provided nor read. */
export interface PolicyTraces {
  denied: readonly DeniedLeg[];
  simulation: Simulation | undefined;
  /** True if the organization was to be read, but couldn't be. */
  isOrganizationUnread: boolean;
}

/**
 * Returns the types of policies that exist although they weren't provided, or that differ from the provided ones.
 * Policy types that aren't provided are assumed not to exist, unless there is evidence that they do. The evidence can
 * be that AWS identifies a policy that isn't among them, that the simulator evaluated an organization's policies or a
 * boundary, or that the organization couldn't be read.
 */
export function impliedPolicies(policies: CompiledPolicies, callerArn: string, traces: PolicyTraces): PolicyType[] {
  const { denied, simulation, isOrganizationUnread } = traces;
  const isProvided = (type: PolicyType) => policies.layers.some((layer) => layer.type === type);
  const simulated = (simulation?.legs ?? []).map((each) => each.simulated);
  const types = new Set<PolicyType>();
  if (isOrganizationUnread || simulated.some((each) => each.allowedByOrganizations !== undefined)) {
    if (!isProvided("service-control-policy")) types.add("service-control-policy");
  }
  if (simulated.some((each) => each.allowedByBoundary !== undefined) && !isProvided("permissions-boundary")) {
    types.add("permissions-boundary");
  }
  for (const { leg, refusal } of denied) {
    if (refusal.policyType && !explainsDenial(policies, callerArn, leg, refusal)) types.add(refusal.policyType);
  }
  return [...types];
}

/** Whether the policies of the type that AWS identifies block the leg as AWS reports, or may block it. */
function explainsDenial(
  policies: CompiledPolicies,
  callerArn: string,
  leg: AuthorizationLeg,
  { policyType, policyArn, denyKind }: ParsedRefusal,
): boolean {
  const layers = policies.layers.filter(({ type }) => type === policyType);
  // Even without a resource-based policy, evaluation shows that none allows a resource of another account.
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
