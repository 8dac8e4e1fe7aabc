import type { Conclusion } from "../../diagnosis.js";
import type { ConditionReport } from "../../policy/evaluation/evaluate.js";
import type { ConditionCode } from "../deciding-conditions.js";
import { list, thePolicy } from "./phrases.js";

const CONDITIONS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";
const GUARDRAILS = "https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-permissions-id.html";

/**
 * Returns what to do about a condition of the denying statement, or of the nearest statement that would allow, by its
 * key.
 */
export function conditionText(code: ConditionCode, c: Conclusion, condition: ConditionReport | undefined) {
  const policy = c.policy === undefined ? "the policy" : thePolicy(c.policy);
  const { title, steps, links = [CONDITIONS] } = CONDITION_REMEDIES[code](c, policy, condition);
  const isAllow = c.policy?.denyKind === "implicit";
  const rule = isAllow ? ALL_ARE_NEEDED : ONE_IS_ENOUGH;
  return { title, steps: [...steps, ...(condition ? [requirement(condition, isAllow)] : []), rule], links };
}

const ONE_IS_ENOUGH =
  "An explicit deny overrides any allow. The statement stops denying the call as soon as one of its conditions isn't met.";

const ALL_ARE_NEEDED = "The statement allows the call only if all of its conditions are met.";

type ConditionText = (
  c: Conclusion,
  policy: string,
  condition: ConditionReport | undefined,
) => { title: string; steps: string[]; links?: string[] };

const CONDITION_REMEDIES: Record<ConditionCode, ConditionText> = {
  "approve-profile": (c, policy) => ({
    title: `Call through an inference profile that ${policy} accepts`,
    steps: [
      `Use another inference profile instead of ${c.modelId}, or ask the policy's owner to exempt the ARN of exactly this inference profile.`,
    ],
  }),
  "approve-model": (c, policy) => ({
    title: `Add this model to those that ${policy} accepts`,
    steps: [
      `Ask the policy's owner to exclude ${list([...new Set(c.legs.filter(({ verdict }) => verdict === "blocked").map(({ leg }) => leg.resource))])} from the statement's resources, or call a model that it accepts.`,
    ],
  }),
  "exempt-principal": (c, policy) => ({
    title: `Call as a principal that ${policy} exempts`,
    steps: [
      `Use a role that the statement exempts, or ask the policy's owner to exempt ${c.principal?.name ?? "the caller"}.`,
    ],
  }),
  "set-principal-tag": (c, _, condition) => ({
    title: `Set the tag ${tagIn(condition)} of ${c.principal?.name ?? "the caller"}`,
    steps: ["Tag the IAM role or user, or pass the tag as a session tag, with a value that the statement accepts."],
  }),
  "use-mfa": () => ({
    title: "Sign in with multi-factor authentication (MFA)",
    steps: [
      "Get temporary credentials with an MFA code. A workload's credentials can't have one. For a workload, ask the policy's owner to exempt its role.",
    ],
  }),
  "use-approved-network": (_, policy) => ({
    title: `Call from a network that ${policy} accepts`,
    steps: ["Send the call through a VPC endpoint, a VPC, or from an IP address that the statement accepts."],
  }),
  "use-approved-guardrail": (_, policy) => ({
    title: `Call with a guardrail that ${policy} accepts`,
    steps: [
      "Pass the guardrail's identifier and version with the call: guardrailConfig of Converse, guardrailIdentifier of InvokeModel.",
    ],
    links: [GUARDRAILS],
  }),
  "meet-condition": (_, policy, condition) => ({
    title: `Meet the condition on ${condition?.key ?? "the request"} of ${policy}`,
    steps: ["Ask the policy's owner which values the statement accepts."],
  }),
};

const tagIn = (condition: ConditionReport | undefined) => condition?.key.slice(condition.key.indexOf("/") + 1) ?? "";

/** Returns what the statement requires, and what the request contains. */
function requirement({ operator, key, policyValues, requestValues }: ConditionReport, isAllow: boolean): string {
  const has =
    requestValues === undefined
      ? "its value in the request is unknown"
      : requestValues === null
        ? "the request doesn't have the key"
        : `the request has ${list(requestValues)}`;
  return `The statement ${isAllow ? "allows" : "denies"} the call if ${operator} ${key} ${list(policyValues)} is met: ${has}.`;
}

export const CONDITION_CODES = Object.keys(CONDITION_REMEDIES) as ConditionCode[];
