import { parseArn } from "../arn.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import { type ContextValue, PRESENT } from "./context.js";

/** Bedrock ARNs of these types don't contain the caller's account (Service Authorization Reference, "Amazon Bedrock"). */
const WITHOUT_ACCOUNT = /^(?:foundation-model|system-tool)\//;

/** What `authorizationLegs` writes if it isn't given an account ID. */
const PLACEHOLDER = "<account-id>";

/** The ARN with the caller's account, if it doesn't contain the account that its resource type always has. */
function withAccount(arn: string, accountId: string): string {
  if (arn.includes(PLACEHOLDER)) return arn.replaceAll(PLACEHOLDER, accountId);
  const found = /^(arn:[^:]*:bedrock:[^:]*:):(.+)$/s.exec(arn);
  return found && !WITHOUT_ACCOUNT.test(found[2] ?? "") ? `${found[1]}${accountId}:${found[2]}` : arn;
}

/** The leg with the caller's account in its ARNs. The same object if nothing is missing, or if the account is unknown. */
export function legOfAccount(leg: AuthorizationLeg, accountId: string | undefined): AuthorizationLeg {
  if (accountId === undefined) return leg;
  const resource = withAccount(leg.resource, accountId);
  const { inferenceProfileArn } = leg;
  const profileArn = inferenceProfileArn === undefined ? undefined : withAccount(inferenceProfileArn, accountId);
  if (resource === leg.resource && profileArn === inferenceProfileArn) return leg;
  return { ...leg, resource, ...(profileArn === undefined ? {} : { inferenceProfileArn: profileArn }) };
}

const isAccount = (text: string | undefined): text is string => text !== undefined && /^\d{12}$/.test(text);

/**
 * `aws:ResourceAccount`: always in the request context, but AWS doesn't document the account of a foundation model or of
 * another resource whose ARN has none (IAM User Guide, "AWS global condition context keys").
 */
export function resourceAccountOf(resource: string): ContextValue {
  const accountId = parseArn(resource)?.accountId;
  if (isAccount(accountId)) return [accountId];
  return accountId === undefined ? undefined : PRESENT;
}

/** Whether a resource-based policy has to allow a request as well. */
export type ResourcePolicyNeed =
  /** It must allow, and this type of resource can't have one. */
  | "impossible"
  /** It must allow, and this type of resource can have one. */
  | "required";

/**
 * The resource types of Amazon Bedrock without a resource-based policy: PutResourcePolicy doesn't support them (Service
 * Authorization Reference, "Amazon Bedrock"). For custom models, AWS's pages contradict each other.
 */
const WITHOUT_POLICY: ReadonlySet<string> = new Set([
  "inference-profile",
  "application-inference-profile",
  "provisioned-model",
  "custom-model-deployment",
  "imported-model",
  "prompt",
  "prompt-router",
  "default-prompt-router",
  "marketplace",
  "async-invoke",
  "project",
  "agent",
  "agent-alias",
  "flow",
  "session",
]);

/**
 * Undefined within an account. If the resource belongs to another account, an identity-based policy alone isn't enough
 * (IAM User Guide, "Cross-account policy evaluation logic").
 */
export function resourcePolicyNeed(
  resource: string,
  callerAccount: string | undefined,
): ResourcePolicyNeed | undefined {
  const arn = parseArn(resource);
  if (!isAccount(arn?.accountId) || callerAccount === undefined || arn?.accountId === callerAccount) return undefined;
  const [type = ""] = arn?.resource.split("/") ?? [];
  return arn?.service === "bedrock" && WITHOUT_POLICY.has(type) ? "impossible" : "required";
}
