import type { LintCode } from "../../policy/lint/lint.js";
import type { WriteLintText } from "./lint-sentence.js";
import { list } from "./phrases.js";

type AllowCode = Extract<
  LintCode,
  | "profile-condition-on-profile"
  | "unspecified-on-profile"
  | "profile-not-allowed"
  | "models-not-allowed"
  | "destination-not-allowed"
  | "region-condition-on-destinations"
>;

const UNSPECIFIED = "unspecified";

/** The Region of a model's ARN: `unspecified` if it has none. */
const regionIn = (arn: string) => arn.split(":")[3] || UNSPECIFIED;

/** The sentences about Allow statements. */
export const LINT_ALLOW_SENTENCES: Record<AllowCode, WriteLintText> = {
  "profile-condition-on-profile": ({ partition }) => ({
    why: "bedrock:InferenceProfileArn is absent when AWS evaluates the inference profile itself, so this statement never allows the profile.",
    instead: `Allow the profile in a statement of its own, without this condition: {"Effect": "Allow", "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"], "Resource": "arn:${partition}:bedrock:*:*:inference-profile/*"}. Keep the condition for the models.`,
  }),
  "unspecified-on-profile": ({ values }) => ({
    why: `AWS evaluates ${list(values)} in the source Region. aws:RequestedRegion is "unspecified" only for the model without a Region, so this statement never allows the profile.`,
    instead: `Write the source Region in the statement about the profile, such as "StringEquals": {"aws:RequestedRegion": "us-east-1"}. Keep "unspecified" for the ARN of the model without a Region.`,
  }),
  "profile-not-allowed": ({ values: [action, ...models], severity, partition }) => ({
    why: `This policy allows ${action} on models (${list(models)}), but it doesn't allow any inference profile. ${severity === "info" ? "Direct calls are allowed. " : ""}Unless another policy allows the profile, calls through it are denied.`,
    instead: `If you call the models through a profile, add "arn:${partition}:bedrock:*:*:inference-profile/*" in a statement without a condition on bedrock:InferenceProfileArn, or the ARN of one profile.`,
  }),
  "models-not-allowed": ({ values: [action, ...profiles], partition }) => ({
    why: `This policy allows ${action} on inference profiles (${list(profiles)}), but it doesn't allow any foundation model. A call through a profile needs both. Unless another policy allows the models, it is denied.`,
    instead: `Add "arn:${partition}:bedrock:*::foundation-model/*" to the Resource list, or the ARN of the model in the source Region and in each destination Region.`,
  }),
  "destination-not-allowed": ({ values: [prefix, source, ...models] }) => ({
    why: `This policy allows ${prefix}. profiles and their models in ${source}, but it doesn't allow ${inRegions(models.map(regionIn))}. Unless another policy allows ${models.length === 1 ? "it" : "them"}, the whole call fails.`,
    instead: `Add ${list(models.map((arn) => `"${arn}"`))} to the Resource list.`,
  }),
  "region-condition-on-destinations": ({ values: [prefix, source, ...regions] }) => ({
    why: `This condition allows ${prefix}. profiles to be called from ${source}, but it doesn't allow ${inRegions(regions)}. AWS evaluates each of these with its own aws:RequestedRegion.`,
    instead: `Add ${list(regions.map((region) => `"${region}"`))} to the values of aws:RequestedRegion. Or remove the condition, and list the ARNs of the models in the Regions that you want to allow.`,
  }),
};

/** `the models in us-east-2 and us-west-2`, `the model without a Region` */
function inRegions(regions: readonly string[]): string {
  if (regions.includes(UNSPECIFIED)) return 'the model without a Region ("unspecified") that global routing uses';
  return regions.length === 1
    ? `the model in ${list(regions)}, a destination Region`
    : `the models in ${list(regions)}, which are destination Regions`;
}
