import type { AuthorizationLeg } from "../authorization.js";

/** The parts of a call that are authorized in addition to its model. Contains no prompt and no body. */
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
  /** True if this is only a part of the input. The call may also set values that aren't included here. */
  isPartial?: boolean;
  /** The parts of the request that can't be read, or that may refer to more than was checked. */
  unread?: ("body" | "guardrail" | "service-tier" | "tags")[];
}

/** A location in Amazon S3, as the request contains it. */
export interface S3Place {
  uri: string;
  /** The account that owns the bucket, if the request contains it. */
  bucketOwner?: string;
}

/** What the application states about its guardrails. */
export interface GuardrailStatement {
  /**
   * The ARNs of the guardrails that the account or the organization enforces. An empty list means that none is
   * enforced.
   */
  enforcedGuardrails?: readonly string[] | undefined;
  /**
   * The ARNs of the guardrail profile in all destination Regions, by the ID or ARN of the guardrail. An empty list
   * means that the guardrail doesn't use cross-Region inference.
   */
  guardrailProfiles?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * An authorization of a call that wasn't checked.
 *
 * - `guardrail`: the identifier isn't the ID or ARN of a guardrail in the source Region.
 * - `guardrail-profile`: it's unknown whether the guardrail uses cross-Region inference, and in which Regions.
 * - `enforced-guardrails`: it's unknown which guardrails the account or the organization enforces.
 * - `system-tool`: the resource or the Region that is evaluated for a system tool isn't documented.
 * - `s3`: the policies and encryption of the buckets that the call reads or writes.
 * - `kms`: the key policy of the AWS KMS key that encrypts the output, or the key itself.
 * - `model-kms-key`: the AWS KMS key that a custom or imported model may be encrypted with.
 * - `request-body`: the body may refer to objects in Amazon S3 or to system tools.
 * - `prompt`, `prompt-router`, `marketplace-endpoint`: the resources that this resource uses.
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

/** The authorizations that a call needs in addition to those of its model. */
export interface CallNeeds {
  legs: AuthorizationLeg[];
  leftOut: LeftOut[];
}

/** The Region and account of a call. */
export interface CallPlace {
  partition: string;
  sourceRegion: string;
  /** The caller's account. */
  accountId: string;
}
