import type { LegVerdict } from "../diagnose/evidence.js";
import { evaluateLeg } from "../policy/evaluate.js";
import { type AccessPolicies, compileLayers, layersFor } from "../policy/layers.js";
import { callerOf, readContext, type UnknownContext } from "../policy/request.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import { policyVerdictWords } from "./format/verdict-words.js";

/** What {@link evaluateAccess} is asked. */
export interface AccessQuestion {
  /** From `authorizationLegs`. */
  legs: readonly AuthorizationLeg[];
  /** Who calls: the ARN of a role, an assumed-role session, a user or the root user. */
  principal: { arn: string };
  policies: AccessPolicies;
  /** Further context keys of the request; null for a key that is known to be absent. */
  context?: Record<string, string | string[] | null>;
  /**
   * What a key means that is in neither the call nor `context`.
   * @default "unknown"
   */
  unknownContext?: UnknownContext;
  /** The organization's management account: service control policies do not apply to it. */
  managementAccountId?: string;
}

/**
 * Evaluates policies against authorization legs, offline: which leg is allowed, blocked or unknown, and by which
 * statement. What was not given is unknown, never allowed.
 *
 * @throws TypeError that names the field, its value and what would be right
 */
export function evaluateAccess(question: AccessQuestion): LegVerdict[] {
  const { legs, principal, policies, unknownContext = "unknown" } = question;
  if (!Array.isArray(legs))
    throw new TypeError("legs must be a list of authorization legs, from authorizationLegs(…).");
  if (unknownContext !== "unknown" && unknownContext !== "absent") {
    throw new TypeError(`unknownContext must be "unknown" or "absent"; it is ${JSON.stringify(unknownContext)}.`);
  }
  const caller = callerOf(principal?.arn);
  const layers = layersFor(compileLayers(policies), caller, question.managementAccountId);
  const known = { caller, context: readContext(question.context), unknownContext };
  return legs.map((leg: AuthorizationLeg, index: number) => {
    if (typeof leg?.action !== "string" || typeof leg.resource !== "string" || typeof leg.region !== "string") {
      throw new TypeError(`legs[${index}] must be an authorization leg with action, resource and region.`);
    }
    const evaluation = { ...evaluateLeg(layers, leg, known), evidence: ["policies" as const] };
    return { ...evaluation, because: policyVerdictWords(evaluation) };
  });
}
