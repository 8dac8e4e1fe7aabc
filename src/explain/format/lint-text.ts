import type { BareLintFinding, LintCode } from "../../policy/lint/lint.js";
import { LINT_ALLOW_SENTENCES } from "./lint-allow-text.js";
import { LINT_DENY_SENTENCES } from "./lint-deny-text.js";
import type { LintText, WriteLintText } from "./lint-sentence.js";
import { list } from "./phrases.js";

/** Returns why a finding matters, and what to write instead. */
export const lintText = (finding: BareLintFinding): LintText => LINT_SENTENCES[finding.code](finding);

/** Every code, in the order of the documentation. */
export const LINT_CODES = (): LintCode[] => Object.keys(LINT_SENTENCES) as LintCode[];

const INVOKE_ACTIONS_JSON = '"Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]';

const LINT_SENTENCES: Record<LintCode, WriteLintText> = {
  "document-invalid": ({ problem, values, path }) => ({
    why: `AWS would reject this policy or interpret it differently than intended: ${(problem ?? "").replaceAll("-", " ")}${values.length > 0 ? ` (${list(values)})` : ""} at ${path}.`,
    instead: "Correct this element. Until then, what the statement allows or denies is unknown.",
  }),
  "allows-nothing": ({ values: [type] }) => ({
    why:
      type === "vpc-endpoint-policy"
        ? "This VPC endpoint policy doesn't have an Allow statement, so every call through the endpoint is denied."
        : "This permissions boundary doesn't have an Allow statement. A boundary sets the maximum permissions, so every call is denied.",
    instead:
      type === "vpc-endpoint-policy"
        ? 'Add an Allow statement before the Deny statements: {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}.'
        : 'Add an Allow statement before the Deny statements: {"Effect": "Allow", "Action": "*", "Resource": "*"}.',
  }),
  "operation-is-no-action": ({ values }) => ({
    why: `${list(values)} is an API operation, but it isn't an IAM action. In an Allow, it grants nothing. In a Deny, it blocks nothing.`,
    instead: `Write ${INVOKE_ACTIONS_JSON}. The first action covers InvokeModel and Converse. The second covers the streaming operations.`,
  }),
  "invalid-action-prefix": ({ values, severity }) => ({
    why: `${list(values)} has the name of an endpoint as its prefix. The IAM prefix of these actions is bedrock, so this entry has no effect${severity === "info" ? ". The correct action is in the same list" : ""}.`,
    instead: `Write ${list(values.map((value) => value.replace(/^bedrock-[a-z-]+:/i, "bedrock:")))}.`,
  }),
  "unknown-action": ({ values }) => ({
    why: `${list(values)} doesn't match any action in the Service Authorization Reference. It has no effect, unless the action is newer than this release.`,
    instead:
      "Check the spelling. The actions that invoke models are bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream.",
  }),
  "action-without-resource-type": ({ values: [effect, ...actions] }) => ({
    why: `${list(actions)} can't be limited to an ARN. AWS evaluates ${actions.length === 1 ? "it" : "them"} with Resource "*", so this statement ${effect === "Deny" ? "doesn't deny" : "doesn't allow"} ${actions.length === 1 ? "it" : "them"}.`,
    instead: `Move ${actions.length === 1 ? "it" : "them"} to a statement of its own: {"Effect": "${effect}", "Action": ${JSON.stringify(actions)}, "Resource": "*"}.`,
  }),
  "streaming-action-missing": ({ values: [effect] }) => ({
    why:
      effect === "Deny"
        ? "Only bedrock:InvokeModel is denied. ConverseStream and InvokeModelWithResponseStream need a different action, bedrock:InvokeModelWithResponseStream, and are still allowed."
        : "Only bedrock:InvokeModel is allowed. ConverseStream and InvokeModelWithResponseStream need a different action, bedrock:InvokeModelWithResponseStream, and are denied.",
    instead: `Write ${INVOKE_ACTIONS_JSON}, unless you leave out streaming on purpose.`,
  }),
  "only-streaming-action": () => ({
    why: "Only bedrock:InvokeModelWithResponseStream is allowed. InvokeModel and Converse need a different action, bedrock:InvokeModel, and are denied.",
    instead: `Write ${INVOKE_ACTIONS_JSON}, unless you allow only streaming on purpose.`,
  }),
  "profile-arn-without-account": ({ values }) => ({
    why: `${list(values)} doesn't match any inference profile. The ARN of a profile always contains the caller's account ID, even if AWS defines the profile.`,
    instead: `Write ${list(values.map((value) => value.replace(/^(arn:[^:]*:bedrock:[^:]*:):/, "$1*:")))}, or use your account ID instead of the *.`,
  }),
  "account-in-model-arn": ({ values }) => ({
    why: `${list(values)} doesn't match any foundation model. The ARN of a foundation model doesn't contain an account ID.`,
    instead: `Write ${list(values.map((value) => value.replace(/^(arn:[^:]*:bedrock:[^:]*:).+(:foundation-model\/)/, "$1$2")))}.`,
  }),
  "profile-id-as-model": ({ values }) => ({
    why: `${list(values)} doesn't match any foundation model. The ID begins with a geography, so it is the ID of an inference profile.`,
    instead: `Write ${list(values.map(asProfile))} for the profile, and ${list(values.map(asModel))} for its models.`,
  }),
  "wrong-condition-key": ({ values }) => ({
    why: `${list(values)} isn't a condition key of Amazon Bedrock, and it is absent from every request.`,
    instead: "Write bedrock:InferenceProfileArn.",
  }),
  "wildcard-in-exact-match": ({ values: [operator = "", ...values] }) => ({
    why: `${operator} compares exactly. It takes the * in ${list(values)} as a literal character, which no request contains.`,
    instead: `Write ${operator.replace(/Equals(IgnoreCase)?/, "Like")} instead of ${operator}.`,
  }),
  "for-all-values-matches-absent-key": ({ values: [operator = "", key = "", effect] }) => ({
    why: `${operator} also matches requests in which ${key} is absent. This statement ${effect === "Deny" ? "denies" : "allows"} them, too.`,
    instead: `Write ${operator.replace("ForAllValues:", "")} if the key has a single value. Otherwise, add "Null": {"${key}": "false"} to the Condition block.`,
  }),
  ...LINT_ALLOW_SENTENCES,
  ...LINT_DENY_SENTENCES,
  "leg-not-allowed": ({ values: [action, resource] }) => ({
    why: `This policy doesn't allow ${action} on ${resource}. The call needs this permission in addition to those that are allowed.`,
    instead: `Add "${resource}" to the Resource list. The model has a separate ARN in each destination Region.`,
  }),
};

const MODEL_ID = /^(arn:[^:]*:bedrock:[^:]*:)[^:]*:foundation-model\/([^.]+)\.(.*)$/;
const asProfile = (value: string) => value.replace(MODEL_ID, "$1*:inference-profile/$2.$3");
const asModel = (value: string) =>
  value.replace(MODEL_ID, "$1:foundation-model/$3").replace(/:bedrock:[^:]*:/, ":bedrock:*:");
