import type { PolicyType } from "../refusal/kinds.js";
import type { CompiledPolicy, Layer } from "./layers.js";

/**
 * How many characters a policy document may have, as of November 2026 (IAM User Guide, "IAM and AWS STS quotas"; AWS
 * PrivateLink Guide, "AWS PrivateLink quotas"; AWS announcement of May 15, 2026: service control policies may have 10,240
 * characters). White space outside of strings doesn't count here: IAM and the Organizations console don't count it.
 */
const MOST_CHARACTERS: Record<PolicyType, number> = {
  "service-control-policy": 10_240,
  "resource-control-policy": 5_120,
  // All inline policies of a role together; a managed policy has its own quota.
  "identity-based-policy": 10_240,
  "permissions-boundary": 6_144,
  "session-policy": 2_048,
  "vpc-endpoint-policy": 20_480,
  "resource-based-policy": 20_480,
};

const MANAGED_POLICY = 6_144;

/** Whether an edited document is within its quota. */
export function fitsQuota(type: PolicyType, { arn }: Pick<CompiledPolicy, "arn">, json: unknown): boolean {
  const isManaged = arn !== undefined && /^arn:[^:]+:iam::/.test(arn);
  return JSON.stringify(json).length <= (isManaged ? MANAGED_POLICY : MOST_CHARACTERS[type]);
}

/** Whose policy it is, if it isn't the reader's: nobody but them can edit its document. */
export type ForeignOwner = "aws" | "control-tower";

/**
 * AWS managed policies belong to AWS (IAM User Guide, "AWS managed policies"), also `FullAWSAccess` of AWS Organizations.
 * AWS Control Tower repairs its own service control policies, named `aws-guardrails-…` (AWS Control Tower User Guide,
 * "Types of drift").
 */
export function foreignOwnerOf(
  type: PolicyType,
  { arn, name }: { arn?: string; name?: string },
): ForeignOwner | undefined {
  if (arn !== undefined && /^arn:[^:]+:(iam|organizations)::aws:policy\//.test(arn)) return "aws";
  if (type !== "service-control-policy" || name === undefined) return undefined;
  if (name === "FullAWSAccess") return "aws";
  return name.startsWith("aws-guardrails-") ? "control-tower" : undefined;
}

/** The policies of a layer that may be edited. */
export const editableIn = ({ type, policies }: Layer): CompiledPolicy[] =>
  policies.filter((policy) => foreignOwnerOf(type, policy) === undefined);
