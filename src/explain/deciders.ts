import { lastSegment, parseArn } from "../arn.js";
import { INVOKE_ACTIONS, isModelLeg, type PolicyType } from "../authorization.js";
import type { BareVerdict, Conclusion, DecidingPolicy, RemedyActor } from "../diagnosis.js";

/** Who can change a policy of this type. A session policy is passed by the principal that assumes the role. */
export const OWNER: Record<PolicyType, RemedyActor> = {
  "service-control-policy": "organization-administrator",
  "resource-control-policy": "organization-administrator",
  "identity-based-policy": "account-administrator",
  "permissions-boundary": "account-administrator",
  "session-policy": "application-developer",
  "vpc-endpoint-policy": "account-administrator",
  "resource-based-policy": "account-administrator",
};

/** Whether AWS attached this policy because it found an access key in public. */
export const isQuarantine = ({ arn }: Pick<DecidingPolicy, "arn">): boolean =>
  arn?.includes("AWSCompromisedKeyQuarantine") === true;

/** A policy, and the blocked legs that it decides. */
export interface Decider {
  /** Undefined if no source could determine it. */
  policy: DecidingPolicy | undefined;
  blocked: BareVerdict[];
}

/** Whether AWS denied something other than the model: another action, or what the call needs in addition. */
export function isOfAnotherAction({ action, legs, refusal }: Conclusion): boolean {
  if (!refusal?.raw || action === undefined) return false;
  const denied = legs.find(({ evidence }) => evidence.includes("message"));
  if (denied !== undefined) return !isModelLeg(denied.leg);
  const ofModel = legs.filter(({ leg }) => isModelLeg(leg));
  return ofModel.length > 0 ? !ofModel.some(({ leg }) => leg.action === action) : !INVOKE_ACTIONS.includes(action);
}

/**
 * Whether AWS denied a foundation model, which has no resource-based policy, and the call isn't through an inference
 * profile of another account, which may have one.
 */
export function isModelOnly({ refusal, legs, principal }: Pick<Conclusion, "refusal" | "legs" | "principal">): boolean {
  if (!parseArn(refusal?.resource ?? "")?.resource.startsWith("foundation-model/")) return false;
  const profile = legs.find(({ leg }) => leg.stage === "profile")?.leg.resource ?? "";
  const owner = parseArn(profile)?.accountId;
  return principal?.accountId === undefined || owner === undefined || owner === principal.accountId;
}

/**
 * Returns which policy blocks which legs. For the leg in AWS's message, it is the policy in the message. For the
 * others, it is the policy that the sources determined. If there is more than one policy, each of them must be fixed.
 */
export function decidersOf({ legs, policy }: Pick<Conclusion, "legs" | "policy">): [Decider, ...Decider[]] {
  const deciders: Decider[] = [];
  for (const verdict of legs) {
    if (verdict.verdict !== "blocked") continue;
    const decided = verdict.evidence.includes("message") ? policy : policyIn(verdict);
    const known = deciders.find((other) => isSame(other.policy, decided));
    if (known) known.blocked.push(verdict);
    else deciders.push({ policy: decided, blocked: [verdict] });
  }
  const [first = { policy, blocked: [] }, ...others] = deciders;
  return [first, ...others];
}

/** Whether two policies are the same, by ARN. If one of them has no ARN, by name. */
function isSame(one: DecidingPolicy | undefined, other: DecidingPolicy | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.type !== other.type || one.denyKind !== other.denyKind) return false;
  if (one.denyKind === "implicit") return one.level === other.level || !one.level || !other.level;
  return one.arn !== undefined && other.arn !== undefined ? one.arn === other.arn : one.name === other.name;
}

function policyIn({ decidedBy }: BareVerdict): DecidingPolicy | undefined {
  if (decidedBy === undefined) return undefined;
  const { policyType: type, denyKind, policyName, policyArn, level } = decidedBy;
  return {
    type,
    ...(denyKind === undefined ? {} : { denyKind }),
    ...(policyName === undefined ? {} : { name: policyName }),
    ...(policyArn === undefined ? {} : { arn: policyArn, id: lastSegment(policyArn) }),
    ...(level === undefined ? {} : { level }),
  };
}
