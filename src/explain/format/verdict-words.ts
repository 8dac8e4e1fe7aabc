import type { BareVerdict } from "../../diagnose/evidence.js";
import type { ConditionReport, Decision, NearMiss, Unknown } from "../../policy/evaluate.js";
import type { PolicyType } from "../../refusal/kinds.js";
import type { AuthorizationLeg } from "../../resolve/legs.js";
import { capital, list, policyName, thePolicy } from "./words.js";

/** Why a role's ARN may be wrong that was taken from a session's. */
export const PATH_UNSEEN = "a session's ARN does not show the role's path, and another path would change the verdict";

/** Why the policies come to their verdict, in one sentence or two. */
export function policyVerdictWords(verdict: BareVerdict): string {
  const assumed = verdict.assumedPrincipalArn
    ? ` This takes the role to be ${verdict.assumedPrincipalArn}: ${PATH_UNSEEN}.`
    : "";
  return `${sentence(verdict)}${assumed}${notEvaluatedWords(verdict)}`;
}

function sentence(verdict: BareVerdict): string {
  const { decidedBy, leg } = verdict;
  if (verdict.verdict === "unknown") return unknownWords(verdict.unknown ?? []);
  if (verdict.verdict === "allowed") {
    return decidedBy ? `Every policy layer allows it; ${statementWords(decidedBy)} does.` : "Nothing denies it.";
  }
  if (!decidedBy) return "A policy blocks it.";
  const also = verdict.alsoBlockedBy ?? [];
  const denying = also.filter(({ denyKind }) => denyKind === "explicit");
  const silent = also.filter(({ denyKind }) => denyKind !== "explicit");
  const more = [
    ...(denying.length > 0 ? [` So ${denying.length > 1 ? "do" : "does"} ${list(denying.map(statementWords))}.`] : []),
    ...silent.map((other) => ` And ${blockerWords(other)} allows it.`),
  ].join("");
  return `${blockedWords(decidedBy, verdict, leg)}${more}`;
}

function blockedWords(
  decidedBy: Decision,
  { conditions = [], nearMisses = [] }: BareVerdict,
  leg: AuthorizationLeg,
): string {
  if (decidedBy.denyKind === "explicit") {
    const why = conditions.map(conditionWords);
    return `${capital(statementWords(decidedBy))} denies it${why.length > 0 ? `: ${list(why)}` : ""}.`;
  }
  const nearest = nearMisses[0];
  const near = nearest ? ` ${capital(statementWords(nearest))} would, ${missWords(nearest)}.` : "";
  return `${capital(blockerWords(decidedBy))} allows ${leg.action} on ${leg.resource}.${near}`;
}

/** `no service control policy at level Workloads`, or the statement that denies. */
export function blockerWords(decision: Decision): string {
  if (decision.denyKind === "explicit") return statementWords(decision);
  return `no ${policyName(decision.policyType)}${atLevel(decision)}`;
}

const atLevel = ({ level }: { level?: string }) => (level === undefined ? "" : ` at level ${level}`);

/** `the service control policy DenyRegions at level Root ($.Statement[0], Sid GRREGIONDENY)` */
export function statementWords(ref: Decision | NearMiss): string {
  const where = [ref.path, ref.sid === undefined ? undefined : `Sid ${ref.sid}`].filter((part) => part !== undefined);
  const name = ref.policyName === undefined ? "" : ` ${ref.policyName}`;
  return `the ${policyName(ref.policyType)}${name}${atLevel(ref)}${where.length > 0 ? ` (${where.join(", ")})` : ""}`;
}

function conditionWords({ key, operator, policyValues, requestValues }: ConditionReport): string {
  const is = requestValues === null ? "is absent" : requestValues ? `is ${list(requestValues)}` : "is not known";
  return `${key} ${is} (${operator} ${policyValues.join(", ")})`;
}

function missWords({ but, conditions = [] }: NearMiss): string {
  switch (but) {
    case "resource-region":
      return "but for the Region in its Resource";
    case "resource-account":
      return "but for the account in its Resource";
    case "resource":
      return "but for its Resource";
    case "action":
      return "but for its Action";
    case "condition":
      return `but for its Condition: ${list(conditions.map(conditionWords))}`;
  }
}

function unknownWords(unknown: readonly Unknown[]): string {
  const why = [...new Set(unknown.map(reasonWords))];
  const [first, ...others] = why;
  return first === undefined ? "Unknown." : `Unknown: ${[first, ...others.map(capital)].join(". ")}.`;
}

/** What is missing, without a full stop. */
function reasonWords(reason: Unknown): string {
  const { why, keys = [], effect, policyType, policyName: name } = reason;
  if (why === "not-given") return `${policyNames(policyType)} weren't provided`;
  if (why === "not-evaluated") return `${policyNames(policyType)} aren't evaluated, and they may deny this action`;
  const statement = `${effect ? `the ${effect} in ` : ""}${statementWords(reason)}`;
  if (why === "not-understood") {
    const what = name === undefined ? thePolicy({ type: policyType }) : statement;
    return `AWS would reject ${what}, or interpret it differently than intended`;
  }
  const values = keys.length > 1 ? "whose values are unknown" : "whose value is unknown";
  switch (why) {
    case "unknown-context":
      return `${statement} depends on ${list(keys)}, ${values}`;
    case "role-path":
      return `${statement} depends on the path of the caller's role, which is unknown`;
    case "value-with-wildcard":
      return `${statement} uses ${list(keys)} as a variable, and AWS doesn't document the result for a value that contains a wildcard or isn't a single value`;
    case "unknown-principal":
      return `the caller may or may not be a principal of ${statement}`;
    case "undocumented":
      return keys.length > 0
        ? `${statement} depends on ${list(keys)}, and AWS doesn't document the result for its value in this request`
        : `${statement} may or may not apply, because AWS doesn't document how it is evaluated`;
  }
}

/** `permissions boundaries` */
const policyNames = (type: PolicyType) => policyName(type).replace(/y$/, "ies");

/** Policies that were provided and that don't affect the verdict. */
function notEvaluatedWords({ notEvaluated }: BareVerdict): string {
  const [policies] = notEvaluated ?? [];
  if (policies === undefined) return "";
  const { policyType, asOf } = policies;
  return ` The ${policyNames(policyType)} weren't evaluated, because they don't cover Amazon Bedrock (as of ${asOf}).`;
}
