import type { PolicyType } from "../../authorization.js";
import type { DecidingPolicy, RemedyActor } from "../../diagnosis.js";

const POLICY: Record<PolicyType, [article: string, name: string]> = {
  "service-control-policy": ["a", "service control policy"],
  "resource-control-policy": ["a", "resource control policy"],
  "identity-based-policy": ["an", "identity-based policy"],
  "permissions-boundary": ["a", "permissions boundary"],
  "session-policy": ["a", "session policy"],
  "vpc-endpoint-policy": ["a", "VPC endpoint policy"],
  "resource-based-policy": ["a", "resource-based policy"],
};

/** AWS's name of a policy type: `service control policy`. */
export const policyName = (type: PolicyType): string => POLICY[type][1];

/** `the service control policy RegionDeny (p-ex4mpl31)`, or `a service control policy` if it isn't identified. */
export function thePolicy(policy: DecidingPolicy): string {
  return policyIdentifier(policy) === undefined ? namedPolicy(policy) : `the ${namedPolicy(policy)}`;
}

/** `service control policy RegionDeny (p-ex4mpl31)`, or `a service control policy` if it isn't identified. */
export function namedPolicy(policy: DecidingPolicy): string {
  const [article, name] = POLICY[policy.type];
  const identifier = policyIdentifier(policy);
  return identifier === undefined ? `${article} ${name}` : `${name} ${identifier}`;
}

function policyIdentifier({ id, name }: DecidingPolicy): string | undefined {
  if (name === undefined || id === undefined) return name ?? id;
  return name === id ? id : `${name} (${id})`;
}

/**
 * Returns what a policy does: `no permissions boundary allows it`, `the service control policy RegionDeny denies it
 * explicitly`.
 */
export function decisionText(policy: DecidingPolicy): string {
  if (policy.denyKind === "implicit") return `no ${policyName(policy.type)} allows it`;
  return `${thePolicy(policy)} denies it${policy.denyKind === "explicit" ? " explicitly" : ""}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The longest list in a sentence. There are fewer AWS Regions than this. */
const MOST_LISTED = 50;

/**
 * Returns `us-east-1, us-east-2 and us-west-2`. For a very long list, returns the first items and how many more there
 * are.
 */
export function list(items: readonly string[], conjunction = "and"): string {
  if (items.length > MOST_LISTED + 1) {
    return `${items.slice(0, MOST_LISTED).join(", ")} ${conjunction} ${items.length - MOST_LISTED} more`;
  }
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${conjunction} ${items.at(-1)}`;
}

export const ACTOR: Record<RemedyActor, string> = {
  "application-developer": "application developer",
  "account-administrator": "account administrator",
  "organization-administrator": "AWS Organizations administrator",
};
