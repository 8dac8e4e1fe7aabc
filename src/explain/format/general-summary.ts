import { reportedAccess } from "../../diagnose/reported-access.js";
import type { Conclusion } from "../../diagnosis.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import type { SentenceCode } from "../../refusal/sentences.js";
import { parseModelId } from "../../resolve/model-id.js";
import { findingIn } from "../finding-in.js";
import { notInCatalog, theCatalog } from "./catalog-text.js";
import { accessText } from "./evidence-text.js";
import { list } from "./phrases.js";
import { alternativesText } from "./profile-text.js";
import { inClientRegion, inSource, isSourceKnown, ofEndpoint } from "./region-text.js";
import type { SummaryLines } from "./summary-lines.js";
import { proxyText, unrecognized } from "./unrecognized.js";

type Summarize = (conclusion: Conclusion) => SummaryLines;

/** The kinds that policies decide. They have summaries of their own. */
type PoliciesKind = "iam-denied" | "guardrail-denied" | "kms-denied" | "bearer-token-denied";

/**
 * Returns the summary of a denial that no policy decided: by AWS's sentence if it is recognized, otherwise by the kind.
 */
export function generalSummary(conclusion: Conclusion): SummaryLines {
  const { kind, refusal } = conclusion;
  const bySentence = refusal?.sentence && SUMMARY_BY_SENTENCE[refusal.sentence];
  const summary = (bySentence ?? SUMMARY_BY_KIND[kind as Exclude<RefusalKind, PoliciesKind>])(conclusion);
  return [...summary, ...contradiction(conclusion), ...unrecognized(conclusion)];
}

const modelPhrase = ({ modelId }: Conclusion) =>
  parseModelId(modelId).kind === "prompt" ? `the model of ${modelId}` : modelId || "the model";
const Model = (c: Conclusion) => modelPhrase(c).replace(/^the model/, "The model");
const modelIdPhrase = ({ modelId }: Conclusion) => (modelId ? `model ID ${modelId}` : "model ID");
const access = (c: Conclusion) => `Access to ${modelPhrase(c)} was denied${inSource(c)}`;
const caller = ({ principal }: Conclusion) => principal?.name ?? "the caller";

const NO_POLICY = "The error doesn't identify a policy.";
const CHECK_ACCESS =
  "Check the Region and the model ID. Then ask an account administrator to check the account's access to the model.";
const CONTACT_SUPPORT =
  "Ask an account administrator to contact AWS Support. Changing policies is unlikely to help, because the error doesn't identify one.";
const SUBSCRIBE =
  "Ask an account administrator with aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions to invoke the model once in this account.";
const OTHER_PROVIDER = "Use a model of another provider.";

const SUMMARY_BY_KIND: Record<Exclude<RefusalKind, PoliciesKind>, Summarize> = {
  "model-access-not-granted": (c) => [
    `Access to ${modelPhrase(c)} was denied${inClientRegion(c)}, because the account doesn't have access to the model${isSourceKnown(c) ? " there" : ""}. ${NO_POLICY}`,
    CHECK_ACCESS,
  ],
  "marketplace-permission": (c) => [
    `${access(c)}, because the model needs an AWS Marketplace subscription and ${caller(c)} isn't allowed to subscribe.`,
    SUBSCRIBE,
  ],
  "marketplace-pending": (c) => [
    `${access(c)}, because the AWS Marketplace subscription of this account is still being processed.`,
    "Wait up to 15 minutes. Then call again.",
  ],
  "marketplace-payment": (c) => [
    `${access(c)}. The AWS Marketplace subscription couldn't be completed, because the account doesn't have a valid payment method.`,
    "Ask an account administrator to add a payment method.",
  ],
  "use-case-form": (c) => [
    `${access(c)}, because the use case form wasn't submitted for this account.`,
    "Ask an account administrator to submit the form. Then wait 15 minutes.",
  ],
  "legacy-or-eol-model": (c) => [
    `${access(c)}, because the model is no longer available to this account.`,
    "Use an active model.",
  ],
  "on-demand-unsupported": (c) => [
    `${Model(c)} can't be called by its model ID${inSource(c)}.`,
    throughProfileSentence(c),
  ],
  "invalid-model-id": (c) => [
    `The ${modelIdPhrase(c)} isn't valid${inSource(c)}. ${whyInvalid(c)}`,
    correctIdSentence(c),
  ],
  "bad-credentials": (c) => [
    `AWS rejected the credentials before evaluating permissions${ofEndpoint(c)}.`,
    "Check the credentials that the client uses.",
  ],
  "expired-credentials": (c) => [
    `The credentials have expired, so AWS didn't evaluate permissions${ofEndpoint(c)}.`,
    "Refresh the credentials.",
  ],
  "account-not-authorized": (c) => [
    `AWS restricts this account's use of ${modelPhrase(c)}${inSource(c)}.`,
    CONTACT_SUPPORT,
  ],
  "data-retention": (c) => [
    `${access(c)}, because the model isn't available with the data retention mode that this account has${isSourceKnown(c) ? " there" : " in the client's Region"}.`,
    `Ask an account administrator to set another mode with PutAccountDataRetention${inSource(c) || " in that Region"}. Changing policies doesn't help.`,
    "The mode applies to the whole account in that Region.",
  ],
  "unsupported-country": (c) => [
    `${access(c)}, because its provider doesn't serve the country, region, or territory of this account.`,
    OTHER_PROVIDER,
  ],
  "channel-program": (c) => [
    `${access(c)}, because the model isn't available to accounts in the channel program.`,
    "Ask the AWS Solution Provider or Distributor of the account, or use another model.",
  ],
  unknown: (c) => [
    `${c.operation}${c.modelId ? ` with ${c.modelId}` : ""} was denied${inSource(c)}, and the error doesn't contain a known reason.`,
    `Look up the call in CloudTrail by its ${c.refusal?.requestId === undefined ? "time and operation" : "request ID, which is in the verbose report"}.`,
    ...proxyText(c.refusal),
  ],
};

