import type { AuthorizationLeg, PolicyType } from "../../authorization.js";
import type { BareVerdict } from "../../diagnosis.js";
import type { ConditionReport, Decision, NearMiss, Unknown } from "../../policy/evaluation/evaluate.js";
import { capital, list, policyName, thePolicy } from "./phrases.js";

/** Why the ARN of a role might be wrong if it was derived from the ARN of a session. */
export const PATH_UNSEEN =
  "The session's ARN doesn't contain the role's path, and another path would change the verdict";

/** Returns why the policies lead to their verdict, in one or two sentences. */
export function policyVerdictText(verdict: BareVerdict): string {
  const assumed = verdict.assumedPrincipalArn
    ? ` This assumes that the role is ${verdict.assumedPrincipalArn}. ${PATH_UNSEEN}.`
    : "";
  return `${sentence(verdict)}${assumed}${notEvaluatedText(verdict)}`;
}

function sentence(verdict: BareVerdict): string {
  const { decidedBy, leg } = verdict;
  if (verdict.verdict === "unknown") return unknownText(verdict.unknown ?? []);
  if (verdict.verdict === "allowed") {
    return decidedBy
      ? `Allowed by every policy type. Matching statement: ${statementText(decidedBy)}.`
      : "No policy denies it.";
  }
  if (!decidedBy) return "A policy blocks it.";
  const also = verdict.alsoBlockedBy ?? [];
  const denying = also.filter(({ denyKind }) => denyKind === "explicit");
  const silent = also.filter(({ denyKind }) => denyKind !== "explicit");
  const more = [
    ...(denying.length > 0 ? [` Also denied by ${list(denying.map(statementText))}.`] : []),
    ...silent.map((other) => ` Also, ${blockerText(other)} allows it.`),
  ].join("");
  return `${blockedText(decidedBy, verdict, leg)}${more}`;
}

function blockedText(
  decidedBy: Decision,
  { conditions = [], nearMisses = [] }: BareVerdict,
  leg: AuthorizationLeg,
): string {
  if (decidedBy.denyKind === "explicit") {
    const why = conditions.map(conditionSentence);
    return `${capital(statementText(decidedBy))} denies it${why.length > 0 ? `: ${list(why)}` : ""}.`;
  }
  const nearest = nearMisses[0];
  const near = nearest ? ` ${capital(statementText(nearest))} almost matches, ${missText(nearest)}.` : "";
  return `${capital(blockerText(decidedBy))} allows ${leg.action} on ${leg.resource}.${near}`;
}

/** Returns `no service control policy at level Workloads`, or the statement that denies. */
export function blockerText(decision: Decision): string {
  if (decision.denyKind === "explicit") return statementText(decision);
  return `no ${policyName(decision.policyType)}${atLevel(decision)}`;
}

const atLevel = ({ level }: { level?: string }) => (level === undefined ? "" : ` at level ${level}`);

/** `the service control policy DenyRegions at level Root ($.Statement[0], Sid GRREGIONDENY)` */
export function statementText(ref: Decision | NearMiss): string {
  const where = [ref.path, ref.sid === undefined ? undefined : `Sid ${ref.sid}`].filter((part) => part !== undefined);
  const name = ref.policyName === undefined ? "" : ` ${ref.policyName}`;
  return `the ${policyName(ref.policyType)}${name}${atLevel(ref)}${where.length > 0 ? ` (${where.join(", ")})` : ""}`;
}

function conditionSentence({ key, operator, policyValues, requestValues }: ConditionReport): string {
  const is = requestValues === null ? "is absent" : requestValues ? `is ${list(requestValues)}` : "is unknown";
  return `${key} ${is} (${operator} ${policyValues.join(", ")})`;
}

function missText({ but, conditions = [] }: NearMiss): string {
  switch (but) {
    case "resource-region":
      return "except for the Region in its Resource";
    case "resource-account":
      return "except for the account in its Resource";
    case "resource":
      return "except for its Resource";
    case "action":
      return "except for its Action";
    case "condition":
      return `except for its Condition: ${list(conditions.map(conditionSentence))}`;
  }
}

function unknownText(unknown: readonly Unknown[]): string {
  const why = [...new Set(unknown.map(reasonText))];
  const [first, ...others] = why;
  return first === undefined ? "Unknown." : `Unknown: ${[first, ...others.map(capital)].join(". ")}.`;
}

/** Returns what is missing, without a period. */
function reasonText(reason: Unknown): string {
  const { why, keys = [], effect, policyType, policyName: name } = reason;
  if (why === "not-provided") return `${policyNames(policyType)} weren't provided`;
  if (why === "not-evaluated") return `${policyNames(policyType)} aren't evaluated, and they might deny this action`;
  const statement = `${effect ? `the ${effect} in ` : ""}${statementText(reason)}`;
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
      return `it is unknown whether the caller is a principal of ${statement}`;
    case "undocumented":
      return keys.length > 0
        ? `${statement} depends on ${list(keys)}, and AWS doesn't document the result for its value in this request`
        : `it is unknown whether ${statement} applies, because AWS doesn't document how it is evaluated`;
  }
}

/** `permissions boundaries` */
const policyNames = (type: PolicyType) => policyName(type).replace(/y$/, "ies");

/** Returns the policies that were provided and that don't affect the verdict. */
function notEvaluatedText({ notEvaluated }: BareVerdict): string {
  const [policies] = notEvaluated ?? [];
  if (policies === undefined) return "";
  const { policyType, asOf } = policies;
  return ` The ${policyNames(policyType)} weren't evaluated, because they don't cover Amazon Bedrock (as of ${asOf}).`;
}
