import type { PolicyType } from "../../authorization.js";
import type { CompiledPolicy, PolicyLayer } from "../evaluation/layers.js";

/**
 * The maximum number of characters in a policy document, as of November 2026 (IAM User Guide, "IAM and AWS STS quotas";
 * AWS Organizations User Guide, "Quotas for AWS Organizations"; AWS PrivateLink Guide, "AWS PrivateLink quotas"; AWS
 * announcement of May 15, 2026: service control policies may have 10,240 characters).
 */
const SIZE_QUOTAS: Record<Exclude<PolicyType, "identity-based-policy">, number> = {
  "service-control-policy": 10_240,
  "resource-control-policy": 5_120,
  "permissions-boundary": 6_144,
  "session-policy": 2_048,
  "vpc-endpoint-policy": 20_480,
  "resource-based-policy": 20_480,
};
const MANAGED_POLICY = 6_144;
/** The maximum total size of all inline policies of one user or one role, in characters. */
const INLINE_POLICIES = { user: 2_048, role: 10_240 };

/** IAM doesn't count white space. Other services count it, unless a console removes it (same pages). */
const COUNTS_WHITE_SPACE: ReadonlySet<PolicyType> = new Set<PolicyType>([
  "service-control-policy",
  "resource-control-policy",
  "session-policy",
  "vpc-endpoint-policy",
  "resource-based-policy",
]);

/** The size of a document after an edit, and the quota that it may exceed, in characters. */
export interface SizeWarning {
  characters: number;
  quota: number;
  /** What is counted: the document with an indentation of two spaces, or all policies of the caller without an ARN. */
  counted: "indented-document" | "inline-policies";
}

/** A document after an edit, and the policy that contains it. */
export interface EditedDocument {
  type: PolicyType;
  policy: CompiledPolicy;
  json: unknown;
  /** The other policies of the layer. */
  others: readonly CompiledPolicy[];
  isUser: boolean;
}

const sizeOf = (json: unknown): number => JSON.stringify(json).length;
const isManaged = ({ arn }: Pick<CompiledPolicy, "arn">) => arn !== undefined && /^arn:[^:]+:iam::/.test(arn);

/**
 * Checks an edited document against its quota. Returns `exceeds` if it's too long, or a warning if that depends on how
 * it's saved.
 */
export function checkSize({ type, policy, json, others, isUser }: EditedDocument): "exceeds" | SizeWarning | undefined {
  const characters = sizeOf(json);
  if (isManaged(policy)) return characters > MANAGED_POLICY ? "exceeds" : undefined;
  if (type === "identity-based-policy") {
    const quota = isUser ? INLINE_POLICIES.user : INLINE_POLICIES.role;
    // Without an ARN, the policy may be an inline policy of the caller, one of a user's group, or a managed policy.
    if (characters > Math.max(quota, MANAGED_POLICY)) return "exceeds";
    const inline = others.filter((other) => !isManaged(other)).map(({ document }) => sizeOf(document.json));
    const all = inline.reduce((sum, size) => sum + size, characters);
    return all > quota ? { characters: all, quota, counted: "inline-policies" } : undefined;
  }
  const quota = SIZE_QUOTAS[type];
  if (characters > quota) return "exceeds";
  const indented = JSON.stringify(json, null, 2).length;
  return COUNTS_WHITE_SPACE.has(type) && indented > quota
    ? { characters: indented, quota, counted: "indented-document" }
    : undefined;
}

/** The owner of a policy that the reader can't edit. Only the owner can edit its document. */
export type ForeignOwner = "aws" | "control-tower";

/**
 * AWS managed policies belong to AWS (IAM User Guide, "AWS managed policies"). This includes `FullAWSAccess` of AWS
 * Organizations. AWS Control Tower repairs its own service control policies, which are called `aws-guardrails-…` (AWS
 * Control Tower User Guide, "Types of drift").
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

/** Returns the policies of a layer that the reader can edit. */
export const editableIn = ({ type, policies }: PolicyLayer): CompiledPolicy[] =>
  policies.filter((policy) => foreignOwnerOf(type, policy) === undefined);
