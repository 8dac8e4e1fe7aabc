import { parseArn } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import type { CallFacts, CallNeeds, CallPlace, S3Place } from "./call-facts.js";

// Amazon S3 and AWS KMS evaluate these requests, which Amazon Bedrock makes on the caller's behalf. A bucket's name
// doesn't contain its Region, so only the result of the caller's own policies for the resource is certain.

const ALL_KEYS = ["*"];

/**
 * The legs for reading objects that the content refers to (Amazon Bedrock User Guide, "Configure access to Amazon S3
 * buckets").
 */
export function s3ObjectNeeds(objects: readonly S3Place[], place: CallPlace): CallNeeds {
  if (objects.length === 0) return { legs: [], leftOut: [] };
  const legs = objects.flatMap(({ uri }) => {
    const path = pathOf(uri);
    return path?.includes("/") && !path.endsWith("/") ? [s3Leg("s3:GetObject", path, place)] : [];
  });
  return { legs, leftOut: othersBucket(objects, place) };
}

/** The legs for writing the output of an asynchronous invocation, and for encrypting it with an AWS KMS key. */
export function outputNeeds(output: CallFacts["output"], place: CallPlace): CallNeeds {
  if (output === undefined) return { legs: [], leftOut: ["s3"] };
  const path = pathOf(output.uri)?.replace(/\/$/, "");
  const legs = path === undefined ? [] : [s3Leg("s3:PutObject", `${path}/*`, place)];
  const { kmsKeyId } = output;
  if (kmsKeyId === undefined) return { legs, leftOut: othersBucket([output], place) };
  return {
    legs: [...legs, ...kmsLegs(kmsKeyId)],
    leftOut: [...othersBucket([output], place), "kms"],
  };
}

const s3Leg = (action: string, path: string, { partition, sourceRegion: region }: CallPlace): AuthorizationLeg => ({
  stage: "s3",
  action,
  resource: `arn:${partition}:s3:::${path}`,
  region,
  unknownKeys: ALL_KEYS,
});

/**
 * Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys". An alias doesn't show which key it refers to.
 */
function kmsLegs(keyId: string): AuthorizationLeg[] {
  const arn = parseArn(keyId);
  if (arn?.service !== "kms" || !arn.resource.startsWith("key/")) return [];
  return [{ stage: "kms", action: "kms:GenerateDataKey", resource: keyId, region: arn.region, unknownKeys: ALL_KEYS }];
}

function othersBucket(places: readonly S3Place[], { accountId }: CallPlace): CallNeeds["leftOut"] {
  const isOthers = places.some(({ bucketOwner }) => bucketOwner !== undefined && bucketOwner !== accountId);
  return isOthers ? ["s3", "other-account"] : ["s3"];
}

/**
 * Returns `bucket/key` of an `s3://` URI (Amazon Bedrock API Reference, "S3Location"), or undefined if it has another
 * form.
 */
const pathOf = (uri: string): string | undefined =>
  /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/.*)?)$/s.exec(uri)?.[1];
