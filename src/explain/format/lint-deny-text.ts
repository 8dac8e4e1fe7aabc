import type { LintCode } from "../../policy/lint/lint.js";
import type { WriteLintText } from "./lint-sentence.js";
import { list } from "./phrases.js";

type DenyCode = Extract<
  LintCode,
  | "region-deny-cuts-destinations"
  | "unspecified-not-approved"
  | "deny-list-leaves-regions-open"
  | "exempts-all-of-bedrock"
  | "exempts-direct-calls"
  | "exempt-invoke-not-denied-again"
  | "global-services-denied"
  | "mantle-left-open"
  | "negated-condition-denies-profiles"
  | "exempts-any-profile"
  | "exemption-covers-models-only"
  | "exemption-matches-nothing"
  | "exemption-of-one-profile"
  | "application-profiles-not-exempt"
  | "application-profiles-denied"
  | "approved-models-deny-profiles"
  | "global-block-misses-application-profiles"
>;

const profiles = (partition: string, geography = partition === "aws-us-gov" ? "us-gov" : "us") =>
  `arn:${partition}:bedrock:*:*:inference-profile/${geography}.*`;

/** The condition that exempts the profiles of one geography from a Deny. */
const exemption = (pattern: string) => `"ArnNotLike": {"bedrock:InferenceProfileArn": "${pattern}"}`;

/** The statement that denies the invoke actions again, with that exemption. */
const reDeny = (partition: string) =>
  `{"Effect": "Deny", "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["<approved-region>"]}, ${exemption(profiles(partition))}}}`;

const APPLICATION_PROFILES =
  "Add the ARNs of the application inference profiles that you want to allow. Their ARN doesn't show where they route to.";

