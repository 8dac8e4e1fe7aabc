import type { DecidingPolicy } from "../../diagnose/evidence.js";
import type { PolicyType } from "../../refusal/kinds.js";
import type { RemedyActor } from "../diagnosis.js";

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

/** `the service control policy p-ex4mpl31`, or `a service control policy` where AWS did not name it. */
export function thePolicy({ type, id, name: given }: DecidingPolicy): string {
  const [article, name] = POLICY[type];
  const called = id ?? given;
  return called === undefined ? `${article} ${name}` : `the ${name} ${called}`;
}

/** `us-east-1, us-east-2 and us-west-2` */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

export const ACTOR: Record<RemedyActor, string> = {
  "application-developer": "application developer",
  "account-administrator": "account administrator",
  "organization-administrator": "organization administrator",
};
