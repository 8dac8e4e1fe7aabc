import type { PolicyType } from "../authorization.js";
import type { RemedyActor } from "../diagnosis.js";

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
