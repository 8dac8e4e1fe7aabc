import type { BareVerdict, Conclusion, DecidingPolicy } from "../diagnose/evidence.js";
import type { PolicyType } from "../refusal/kinds.js";
import type { RemedyActor } from "./diagnosis.js";

/** Who can change a policy of this type. A session policy is passed by whoever assumes the role. */
export const OWNER: Record<PolicyType, RemedyActor> = {
  "service-control-policy": "organization-administrator",
  "resource-control-policy": "organization-administrator",
  "identity-based-policy": "account-administrator",
  "permissions-boundary": "account-administrator",
  "session-policy": "application-developer",
  "vpc-endpoint-policy": "account-administrator",
  "resource-based-policy": "account-administrator",
};

/** A policy, and the blocked legs that it decides about. */
export interface Decider {
  /** Undefined where no source tells which policy it is. */
  policy: DecidingPolicy | undefined;
  blocked: BareVerdict[];
}

/**
 * Which policy blocks which legs: the one that AWS named its own leg, the sources' the others. More than one have to be
 * mended, each.
 */
export function decidersOf({ legs, policy }: Conclusion): [Decider, ...Decider[]] {
  const deciders = new Map<string, Decider>();
  for (const verdict of legs) {
    if (verdict.verdict !== "blocked") continue;
    const decided = verdict.evidence.includes("message") ? policy : policyIn(verdict);
    const { type, denyKind, id, name, level } = decided ?? {};
    const key = JSON.stringify([type, denyKind, id ?? name, denyKind === "implicit" ? level : undefined]);
    const known = deciders.get(key);
    if (known) known.blocked.push(verdict);
    else deciders.set(key, { policy: decided, blocked: [verdict] });
  }
  const [first = { policy, blocked: [] }, ...others] = deciders.values();
  return [first, ...others];
}

function policyIn({ decidedBy }: BareVerdict): DecidingPolicy | undefined {
  if (decidedBy === undefined) return undefined;
  const { policyType: type, denyKind, policyName, policyArn, level } = decidedBy;
  return {
    type,
    ...(denyKind === undefined ? {} : { denyKind }),
    ...(policyName === undefined ? {} : { name: policyName }),
    ...(policyArn === undefined ? {} : { arn: policyArn }),
    ...(level === undefined ? {} : { level }),
  };
}
