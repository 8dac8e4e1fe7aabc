import type { BareLintFinding, LintCode } from "../../policy/lint.js";
import { list } from "./words.js";

interface Words {
  why: string;
  instead: string;
}

/** Why a finding matters, and what to write instead. */
export const lintWords = (finding: BareLintFinding): Words => WORDS[finding.code](finding);

const EXEMPTION = '"ArnNotLike": {"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*"}';

/** Every code, in the order of the documentation. */
export const LINT_CODES = (): LintCode[] => Object.keys(WORDS) as LintCode[];

const WORDS: Record<LintCode, (finding: BareLintFinding) => Words> = {
  "document-invalid": ({ problem, values, path }) => ({
    why: `AWS would not take this policy, or not understand it as it is meant: ${(problem ?? "").replaceAll("-", " ")}${values.length > 0 ? ` (${list(values)})` : ""} at ${path}.`,
    instead: "Correct it; until then nothing that depends on it is known.",
  }),
  "operation-is-no-action": ({ values }) => ({
    why: `${list(values)} is an operation of the API and no IAM action: in an Allow it grants nothing, in a Deny it blocks nothing.`,
    instead:
      "bedrock:InvokeModel (Converse, InvokeModel) and bedrock:InvokeModelWithResponseStream (ConverseStream and other streams).",
  }),
  "unknown-action": ({ values }) => ({
    why: `${list(values)} matches no action of the Service Authorization Reference: it does nothing, unless it is newer than this release.`,
    instead:
      "Check its spelling; the invoke actions are bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream.",
  }),
  "streaming-action-missing": ({ values: [effect] }) => ({
    why:
      effect === "Deny"
        ? "Only bedrock:InvokeModel is denied: streaming calls need bedrock:InvokeModelWithResponseStream, another action, and pass."
        : "Only bedrock:InvokeModel is allowed: ConverseStream and other streams need bedrock:InvokeModelWithResponseStream, another action, and fail.",
    instead: "Name both actions, unless streaming is left out on purpose.",
  }),
  "profile-arn-without-account": ({ values }) => ({
    why: `${list(values)} matches no inference profile: its ARN always holds the caller's account, also for AWS's own profiles.`,
    instead: "arn:aws:bedrock:*:*:inference-profile/us.*, or the ARN with the account's id.",
  }),
  "wrong-condition-key": ({ values }) => ({
    why: `${list(values)} is no condition key: it is never in a request.`,
    instead: "bedrock:InferenceProfileArn",
  }),
  "profile-condition-on-profile": () => ({
    why: "bedrock:InferenceProfileArn is absent when the inference profile itself is evaluated, so this Allow never matches the profile.",
    instead: "A statement of its own for the profile's ARN, without this condition; keep the condition on the models.",
  }),
  "region-condition-on-destinations": ({ values }) => ({
    why: `Each destination Region is evaluated with its own aws:RequestedRegion, and global routing with "unspecified": only ${list(values)} is allowed here.`,
    instead:
      "Name the models' ARNs in every destination Region and bind them to the profile by bedrock:InferenceProfileArn.",
  }),
  "deny-list-leaves-regions-open": ({ values }) => ({
    why: `A list of denied Regions leaves every Region open that is not on it${values.length > 0 ? `, "unspecified" (global routing) among them` : ""}, and every new one.`,
    instead: "Deny what is not approved: StringNotEquals on aws:RequestedRegion with the list of approved Regions.",
  }),
  "unspecified-not-approved": () => ({
    why: 'Global profiles are blocked here: their Region-less model is evaluated with aws:RequestedRegion "unspecified".',
    instead: 'If that is not meant: add "unspecified" to the approved values, or exempt inference-profile/global.*.',
  }),
  "exempts-all-of-bedrock": ({ values }) => ({
    why: `${list(values)} in NotAction takes all of Bedrock out of the Region deny: agents, fine-tuning, batch and direct calls as well, not only calls through profiles.`,
    instead: `Take out only the invoke actions, and deny them again with the exemption ${EXEMPTION}.`,
  }),
  "exempts-direct-calls": ({ values }) => ({
    why: `${list(values)} in NotAction also takes direct calls out of the Region deny, in every Region, and actions such as bedrock:InvokeAgent.`,
    instead: `Name the invoke actions, and deny them again in a statement with the exemption ${EXEMPTION}.`,
  }),
  "global-services-denied": ({ values }) => ({
    why: `us-east-1 is denied for everything that NotAction does not name: also for global services that are there, such as ${list(values)}.`,
    instead: "Add the global services to NotAction, as AWS's examples of Region denies do.",
  }),
  "exempts-any-profile": () => ({
    why: "Every inference profile is exempt: global ones and those of other geographies pass as well.",
    instead: `Bind the exemption to a geography: ${EXEMPTION}.`,
  }),
  "exemption-covers-models-only": () => ({
    why: "The Deny does not cover the inference profile itself, so calls can start in a Region that is not approved.",
    instead:
      'Resource "*": the profile is then denied in source Regions that are not approved, and routed calls are still exempt.',
  }),
  "exemption-matches-nothing": ({ values }) => ({
    why: `${list(values)} matches no profile: a geography needs a star behind it.`,
    instead: values.map((value) => `${value.replace(/\.?$/, ".")}*`).join(", "),
  }),
  "exemption-of-one-profile": ({ values }) => ({
    why: `Only ${list(values)} is exempt: the next model's id needs the next change.`,
    instead: "A pattern for the geography, such as inference-profile/us.*, unless one model is meant.",
  }),
  "application-profiles-not-exempt": () => ({
    why: "Calls through application inference profiles stay denied: bedrock:InferenceProfileArn then holds an application-inference-profile ARN.",
    instead:
      "Add the ARNs of the application inference profiles that are meant; their ARN does not tell where they route to.",
  }),
  "application-profiles-denied": () => ({
    why: "Every call through an application inference profile is denied: its ARN is application-inference-profile/… and matches none of these.",
    instead: "Add the ARNs of the application inference profiles that are meant.",
  }),
  "approved-models-deny-profiles": () => ({
    why: "Everything that is no approved model is denied, the inference profile as well: every call through a profile fails.",
    instead: "Add arn:aws:bedrock:*:*:inference-profile/* (and application-inference-profile/*) to NotResource.",
  }),
  "global-block-misses-application-profiles": ({ values }) => ({
    why: `${list(values)} does not match an application inference profile that was copied from a global one: global routing passes through it.`,
    instead: 'Deny where aws:RequestedRegion is "unspecified", without a condition on the profile.',
  }),
  "leg-not-allowed": ({ values: [action, resource] }) => ({
    why: `Nothing in this policy allows ${action} on ${resource}, which this call needs as well: all legs must be allowed.`,
    instead: "Add the resource; each destination Region's model has an ARN of its own.",
  }),
};
