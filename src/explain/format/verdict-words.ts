import type { BareVerdict } from "../../diagnose/evidence.js";
import type { ConditionReport, Decision, NearMiss, Unknown } from "../../policy/evaluate.js";
import type { AuthorizationLeg } from "../../resolve/legs.js";
import { capital, list, policyName } from "./words.js";

/** Why a role's ARN may be wrong that was taken from a session's. */
export const PATH_UNSEEN = "a session's ARN does not show the role's path, and another path would change the verdict";

/** Why the policies come to their verdict, in one sentence or two. */
export function policyVerdictWords(verdict: BareVerdict): string {
  const assumed = verdict.assumedPrincipalArn
    ? ` This takes the role to be ${verdict.assumedPrincipalArn}: ${PATH_UNSEEN}.`
    : "";
  return `${sentence(verdict)}${assumed}`;
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
  const why = unknown.map((reason) => {
    if (reason.why === "not-given") return `the ${policyName(reason.policyType)} documents were not given`;
    const statement = `${reason.effect ? `the ${reason.effect} in ` : ""}${statementWords(reason)}`;
    if (reason.why === "not-understood") return `${statement} is not understood`;
    return reason.keys?.length
      ? `${statement} depends on ${list(reason.keys)}, which is not known`
      : `${statement} may or may not apply`;
  });
  return why.length > 0 ? `Not known: ${list(why)}.` : "Not known.";
}
