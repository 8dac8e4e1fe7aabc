import { reportedAccess } from "../../diagnose/reported-access.js";
import type { Conclusion } from "../../diagnosis.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import type { SentenceCode } from "../../refusal/sentences.js";
import { parseModelId } from "../../resolve/model-id.js";
import { findingIn } from "../finding-in.js";
import { notInCatalog, theCatalog } from "./catalog-words.js";
import { accessWords } from "./evidence-words.js";
import { alternativesWords } from "./profile-words.js";
import { clientCalls, inClientRegion, inSource, isSourceKnown, ofEndpoint } from "./region-words.js";
import { proxyWords, unrecognized } from "./unrecognized-words.js";
import { list } from "./words.js";

type Summarize = (conclusion: Conclusion) => string;

/** The kinds that policies decide. They have summaries of their own. */
type PolicyKind = "iam-denied" | "guardrail-denied" | "kms-denied" | "bearer-token-denied";

/**
 * Returns the summary of a denial that no policy decided: by AWS's sentence if it is recognized, otherwise by the kind.
 */
export function generalSummary(conclusion: Conclusion): string {
  const { kind, refusal } = conclusion;
  const bySentence = refusal?.sentence && BY_SENTENCE[refusal.sentence];
  const summary = (bySentence ?? BY_KIND[kind as Exclude<RefusalKind, PolicyKind>])(conclusion);
  return `${summary}${contradiction(conclusion)}${unrecognized(conclusion)}`;
}

const model = ({ modelId }: Conclusion) =>
  parseModelId(modelId).kind === "prompt" ? `the model of ${modelId}` : modelId || "the model";
const Model = (c: Conclusion) => model(c).replace(/^the model/, "The model");
const modelIdOf = ({ modelId }: Conclusion) => (modelId ? `model ID ${modelId}` : "model ID");
const caller = ({ principal }: Conclusion) => principal?.name ?? "the caller";
const SUBSCRIBE =
  "Ask an account administrator with aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions to invoke the model once in this account";

const BY_KIND: Record<Exclude<RefusalKind, PolicyKind>, Summarize> = {
  "model-access-not-granted": (c) =>
    `AWS denied access to ${model(c)}${inClientRegion(c)}: the account doesn't have access to the model${isSourceKnown(c) ? " there" : ""}. Check the Region and the model ID, then ask an account administrator to check the account's access to the model. The error doesn't name a policy.`,
  "marketplace-permission": (c) =>
    `${Model(c)} needs an AWS Marketplace subscription, and ${caller(c)} isn't allowed to subscribe. ${SUBSCRIBE}.`,
  "marketplace-pending": (c) =>
    `The AWS Marketplace subscription of this account to ${model(c)} is still being processed. Wait up to 15 minutes, then call again.`,
  "marketplace-payment": (c) =>
    `The AWS Marketplace subscription to ${model(c)} couldn't be completed, because the account doesn't have a valid payment method. Ask an account administrator to add one.`,
  "use-case-form": (c) =>
    `The use case form for ${model(c)} wasn't submitted for this account. Ask an account administrator to submit it, then wait 15 minutes.`,
  "legacy-or-eol-model": (c) => `${Model(c)} is no longer available to this account. Use an active model.`,
  "on-demand-unsupported": (c) => `${Model(c)} can't be called by its model ID${inSource(c)}. ${throughProfile(c)}`,
  "invalid-model-id": (c) => `The ${modelIdOf(c)} isn't valid${inSource(c)}. ${correctId(c)}`,
  "bad-credentials": (c) =>
    `AWS rejected the credentials before evaluating permissions${ofEndpoint(c)}. Check the credentials that the client uses.`,
  "expired-credentials": (c) =>
    `The credentials have expired, so AWS didn't evaluate permissions${ofEndpoint(c)}. Refresh the credentials.`,
  "account-not-authorized": (c) =>
    `AWS restricts this account's use of ${model(c)}. The error doesn't name a policy, so changing policies is unlikely to help. Ask an account administrator to contact AWS Support.`,
  "data-retention": (c) =>
    `${Model(c)} isn't available with the data retention mode that this account has${isSourceKnown(c) ? inSource(c) : " in this Region"}. Ask an account administrator to set another mode with PutAccountDataRetention in that Region. The mode applies to the whole account in that Region. Changing policies doesn't help.`,
  "unsupported-country": (c) =>
    `The provider of ${model(c)} doesn't serve the country, region, or territory of this account. Use a model of another provider.`,
  "channel-program": (c) =>
    `${Model(c)} isn't available to accounts in the channel program. Ask the AWS Solution Provider or Distributor of the account, or use another model.`,
  unknown: (c) =>
    `${c.operation}${c.modelId ? ` with ${c.modelId}` : ""} was denied${inSource(c)}, and the error doesn't contain a known reason.${proxyWords(c.refusal)}`,
};

