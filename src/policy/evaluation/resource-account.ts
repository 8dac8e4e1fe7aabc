import { isAccount, parseArn } from "../../arn.js";
import type { AuthorizationLeg } from "../../authorization.js";
import { type ContextValue, PRESENT } from "../language/context.js";

/** The resource of most legs. It never contains an account. */
const MODEL_RESOURCE = "::foundation-model/";

/** A Bedrock ARN without an account, of a type that has one (Service Authorization Reference, "Amazon Bedrock"). */
const WITHOUT_ACCOUNT = /^(arn:[^:]*:bedrock:[^:]*:):(?!system-tool\/)/;

/** The placeholder that `authorizationLegs` uses if no account ID is provided. */
const PLACEHOLDER = "<account-id>";

/**
 * Returns the ARN with the caller's account added, if its resource type always has an account and the ARN doesn't
 * contain one.
 */
function withAccount(arn: string, accountId: string): string {
  // Most ARNs contain an account. Finding the fields one by one is faster than a pattern.
  let account = 0;
  for (let field = 0; field < 4; field++) account = arn.indexOf(":", account) + 1;
  const first = arn[account];
  if ((first !== ":" && first !== "<") || arn.startsWith(MODEL_RESOURCE, account - 1)) return arn;
  return arn.replace(PLACEHOLDER, accountId).replace(WITHOUT_ACCOUNT, `$1${accountId}:`);
}

/**
 * Returns the leg with the caller's account in its ARNs. Returns the same object if nothing is missing, or if the
 * account is unknown.
 */
export function legOfAccount(leg: AuthorizationLeg, accountId: string | undefined): AuthorizationLeg {
  if (accountId === undefined) return leg;
  const resource = withAccount(leg.resource, accountId);
  const { inferenceProfileArn } = leg;
  const profileArn = inferenceProfileArn === undefined ? undefined : withAccount(inferenceProfileArn, accountId);
  if (resource === leg.resource && profileArn === inferenceProfileArn) return leg;
  return { ...leg, resource, ...(profileArn === undefined ? {} : { inferenceProfileArn: profileArn }) };
}

/**
 * Returns `aws:ResourceAccount`. The key is always in the request context, but AWS doesn't document the account of a
 * foundation model or of another resource whose ARN has none (IAM User Guide, "AWS global condition context keys").
 */
export function resourceAccountOf(resource: string): ContextValue {
  const accountId = parseArn(resource)?.accountId;
  if (isAccount(accountId)) return [accountId];
  return accountId === undefined ? undefined : PRESENT;
}

/** Whether a resource-based policy must also allow a request. */
export type ResourcePolicyNeed =
  /** A resource-based policy must allow the request, but this resource type can't have one. */
  | "impossible"
  /** A resource-based policy must allow the request, and this resource type can have one. */
  | "required";

/**
 * The resource types of Amazon Bedrock that can't have a resource-based policy, because PutResourcePolicy doesn't
 * support them (Service Authorization Reference, "Amazon Bedrock"). For custom models, AWS's pages contradict each
 * other.
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
 * Returns undefined if the resource is in the caller's account. If it belongs to another account, an identity-based
 * policy alone isn't enough (IAM User Guide, "Cross-account policy evaluation logic").
 */
export function resourcePolicyNeed(
  resource: string,
  callerAccount: string | undefined,
): ResourcePolicyNeed | undefined {
  if (callerAccount === undefined || resource.includes(MODEL_RESOURCE)) return undefined;
  const arn = parseArn(resource);
  if (!isAccount(arn?.accountId) || arn?.accountId === callerAccount) return undefined;
  const [type = ""] = arn?.resource.split("/") ?? [];
  return arn?.service === "bedrock" && WITHOUT_POLICY.has(type) ? "impossible" : "required";
}
