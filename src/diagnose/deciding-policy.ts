import { lastSegment } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import type { BareVerdict, DecidingPolicy } from "../diagnosis.js";
import type { Decision } from "../policy/evaluation/evaluate.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { isWithoutMessage, type Question } from "./question.js";

/**
 * Returns the policy that AWS reports, and the statement if the provided policies show it. Without an error message,
 * returns what the policies alone show.
 */
export function decidingPolicy(
  question: Question,
  blocked: readonly BareVerdict[],
  deniedLeg: AuthorizationLeg | undefined,
): DecidingPolicy | undefined {
  // Of several blocked legs, only the one that AWS identified belongs to the denial. Without a denial, the policy must
  // decide on all of them.
  const shownBy = isWithoutMessage(question) ? alike(blocked) : blocked.find(({ leg }) => leg === deniedLeg);
  const { decidedBy, alsoBlockedBy = [] } = shownBy ?? {};
  const reported = reportedPolicy(question.refusal);
  const decisions = decidedBy ? [decidedBy, ...alsoBlockedBy] : [];
  const shown = decisions.find((decision) => reported === undefined || isReported(decision, reported));
  return shown === undefined ? reported : { ...policyOf(shown), ...reported, ...statementOf(shown) };
}

/** Returns one of the legs, if the same policy decides on all of them. */
function alike([first, ...others]: readonly BareVerdict[]): BareVerdict | undefined {
  const nameOf = ({ decidedBy }: BareVerdict) =>
    JSON.stringify([decidedBy?.policyType, decidedBy?.denyKind, decidedBy?.policyName, decidedBy?.level]);
  return first && others.every((other) => nameOf(other) === nameOf(first)) ? first : undefined;
}

/** A provided policy is the one that AWS identified by ARN only if it has that ARN. */
function isReported({ policyType, denyKind, policyArn }: Decision, reported: DecidingPolicy): boolean {
  const isSame = reported.arn === undefined || policyArn === reported.arn;
  return policyType === reported.type && isSame && (reported.denyKind === undefined || reported.denyKind === denyKind);
}

function reportedPolicy(refusal: ParsedRefusal | undefined): DecidingPolicy | undefined {
  const { policyType: type, policyArn: arn, denyKind } = refusal ?? {};
  if (type === undefined) return undefined;
  const id = (arn && lastSegment(arn)) || undefined;
  return { type, ...defined({ arn, id, denyKind }) };
}

const policyOf = ({ policyType: type, policyArn: arn, denyKind }: Decision): DecidingPolicy => ({
  type,
  ...defined({ arn, denyKind }),
});

function statementOf({ policyName: name, level, statementIndex: index, sid, path }: Decision): Partial<DecidingPolicy> {
  const isKnown = index !== undefined && path !== undefined;
  return defined({ name, level, statement: isKnown ? { index, path, ...defined({ sid }) } : undefined });
}