const BY_SENTENCE: Record<SentenceCode, Summarize> = {
  "payment-instrument-invalid": BY_KIND["marketplace-payment"],
  "subscription-failed": (c) =>
    `AWS couldn't subscribe this account to ${model(c)} because of an internal error. Call again after 2 minutes. If the error stays, ask an account administrator to contact AWS Support.`,
  "subscription-pending": BY_KIND["marketplace-pending"],
  "marketplace-actions-missing": BY_KIND["marketplace-permission"],
  "subscription-not-completed": (c) =>
    `The AWS Marketplace subscription of this account to ${model(c)} couldn't be completed. ${SUBSCRIBE}. If it was fixed recently, call again after 2 to 15 minutes.`,
  "use-case-form-missing": BY_KIND["use-case-form"],
  "model-legacy": (c) =>
    `${Model(c)} is a Legacy model that this account hasn't used in the last 30 days, so AWS denies it. Use an active model.`,
  "model-end-of-life": (c) => `${Model(c)} has reached its end of life. Use an active model.`,
  "on-demand-not-supported": BY_KIND["on-demand-unsupported"],
  "model-id-invalid": BY_KIND["invalid-model-id"],
  "model-not-resolved": (c) =>
    `Amazon Bedrock couldn't find a foundation model for the ${modelIdOf(c)}${inSource(c)}. ${correctId(c)}`,
  "model-not-found": (c) => `Amazon Bedrock couldn't find ${model(c)}${inSource(c)}. ${correctId(c)}`,
  "channel-program-account": BY_KIND["channel-program"],
  "country-not-supported": BY_KIND["unsupported-country"],
  "anthropic-not-allowed": (c) =>
    `AWS doesn't allow this account to use Anthropic models such as ${model(c)}. The error doesn't contain the reason. Use a model of another provider, or ask an account administrator to open a support case of type Account and billing.`,
  "bedrock-not-allowed": () =>
    "AWS doesn't allow this account to use Amazon Bedrock models (Error 002). Ask an account administrator to open a support case of type Account and billing. No change of a policy, form, or quota helps.",
  "model-not-available": (c) =>
    `${Model(c)} isn't available to this account. Use another model, or ask an account administrator to contact AWS Sales. Changing policies doesn't help.`,
  "prompt-operation-not-authorized": (c) =>
    `AWS denied ${c.operation} with ${c.modelId ? `the prompt ${c.modelId}` : "a prompt"} to this account. The error names neither a policy nor a Region, but it was also reported for missing permissions in a destination Region. Ask an account administrator to check the permissions on the prompt's model in every destination Region, and then to contact AWS Support.`,
  "operation-not-authorized": (c) =>
    `AWS doesn't authorize this account to call ${c.operation} with ${model(c)}. The error doesn't name a policy, so changing policies is unlikely to help. Ask an account administrator to contact AWS Support.`,
  "account-in-verification": (c) =>
    `AWS is still verifying this account, so it denies ${model(c)}. Wait up to 2 hours. If the error stays, ask an account administrator to open a support case of type Account and billing.`,
  "operation-not-allowed": (c) =>
    `AWS doesn't allow this account to call ${model(c)}. The error doesn't name a policy, so changing policies is unlikely to help. Ask an account administrator to contact AWS Support.`,
  "data-retention-mode": BY_KIND["data-retention"],
  "model-access-missing": (c) =>
    `${clientCalls(c)}${isSourceKnown(c) ? "There, " : ""}AWS denied access to the ${modelIdOf(c)}. Check the Region and the model ID, then ask an account administrator to check the account's access to the model. The error doesn't name a policy.`,
  "agreement-missing": (c) =>
    `This account doesn't have an agreement for ${model(c)}. Ask an account administrator to accept it in the Bedrock console${inClientRegion(c)}, or with CreateFoundationModelAgreement.`,
  "bearer-token-expired": (c) =>
    `The Bedrock API key has expired, so AWS didn't evaluate permissions${ofEndpoint(c)}. Generate a new key.`,
  "security-token-expired": (c) =>
    `The session token of the credentials has expired, so AWS didn't evaluate permissions${ofEndpoint(c)}. Refresh the credentials.`,
  "api-key-expired": (c) =>
    `The API key has expired, so AWS didn't evaluate permissions${ofEndpoint(c)}. Generate a new key.`,
  "security-token-invalid": (c) =>
    `AWS rejected the access key or session token before evaluating permissions${ofEndpoint(c)}. Check the credentials that the client uses, and their partition.`,
  "api-key-invalid": (c) =>
    `AWS rejected the Bedrock API key before evaluating permissions${ofEndpoint(c)}. Check the key, and the Region that it was generated in.`,
  "api-key-format": (c) =>
    `The value that the client sends as a Bedrock API key doesn't have the format of one${ofEndpoint(c)}. Check AWS_BEARER_TOKEN_BEDROCK and the client's token setting.`,
  "bearer-token-invalid": (c) =>
    `AWS rejected the bearer token before evaluating permissions${ofEndpoint(c)}. Check the Bedrock API key, and the Region that it was generated in.`,
  "signature-mismatch": (c) =>
    `AWS rejected the request's signature before evaluating permissions${ofEndpoint(c)}. Check the secret access key.`,
  "signature-expired": (c) =>
    `AWS rejected the request's signature because its time is too old${ofEndpoint(c)}. Synchronize the clock of the machine.`,
  "access-not-allowed": BY_KIND.unknown,
};

