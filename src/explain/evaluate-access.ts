import type { AuthorizationLeg } from "../authorization.js";
import type { BareVerdict, LegVerdict } from "../diagnosis.js";
import type { AccessPolicies } from "../policy/evaluation/layers.js";
import {
  applyTo,
  type CompiledPolicies,
  compilePolicies,
  evaluateLegs,
  type PolicySetInput,
} from "../policy/evaluation/policy-set.js";
import { legOfAccount } from "../policy/evaluation/resource-account.js";
import { compiledIn, type PolicySet } from "../policy/evaluation/sealed.js";
import { printable } from "../printable.js";
import { policyVerdictText } from "./format/verdict-text.js";

/**
 * The input of {@link evaluateAccess}. `context`, `unknownContext`, and `managementAccountId` take precedence over
 * those of a policy set.
 */
export interface AccessQuestion extends Pick<PolicySetInput, "context" | "unknownContext" | "managementAccountId"> {
  /** From `authorizationLegs`. */
  legs: readonly AuthorizationLeg[];
  /** The caller: the ARN of a role, an assumed-role session, a user, or the root user. */
  principal: { arn: string };
  /** The policies, or a policy set. To evaluate many calls, compile the policies once, with `policySet`. */
  policies: AccessPolicies | PolicySet;
}

/**
 * Evaluates policies against authorization legs, offline. Returns which leg is allowed, blocked, or unknown, and the
 * deciding statement. Policies that you don't provide are unknown, never allowed. If legs have no account ID, because
 * `authorizationLegs` wasn't called with one, the caller's account ID is used.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function evaluateAccess({ legs, principal, policies, ...compiled }: AccessQuestion): LegVerdict[] {
  if (!Array.isArray(legs))
    throw new TypeError("legs must be a list of authorization legs, from authorizationLegs(…).");
  legs.forEach((leg: Partial<AuthorizationLeg> | undefined, index) => {
    if (typeof leg?.action !== "string" || typeof leg.resource !== "string" || typeof leg.region !== "string") {
      throw new TypeError(`legs[${index}] must be an authorization leg with action, resource and region.`);
    }
  });
  if (typeof policies !== "object" || policies === null) throw new TypeError("policies must be an object of policies.");
  const applied = applyTo(compiledFor(policies, compiled), principal?.arn);
  const { accountId } = applied.known.caller.principal;
  const ofCaller = legs.map((leg) => legOfAccount(leg, accountId));
  return evaluateLegs(applied, ofCaller).map((evaluation) => {
    // The evaluation is used only here. Copying it takes longer than the evaluation itself.
    const verdict: BareVerdict = Object.assign(evaluation, { evidence: ["policies" as const] });
    return Object.assign(verdict, { because: printable(policyVerdictText(verdict)) });
  });
}

/** The caller is always the question's own, even if the policy set was made for another one. */
function compiledFor(
  policies: AccessQuestion["policies"],
  own: Omit<AccessQuestion, "legs" | "principal" | "policies">,
): CompiledPolicies {
  const compiled = compiledIn(policies);
  if (compiled === undefined) return compilePolicies({ ...own, ...policies }, "policies");
  const stated = compilePolicies({ ...own, identity: [] }, "policies");
  return {
    layers: compiled.layers,
    context: new Map([...compiled.context, ...stated.context]),
    unknownContext: own.unknownContext === undefined ? compiled.unknownContext : stated.unknownContext,
    managementAccountId: stated.managementAccountId ?? compiled.managementAccountId,
    principalArn: undefined,
  };
}