const SUMMARY_BY_SENTENCE: Record<SentenceCode, Summarize> = {
  "payment-instrument-invalid": SUMMARY_BY_KIND["marketplace-payment"],
  "subscription-failed": (c) => [
    `${access(c)}. AWS couldn't subscribe this account to the model because of an internal error.`,
    "Call again after 2 minutes. If the error stays, ask an account administrator to contact AWS Support.",
  ],
  "subscription-pending": SUMMARY_BY_KIND["marketplace-pending"],
  "marketplace-actions-missing": SUMMARY_BY_KIND["marketplace-permission"],
  "subscription-not-completed": (c) => [
    `${access(c)}, because the AWS Marketplace subscription of this account couldn't be completed.`,
    `${SUBSCRIBE} If it was fixed recently, call again after 2 to 15 minutes.`,
  ],
  "use-case-form-missing": SUMMARY_BY_KIND["use-case-form"],
  "model-legacy": (c) => [
    `${access(c)}, because the model is a Legacy model that this account hasn't used in the last 30 days.`,
    "Use an active model.",
  ],
  "model-end-of-life": (c) => [`${access(c)}, because the model has reached its end of life.`, "Use an active model."],
  "on-demand-not-supported": SUMMARY_BY_KIND["on-demand-unsupported"],
  "model-id-invalid": SUMMARY_BY_KIND["invalid-model-id"],
  "model-not-resolved": (c) => [
    `Amazon Bedrock couldn't find a foundation model for the ${modelIdPhrase(c)}${inSource(c)}. ${whyInvalid(c)}`,
    correctIdSentence(c),
  ],
  "model-not-found": (c) => [
    `Amazon Bedrock couldn't find ${modelPhrase(c)}${inSource(c)}. ${whyInvalid(c)}`,
    correctIdSentence(c),
  ],
  "channel-program-account": SUMMARY_BY_KIND["channel-program"],
  "country-not-supported": SUMMARY_BY_KIND["unsupported-country"],
  "anthropic-not-allowed": (c) => [
    `${access(c)}, because AWS doesn't allow this account to use Anthropic models. The error doesn't contain the reason.`,
    "Use a model of another provider, or ask an account administrator to open a support case of type Account and billing.",
  ],
  "bedrock-not-allowed": () => [
    "AWS doesn't allow this account to use Amazon Bedrock models (Error 002).",
    "Ask an account administrator to open a support case of type Account and billing. No change of a policy, form, or quota helps.",
  ],
  "model-not-available": (c) => [
    `${access(c)}, because the model isn't available to this account.`,
    "Use another model, or ask an account administrator to contact AWS Sales. Changing policies doesn't help.",
  ],
  "prompt-operation-not-authorized": (c) => [
    `${c.operation} with ${c.modelId ? `the prompt ${c.modelId}` : "a prompt"} was denied${inSource(c)}. The error identifies neither a policy nor a Region.`,
    "Ask an account administrator to check the permissions on the prompt's model in every destination Region, and then to contact AWS Support.",
    "This error was also reported for missing permissions in a destination Region.",
  ],
  "operation-not-authorized": (c) => [
    `AWS doesn't authorize this account to call ${c.operation} with ${modelPhrase(c)}${inSource(c)}.`,
    CONTACT_SUPPORT,
  ],
  "account-in-verification": (c) => [
    `${access(c)}, because AWS is still verifying this account.`,
    "Wait up to 2 hours. If the error stays, ask an account administrator to open a support case of type Account and billing.",
  ],
  "operation-not-allowed": (c) => [
    `AWS doesn't allow this account to call ${modelPhrase(c)}${inSource(c)}.`,
    CONTACT_SUPPORT,
  ],
  "data-retention-mode": SUMMARY_BY_KIND["data-retention"],
  "model-access-missing": (c) => [
    `Access to the ${modelIdPhrase(c)} was denied${inClientRegion(c)}. ${NO_POLICY}`,
    CHECK_ACCESS,
  ],
  "agreement-missing": (c) => [
    `Access to ${modelPhrase(c)} was denied${inClientRegion(c)}, because this account doesn't have an agreement for it.`,
    "Ask an account administrator to accept the agreement in the Bedrock console, or with CreateFoundationModelAgreement.",
  ],
  "bearer-token-expired": (c) => [
    `The Bedrock API key has expired, so AWS didn't evaluate permissions${ofEndpoint(c)}.`,
    "Generate a new key.",
  ],
  "security-token-expired": (c) => [
    `The session token of the credentials has expired, so AWS didn't evaluate permissions${ofEndpoint(c)}.`,
    "Refresh the credentials.",
  ],
  "api-key-expired": (c) => [
    `The API key has expired, so AWS didn't evaluate permissions${ofEndpoint(c)}.`,
    "Generate a new key.",
  ],
  "security-token-invalid": (c) => [
    `AWS rejected the access key or session token before evaluating permissions${ofEndpoint(c)}.`,
    "Check the credentials that the client uses, and their partition.",
  ],
  "api-key-invalid": (c) => [
    `AWS rejected the Bedrock API key before evaluating permissions${ofEndpoint(c)}.`,
    "Check the key, and the Region that it was generated in.",
  ],
  "api-key-format": (c) => [
    `The value that the client sends as a Bedrock API key doesn't have the format of one${ofEndpoint(c)}.`,
    "Check AWS_BEARER_TOKEN_BEDROCK and the client's token setting.",
  ],
  "bearer-token-invalid": (c) => [
    `AWS rejected the bearer token before evaluating permissions${ofEndpoint(c)}.`,
    "Check the Bedrock API key, and the Region that it was generated in.",
  ],
  "signature-mismatch": (c) => [
    `AWS rejected the request's signature before evaluating permissions${ofEndpoint(c)}.`,
    "Check the secret access key.",
  ],
  "signature-expired": (c) => [
    `AWS rejected the request's signature because its time is too old${ofEndpoint(c)}.`,
    "Synchronize the clock of the machine.",
  ],
  "access-not-allowed": SUMMARY_BY_KIND.unknown,
};

