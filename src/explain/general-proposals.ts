import { reportedAccess } from "../diagnose/reported-access.js";
import type { Conclusion, Confidence, RemedyActor } from "../diagnosis.js";
import type { RefusalKind } from "../refusal/kinds.js";
import type { SentenceCode } from "../refusal/sentences.js";
import type { ProposedRemedy, RemedyCode } from "./proposal.js";
import { isAnthropics } from "./provider.js";

type Propose = (conclusion: Conclusion) => ProposedRemedy[];

/** The kinds for which the deciding policy leads to the remedies. */
export type PolicyKind = "iam-denied" | "bearer-token-denied" | "kms-denied" | "guardrail-denied";
export type GeneralKind = Exclude<RefusalKind, PolicyKind>;

/** Returns what fixes a denial that no policy decided: by AWS's sentence if it is recognized, otherwise by the kind. */
export function generalProposals(kind: GeneralKind, conclusion: Conclusion): ProposedRemedy[] {
  const { sentence } = conclusion.refusal ?? {};
  return (sentence === undefined ? PROPOSALS_BY_KIND[kind] : PROPOSALS_BY_SENTENCE[sentence])(conclusion);
}

const proposal = (code: RemedyCode, who: RemedyActor, confidence: Confidence = "likely"): ProposedRemedy => ({
  code,
  who,
  breadth: "nothing",
  confidence,
});

const developer = (code: RemedyCode, confidence?: Confidence) => proposal(code, "application-developer", confidence);
const administrator = (code: RemedyCode, confidence?: Confidence) =>
  proposal(code, "account-administrator", confidence);
const always =
  (...proposals: ProposedRemedy[]): Propose =>
  () =>
    proposals.map((each) => ({ ...each }));

const anotherModel = developer("use-another-model", "possible");

/** Proposes a first remedy, and others that have worked for models that are sold through AWS Marketplace. */
const marketplace =
  (first: ProposedRemedy): Propose =>
  (conclusion) => [{ ...first }, ...form(conclusion, "possible"), { ...anotherModel }];

/** AWS checks the form before the subscription, and each check hides the next one. */
function form(conclusion: Conclusion, confidence: Confidence): ProposedRemedy[] {
  const isFilled = conclusion.evidence.some(({ finding }) => finding.code === "use-case-form" && finding.isFilled);
  return isAnthropics(conclusion) && !isFilled ? [administrator("submit-use-case-form", confidence)] : [];
}

/**
 * Proposes a remedy of the account's access. The confidence is lower if the service reports the access as available.
 */
const modelAccess =
  (code: RemedyCode): Propose =>
  (conclusion) => {
    const isReported = reportedAccess(conclusion.evidence) !== undefined;
    const isFormMissing = conclusion.evidence.some(
      ({ finding }) => finding.code === "use-case-form" && !finding.isFilled,
    );
    return [
      ...(isFormMissing ? form(conclusion, "likely") : []),
      administrator(code, isReported ? "possible" : "likely"),
      ...(isReported ? [administrator("contact-support", "possible")] : []),
    ];
  };

const support = always(administrator("contact-support", "possible"));
const replaceKey = always(developer("replace-api-key"));
const correctIdProposal = always(developer("correct-model-id"));
const anotherProvider = always(developer("use-another-model"));

const PROPOSALS_BY_KIND: Record<GeneralKind, Propose> = {
  "model-access-not-granted": modelAccess("enable-model-access"),
  "marketplace-permission": marketplace(administrator("subscribe-once")),
  "marketplace-pending": marketplace(developer("wait-for-subscription")),
  "marketplace-payment": marketplace(administrator("add-payment-instrument")),
  "use-case-form": always(administrator("submit-use-case-form")),
  "legacy-or-eol-model": anotherProvider,
  "on-demand-unsupported": always(developer("call-through-profile")),
  "invalid-model-id": correctIdProposal,
  "bad-credentials": always(developer("fix-credentials")),
  "expired-credentials": always(developer("refresh-credentials")),
  "account-not-authorized": support,
  "data-retention": always(administrator("set-data-retention")),
  "unsupported-country": anotherProvider,
  "channel-program": always(administrator("ask-reseller"), anotherModel),
  unknown: always(developer("look-in-cloudtrail", "possible")),
};

const PROPOSALS_BY_SENTENCE: Record<SentenceCode, Propose> = {
  "payment-instrument-invalid": PROPOSALS_BY_KIND["marketplace-payment"],
  "subscription-failed": marketplace(developer("call-again")),
  "subscription-pending": PROPOSALS_BY_KIND["marketplace-pending"],
  "marketplace-actions-missing": PROPOSALS_BY_KIND["marketplace-permission"],
  "subscription-not-completed": PROPOSALS_BY_KIND["marketplace-permission"],
  "use-case-form-missing": PROPOSALS_BY_KIND["use-case-form"],
  "model-legacy": PROPOSALS_BY_KIND["legacy-or-eol-model"],
  "model-end-of-life": PROPOSALS_BY_KIND["legacy-or-eol-model"],
  "on-demand-not-supported": PROPOSALS_BY_KIND["on-demand-unsupported"],
  "model-id-invalid": correctIdProposal,
  "model-not-resolved": correctIdProposal,
  "model-not-found": correctIdProposal,
  "channel-program-account": PROPOSALS_BY_KIND["channel-program"],
  "country-not-supported": PROPOSALS_BY_KIND["unsupported-country"],
  "anthropic-not-allowed": always(developer("use-another-model"), administrator("open-account-case", "possible")),
  "bedrock-not-allowed": always(administrator("open-account-case")),
  "model-not-available": always(developer("use-another-model"), administrator("contact-aws-sales", "possible")),
  "prompt-operation-not-authorized": always(
    administrator("check-prompt-permissions", "possible"),
    administrator("contact-support", "possible"),
  ),
  "operation-not-authorized": support,
  "account-in-verification": always(developer("wait-for-verification"), administrator("open-account-case", "possible")),
  "operation-not-allowed": support,
  "data-retention-mode": PROPOSALS_BY_KIND["data-retention"],
  "model-access-missing": PROPOSALS_BY_KIND["model-access-not-granted"],
  "agreement-missing": modelAccess("accept-model-agreement"),
  "bearer-token-expired": replaceKey,
  "security-token-expired": PROPOSALS_BY_KIND["expired-credentials"],
  "api-key-expired": replaceKey,
  "security-token-invalid": PROPOSALS_BY_KIND["bad-credentials"],
  "api-key-invalid": replaceKey,
  "api-key-format": replaceKey,
  "bearer-token-invalid": replaceKey,
  "signature-mismatch": PROPOSALS_BY_KIND["bad-credentials"],
  "signature-expired": always(developer("synchronize-clock")),
  "access-not-allowed": PROPOSALS_BY_KIND.unknown,
};