/** Kinds for which the availability of the model matters. */
const ABOUT_ACCESS: ReadonlySet<RefusalKind> = new Set([
  "model-access-not-granted",
  "marketplace-permission",
  "marketplace-pending",
  "marketplace-payment",
]);

/** AWS's answers may contradict each other. Then neither is repeated as a fact. */
function contradiction({ kind, evidence }: Conclusion): string {
  const access = ABOUT_ACCESS.has(kind) ? reportedAccess(evidence) : undefined;
  if (access === undefined) return "";
  return ` However, GetFoundationModelAvailability reports that the account has access (${accessWords(access)}), so the cause is uncertain.`;
}

function throughProfile({ alternatives, evidence, modelId }: Conclusion): string {
  if (alternatives.length > 0) return `Call it through an inference profile: ${alternativesWords(alternatives)}.`;
  const through = "Call it through an inference profile that contains it. ListInferenceProfiles returns them.";
  const { asOf, isInCatalog } = findingIn(evidence, "profiles-of-model") ?? {};
  if (isInCatalog === false) return `${through} Note that ${notInCatalog(modelId, asOf)}.`;
  return asOf === undefined
    ? through
    : `${through} Note that ${theCatalog(asOf)} doesn't list any for ${modelId} in this Region.`;
}

function correctId({ alternatives, evidence }: Conclusion): string {
  const instead = alternatives.length > 0 ? ` From this Region, you can call ${alternativesWords(alternatives)}.` : "";
  const { asOf, sourceRegions } = findingIn(evidence, "profile-not-offered-here") ?? {};
  if (sourceRegions === undefined) {
    return `The ID is misspelled, retired, or not offered in this Region.${instead}`;
  }
  return `According to ${theCatalog(asOf)}, this inference profile can be called from ${list(sourceRegions)}.${instead}`;
}