/** The sentences about Deny statements. */
export const LINT_DENY_SENTENCES: Record<DenyCode, WriteLintText> = {
  "region-deny-cuts-destinations": ({ values: [profile = "", source, ...regions], partition }) => {
    const id = profile.slice(profile.lastIndexOf("/") + 1);
    const isArn = profile.startsWith("arn:");
    const pattern = profile.includes(":application-inference-profile/")
      ? profile
      : profiles(partition, id.split(".")[0]);
    return {
      why: `This statement denies ${list(regions)}, ${regions.length === 1 ? "a destination" : "destinations"} of ${isArn ? id : `${id}. profiles`} from ${source}. If a policy denies any one destination, the whole call fails.`,
      instead: `Add ${exemption(pattern)} to the Condition block. Calls through these profiles can then be routed, but they can't start in a denied Region. Or change the list of Regions so that ${list(regions)} ${regions.length === 1 ? "isn't" : "aren't"} denied.`,
    };
  },
  "unspecified-not-approved": ({ partition }) => ({
    why: 'This list of Regions doesn\'t include "unspecified", so global inference profiles are denied. AWS evaluates their model without a Region with aws:RequestedRegion "unspecified".',
    instead: `If you want to allow global profiles, add "unspecified" to the list. In a Deny, you can add ${exemption(profiles(partition, "global"))} to the Condition block instead.`,
  }),
  "deny-list-leaves-regions-open": ({ values }) => ({
    why: `A deny list leaves every unlisted Region open, including ${values.length > 0 ? '"unspecified" (global routing) and ' : ""}future Regions.`,
    instead: 'List the approved Regions instead: "StringNotEquals": {"aws:RequestedRegion": ["<approved-region>"]}.',
  }),
  "exempts-all-of-bedrock": ({ values, partition }) => ({
    why: `${list(values)} in NotAction exempts all of Amazon Bedrock from the Region deny, such as agents, model customization, and batch jobs, and no other statement denies it.`,
    instead: `Exempt only bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream, and deny them again in a second statement: ${reDeny(partition)}.`,
  }),
  "exempts-direct-calls": ({ values: [pattern, ...open], partition }) => ({
    why: `${pattern} in NotAction exempts ${list(open)} from the Region deny in every Region, even without an inference profile, and no other statement denies ${open.length === 1 ? "it" : "them"}.`,
    instead: `Exempt only bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream, and deny them again in a second statement: ${reDeny(partition)}.`,
  }),
  "exempt-invoke-not-denied-again": ({ values, partition }) => ({
    why: `NotAction exempts ${list(values)} from the Region deny in every Region, even without an inference profile, and no other statement denies ${values.length === 1 ? "it" : "them"} again.`,
    instead: `Deny the invoke actions again in a second statement: ${reDeny(partition)}.`,
  }),
  "global-services-denied": ({ values }) => ({
    why: `This statement denies us-east-1 for every action that NotAction doesn't list. Global services such as ${list(values)} run there and are denied, too.`,
    instead: `Add ${list(values.map((value) => `"${value}:*"`))} to NotAction, with the other global services that AWS lists in its Region deny examples.`,
  }),
  "mantle-left-open": ({ values }) => ({
    why: `This statement denies ${list(values)}, but the bedrock-mantle endpoint uses actions with the prefix bedrock-mantle. No statement in this policy denies them.`,
    instead: 'Add "bedrock-mantle:*" to the actions that the statement denies.',
  }),
  "negated-condition-denies-profiles": () => ({
    why: "bedrock:InferenceProfileArn is absent when AWS evaluates the inference profile itself. The condition matches there, so this statement denies every call through a profile, including the exempt ones.",
    instead:
      'Limit the statement to Regions that aren\'t approved: add "StringNotEquals": {"aws:RequestedRegion": ["<approved-region>"]} to the Condition block. Calls through exempt profiles can then start in the approved Regions.',
  }),
  "exempts-any-profile": ({ values, partition }) => ({
    why: `Every inference profile is exempt, including ${list(values.map((value) => (value === "global" ? "global profiles" : "profiles of other geographies")))}.`,
    instead: `Exempt the profiles of one geography: ${exemption(profiles(partition))}.`,
  }),
  "exemption-covers-models-only": () => ({
    why: "This statement doesn't cover inference profiles. Calls through exempt profiles can start in any Region, even in one that isn't approved.",
    instead:
      'Write "Resource": "*", and limit the statement to Regions that aren\'t approved: "StringNotEquals": {"aws:RequestedRegion": ["<approved-region>"]}. Profiles are then denied in those Regions, and routed calls are still exempt.',
  }),
  "exemption-matches-nothing": ({ values }) => ({
    why: `${list(values)} doesn't match any inference profile. The wildcard after the geography is missing.`,
    instead: `Write ${list(values.map((value) => `"${value.replace(/\.?$/, ".")}*"`))}.`,
  }),
  "exemption-of-one-profile": ({ values }) => ({
    why: `Only ${list(values)} is exempt. For the next model, you must change this policy again.`,
    instead: `Write ${list([...new Set(values.map((value) => `"${value.replace(/(inference-profile\/[^.]+)\..*$/, "$1.*")}"`))])}, unless you want to exempt only ${values.length === 1 ? "this profile" : "these profiles"}.`,
  }),
  "application-profiles-not-exempt": () => ({
    why: "Calls through application inference profiles aren't exempt. For these calls, bedrock:InferenceProfileArn contains an application-inference-profile ARN, which doesn't match any value here.",
    instead: APPLICATION_PROFILES,
  }),
  "application-profiles-denied": () => ({
    why: "This statement denies every call through an application inference profile. For these calls, bedrock:InferenceProfileArn contains an application-inference-profile ARN, which doesn't match any value here.",
    instead: APPLICATION_PROFILES,
  }),
  "approved-models-deny-profiles": ({ partition }) => ({
    why: "This statement denies every resource except the listed models. It also denies inference profiles, so every call through a profile fails.",
    instead: `Add "arn:${partition}:bedrock:*:*:inference-profile/*" and "arn:${partition}:bedrock:*:*:application-inference-profile/*" to NotResource.`,
  }),
  "global-block-misses-application-profiles": ({ values }) => ({
    why: `${list(values)} doesn't match an application inference profile that was copied from a global profile. Calls through such a profile can still be routed globally.`,
    instead:
      'Deny all global routing: "Condition": {"StringEquals": {"aws:RequestedRegion": "unspecified"}}, without a condition on the profile.',
  }),
};
