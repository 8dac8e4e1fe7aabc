import { lastSegment } from "../arn.js";
import { defined } from "../defined.js";
import type { BareVerdict, Conclusion, DecidingPolicy } from "../diagnosis.js";

/** A policy, and the blocked legs that it decides. */
export interface Decider {
  /** Undefined if no source could determine it. */
  policy: DecidingPolicy | undefined;
  blocked: BareVerdict[];
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
  const id = policyArn === undefined ? undefined : lastSegment(policyArn);
  return { type, ...defined({ denyKind, name: policyName, arn: policyArn, id, level }) };
}
