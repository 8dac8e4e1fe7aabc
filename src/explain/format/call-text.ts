import { lastSegment } from "../../arn.js";
import type { Conclusion } from "../../diagnosis.js";
import type { LeftOut } from "../../resolve/call-facts.js";
import { parseModelId } from "../../resolve/model-id.js";
import { list } from "./phrases.js";

/** Returns the Regions to approve: all that the call needs, not only the one in AWS's message. */
export function regionsOf({ legs, blockedRegions }: Pick<Conclusion, "legs" | "blockedRegions">): string[] {
  const regional = legs.filter(({ leg }) => leg.unknownKeys === undefined && leg.region !== "unspecified");
  const regions = [...new Set(regional.map(({ leg }) => leg.region))];
  return regions.length > 0 ? regions : blockedRegions;
}

/** Returns `the us. inference profiles`, or the application's own profile. */
export function calledProfiles({ legs, modelId }: Conclusion): string {
  const resource = legs.find(({ leg }) => leg.stage === "profile")?.leg.resource ?? modelId;
  const id = lastSegment(resource);
  const reference = parseModelId(id);
  if (resource.includes(":application-inference-profile/")) return `the inference profile ${id}`;
  // A prompt or a router doesn't show which profile the call uses.
  return reference.kind === "inference-profile"
    ? `the ${reference.geography}. inference profiles`
    : "the inference profile of the call";
}

/** Returns where a call is processed, such as `us-east-1 and by global routing`. */
export function regionText(conclusion: Pick<Conclusion, "legs" | "blockedRegions">): string {
  const isGlobal = conclusion.legs.some(({ leg }) => leg.stage === "global-model");
  return `${list(regionsOf(conclusion))}${isGlobal ? " and by global routing" : ""}`;
}

const LEFT_OUT: Record<LeftOut, string> = {
  guardrail: "the guardrail of the request",
  "guardrail-profile": "the guardrail profile of a cross-Region guardrail (guardrailProfiles)",
  "enforced-guardrails": "guardrails that the account or the organization enforces (enforcedGuardrails)",
  "system-tool": "the system tool",
  s3: "the policies and encryption of the Amazon S3 buckets",
  kms: "the key policy of the AWS KMS key",
  "model-kms-key": "the AWS KMS key that the model may be encrypted with",
  "request-body": "Amazon S3 objects or system tools in the request body",
  prompt: "what the prompt contains",
  "prompt-router": "the models of the prompt router",
  "marketplace-endpoint": "the SageMaker AI endpoint",
  "other-account": "the resource-based policy of another account's resource",
  "api-key": "bedrock:CallWithBearerToken of the API key",
};

/** Returns what wasn't checked, each in a few words. A diagnosis from another process may contain other values. */
export const leftOutParts = (leftOut: readonly LeftOut[]): string[] =>
  leftOut.map((each) => (Object.hasOwn(LEFT_OUT, each) ? LEFT_OUT[each] : each));

/** Returns `the following wasn't checked: …`. */
export const leftOutText = (leftOut: readonly LeftOut[]): string =>
  `the following wasn't checked: ${list(leftOutParts(leftOut))}`;
