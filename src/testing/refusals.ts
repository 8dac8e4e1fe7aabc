import type { AuthorizationLeg, LegStage } from "../authorization.js";

// AWS's sentences are repeated here instead of being imported from refusal/, so that tests of the parser don't use its
// own code.

/** The policy types, as AWS writes them in an access denied message. */
const POLICY_WORDS = {
  "service-control-policy": "a service control policy",
  "resource-control-policy": "a resource control policy",
  "identity-based-policy": "an identity-based policy",
  "permissions-boundary": "a permissions boundary",
  "session-policy": "a session policy",
  "vpc-endpoint-policy": "a VPC endpoint policy",
  "resource-based-policy": "a resource-based policy",
} as const;

export type SimulatedPolicyType = keyof typeof POLICY_WORDS;

/** Denies every leg that matches. A field that is left out matches all legs. */
export interface LegDenial {
  policyType: SimulatedPolicyType;
  /** @default "explicit" for service and resource control policies, "implicit" for the others */
  denyKind?: "explicit" | "implicit";
  /** Included in the message only for explicit denials, as in AWS. */
  policyArn?: string;
  /** The leg's `aws:RequestedRegion`, which is `unspecified` for global routing. */
  region?: string;
  stage?: LegStage;
  /** The IAM action. Required to deny a control plane operation: `bedrock:GetInferenceProfile`. */
  action?: string;
  /** The full ARN of the leg's resource. */
  resource?: string;
  /** Denies only calls with this `modelId`. */
  modelId?: string;
  /** How many calls are denied. @default all */
  times?: number;
}

/** Denies invocations with one of AWS's fixed sentences. */
export interface KindDenial {
  kind: keyof typeof SIMULATED_SENTENCES;
  modelId?: string;
  times?: number;
}

/** AWS's fixed sentences, with their error name and HTTP status. */
export const SIMULATED_SENTENCES = {
  "model-access-not-granted": [
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
  ],
  "marketplace-permission": [
    403,
    "AccessDeniedException",
    "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 15 minutes.",
  ],
  "marketplace-pending": [
    403,
    "AccessDeniedException",
    "Your AWS Marketplace subscription for this model is still being processed",
  ],
  "marketplace-payment": [
    403,
    "AccessDeniedException",
    "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided.. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes.",
  ],
  "use-case-form": [
    404,
    "ResourceNotFoundException",
    "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form before using the model. If you have already filled out the form, try again in 15 minutes.",
  ],
  "legacy-or-eol-model": [404, "ResourceNotFoundException", "This model version has reached the end of its life."],
  "bad-credentials": [403, "UnrecognizedClientException", "The security token included in the request is invalid."],
  "expired-credentials": [403, "ExpiredTokenException", "The security token included in the request is expired"],
  "account-not-authorized": [
    403,
    "AccessDeniedException",
    "Your account is not authorized to invoke this API operation.",
  ],
  "unsupported-country": [
    400,
    "ValidationException",
    "Access to Anthropic models is not allowed from unsupported countries, regions, or territories.",
  ],
  "channel-program": [
    400,
    "ValidationException",
    "Access to this model is not available for channel program accounts. Reach out to your AWS Solution Provider or AWS Distributor for more information.",
  ],
  unknown: [403, "AccessDeniedException", ""],
} as const satisfies Record<string, readonly [status: number, name: string, message: string]>;

/** Returns the sentence from the IAM User Guide's page "Troubleshoot access denied error messages". */
export function iamSentence(
  principal: string,
  leg: Pick<AuthorizationLeg, "action" | "resource">,
  denial: Pick<LegDenial, "policyType" | "denyKind" | "policyArn">,
): string {
  const words = POLICY_WORDS[denial.policyType];
  const subject = `User: ${principal} is not authorized to perform: ${leg.action} on resource: ${leg.resource}`;
  if (denyKindOf(denial) === "implicit") {
    return `${subject} because no ${words.slice(words.indexOf(" ") + 1)} allows the ${leg.action} action`;
  }
  const policyArn =
    denial.policyArn !== undefined && WITH_POLICY_ARN.has(denial.policyType) ? `: ${denial.policyArn}` : "";
  return `${subject} with an explicit deny in ${words}${policyArn}`;
}

/**
 * The policy types for which AWS includes the policy in explicit denials (AWS Security Blog, "Enhanced access denied
 * error messages").
 */
const WITH_POLICY_ARN: ReadonlySet<SimulatedPolicyType> = new Set([
  "service-control-policy",
  "resource-control-policy",
  "identity-based-policy",
  "permissions-boundary",
  "session-policy",
]);

function denyKindOf({ denyKind, policyType }: Pick<LegDenial, "policyType" | "denyKind">): "explicit" | "implicit" {
  return denyKind ?? (policyType.endsWith("-control-policy") ? "explicit" : "implicit");
}

export function matchesLeg(denial: LegDenial, leg: AuthorizationLeg, modelId: string): boolean {
  const { region, stage, action, resource } = denial;
  return (
    (region === undefined || region === leg.region) &&
    (stage === undefined || stage === leg.stage) &&
    (resource === undefined || resource === leg.resource) &&
    (denial.modelId === undefined || denial.modelId === modelId) &&
    (action === undefined ? leg.action.startsWith("bedrock:InvokeModel") : action === leg.action)
  );
}

const LEG_FIELDS = ["policyType", "denyKind", "policyArn", "region", "stage", "action", "resource", "modelId", "times"];

/** @throws TypeError that identifies the field, its value, and the allowed values */
export function checkScriptedDenial(denial: LegDenial | KindDenial): void {
  const isKind = "kind" in denial;
  const allowed = isKind ? ["kind", "modelId", "times"] : LEG_FIELDS;
  const unknownField = Object.keys(denial).find((key) => !allowed.includes(key));
  if (unknownField)
    throw new TypeError(`Unknown field ${unknownField} of a scripted denial. Valid fields: ${allowed.join(", ")}.`);
  if (isKind) checkOneOf("kind", denial.kind, Object.keys(SIMULATED_SENTENCES));
  else {
    checkOneOf("policyType", denial.policyType, Object.keys(POLICY_WORDS));
    if (denial.denyKind !== undefined) checkOneOf("denyKind", denial.denyKind, ["explicit", "implicit"]);
    const ofModel = ["profile", "source-model", "destination-model", "global-model", "model"];
    const stages = [...ofModel, "guardrail", "guardrail-profile", "system-tool", "async-invoke", "tag", "s3", "kms"];
    if (denial.stage !== undefined) checkOneOf("stage", denial.stage, stages);
  }
}

function checkOneOf(field: string, value: unknown, allowed: readonly string[]): void {
  if (allowed.includes(String(value))) return;
  throw new TypeError(`${field} must be one of ${allowed.join(", ")}; it is ${JSON.stringify(value)}.`);
}