/** Kinds for which the availability of the model matters. */
const ACCESS_SUMMARIES: ReadonlySet<RefusalKind> = new Set([
  "model-access-not-granted",
  "marketplace-permission",
  "marketplace-pending",
  "marketplace-payment",
]);

/** AWS's answers may contradict each other. Then neither is repeated as a fact. */
function contradiction({ kind, evidence }: Conclusion): string[] {
  const access = ACCESS_SUMMARIES.has(kind) ? reportedAccess(evidence) : undefined;
  if (access === undefined) return [];
  return [
    `However, GetFoundationModelAvailability reports that the account has access (${accessText(access)}), so the cause is uncertain.`,
  ];
}

function throughProfileSentence({ alternatives, evidence, modelId }: Conclusion): string {
  if (alternatives.length > 0) return `Call it through an inference profile: ${alternativesText(alternatives)}.`;
  const through = "Call it through an inference profile that contains it. ListInferenceProfiles returns them.";
  const { asOf, isInCatalog } = findingIn(evidence, "profiles-of-model") ?? {};
  if (isInCatalog === false) return `${through} Note that ${notInCatalog(modelId, asOf)}.`;
  return asOf === undefined
    ? through
    : `${through} Note that ${theCatalog(asOf)} doesn't list any for ${modelId} in this Region.`;
}

function whyInvalid({ evidence }: Conclusion): string {
  const { asOf, sourceRegions } = findingIn(evidence, "profile-not-offered-here") ?? {};
  return sourceRegions === undefined
    ? "The ID is misspelled, retired, or not offered in this Region."
    : `According to ${theCatalog(asOf)}, this inference profile can be called from ${list(sourceRegions)}.`;
}

function correctIdSentence({ alternatives }: Conclusion): string {
  return alternatives.length > 0
    ? `Correct the ID or the Region. From this Region, you can call ${alternativesText(alternatives)}.`
    : "Correct the ID or the Region.";
}
