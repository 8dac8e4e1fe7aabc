import type { AuthorizationLeg } from "./legs.js";

/** What a call contains that is authorized in addition to its model. No prompt, no body. */
export interface CallFacts {
  /** The guardrail that the request includes. */
  guardrail?: { identifier: string; version?: string };
  serviceTier?: string;
  /** The names in `toolConfig.tools[].systemTool`. */
  systemTools?: string[];
  /** Objects in Amazon S3 that the content refers to. */
  s3Objects?: S3Place[];
  /** Where an asynchronous invocation writes its output. */
  output?: S3Place & { kmsKeyId?: string };
  tags?: { key: string; value: string }[];
  /** The invocation that GetAsyncInvoke reads. */
  invocationArn?: string;
  /** True if this is only a part of the input. What it doesn't set may be set all the same. */
  isPartial?: boolean;
  /** Present if parts of the request can't be read, or may refer to more than was looked at. */
  unread?: ("body" | "guardrail" | "service-tier" | "tags")[];
}

/** A place in Amazon S3, as the request has it. */
export interface S3Place {
  uri: string;
  /** The account that owns the bucket, if the request names it. */
  bucketOwner?: string;
}

/** What the application states about its guardrails. */
export interface GuardrailStatement {
  /** The ARNs of the guardrails that the account or the organization enforces. An empty list states that none is. */
  enforcedGuardrails?: readonly string[] | undefined;
  /**
   * The ARNs of the guardrail profile in all destination Regions, by the ID or ARN of the guardrail. An empty list states
   * that the guardrail doesn't use cross-Region inference.
   */
  guardrailProfiles?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * What a call is authorized on that wasn't checked.
 *
 * - `guardrail`: the identifier isn't the ID or ARN of a guardrail in the source Region.
 * - `guardrail-profile`: it isn't known whether the guardrail uses cross-Region inference, and where.
 * - `enforced-guardrails`: it isn't known which guardrails the account or the organization enforces.
 * - `system-tool`: the resource or the Region that is evaluated for a system tool isn't documented.
 * - `s3`: the policies and encryption of the buckets that the call reads or writes.
 * - `kms`: the key policy of the AWS KMS key that encrypts the output, or the key itself.
 * - `model-kms-key`: the AWS KMS key that a custom or imported model may be encrypted with.
 * - `request-body`: the body may refer to objects in Amazon S3 or to system tools.
 * - `prompt`, `prompt-router`, `marketplace-endpoint`: what is behind that resource.
 * - `other-account`: a resource belongs to another account, and no resource-based policy of that account was evaluated.
 * - `api-key`: `bedrock:CallWithBearerToken` of the API key.
 */
export type LeftOut =
  | "guardrail"
  | "guardrail-profile"
  | "enforced-guardrails"
  | "system-tool"
  | "s3"
  | "kms"
  | "model-kms-key"
  | "request-body"
  | "prompt"
  | "prompt-router"
  | "marketplace-endpoint"
  | "other-account"
  | "api-key";

/** What a call needs in addition to its model. */
export interface CallNeeds {
  legs: AuthorizationLeg[];
  leftOut: LeftOut[];
}

/** Where a call is made. */
export interface CallPlace {
  partition: string;
  sourceRegion: string;
  /** The caller's. */
  accountId: string;
}
