import type { RefusalKind } from "./kinds.js";

/** One of AWS's fixed sentences. */
interface FixedSentence {
  kind: RefusalKind;
  /**
   * The forms of the sentence that AWS uses, in lower case. For `*`, `…`, and `|`, see `hasSentence`. A form that
   * begins with `^` is so general that it counts only at the start of a message.
   */
  patterns: readonly string[];
}

/**
 * AWS's fixed sentences by code, the more specific ones first, because some messages contain the text of another one
 * ("Access denied." opens the Legacy message, and an expired token is also an invalid one). Each code has a heading in
 * docs/findings.md.
 *
 * Sources: Amazon Bedrock User Guide, "Troubleshooting Amazon Bedrock API error codes", "Access Amazon Bedrock
 * foundation models", and "Data retention"; AWS re:Post, "bedrock-access-denied-exception". The other sentences are
 * from public reports.
 */
export const FIXED_SENTENCES = {
  // The reason after "Model access is denied due to" identifies which of the AWS Marketplace kinds it is.
  "payment-instrument-invalid": {
    kind: "marketplace-payment",
    patterns: [
      "model access is denied due to |invalid_payment_instrument",
      "a |valid payment instrument must be provided",
    ],
  },
  // AWS failed to subscribe the account. The message identifies nothing that the account could fix.
  "subscription-failed": { kind: "unknown", patterns: ["model access is |denied due to internal_service_error"] },
  "subscription-pending": {
    kind: "marketplace-pending",
    patterns: [
      "your aws marketplace |subscription for this model is still being processed",
      "|mpagreementbeingcreated",
    ],
  },
  "marketplace-actions-missing": {
    kind: "marketplace-permission",
    patterns: [
      "model access is denied due to iam user or service role is not authorized to perform the |required aws marketplace actions",
    ],
  },
  "subscription-not-completed": {
    kind: "marketplace-permission",
    patterns: ["your aws |marketplace subscription for this model cannot be completed"],
  },
  "use-case-form-missing": {
    kind: "use-case-form",
    patterns: ["model |use case details have not been submitted", "|fill out the anthropic use case details form"],
  },
  "model-legacy": {
    kind: "legacy-or-eol-model",
    patterns: ["access denied. this model is |marked by provider as legacy"],
  },
  "model-end-of-life": {
    kind: "legacy-or-eol-model",
    patterns: ["…|reached the end of its life", "…|reached its end of life", "…|reached end of life"],
  },
  "on-demand-not-supported": {
    kind: "on-demand-unsupported",
    patterns: [
      "invocation of model id * |with on-demand throughput isn't supported",
      "…|on-demand throughput is not supported",
      "…|model doesn't support on-demand throughput",
      "…|not support on demand inference",
      "…|not support on-demand inference",
      "…|n't support on demand inference",
    ],
  },
  "model-id-invalid": { kind: "invalid-model-id", patterns: ["the |provided model identifier is invalid"] },
  "model-not-resolved": { kind: "invalid-model-id", patterns: ["|could not resolve the foundation model"] },
  "model-not-found": { kind: "invalid-model-id", patterns: ["^model not found"] },
  "channel-program-account": {
    kind: "channel-program",
    patterns: ["access to this model is |not available for channel program accounts"],
  },
  "country-not-supported": {
    kind: "unsupported-country",
    patterns: ["access to anthropic models is not allowed |from unsupported countries, regions"],
  },
  "anthropic-not-allowed": { kind: "unsupported-country", patterns: ["|access to anthropic models is not allowed"] },
  "bedrock-not-allowed": {
    kind: "account-not-authorized",
    patterns: ["error 002: |access to bedrock models is not allowed", "|access to bedrock models is not allowed"],
  },
  "model-not-available": { kind: "account-not-authorized", patterns: ["* |is not available for this account"] },
  // According to one public report, AWS returned it when permissions for the prompt's destination Regions were missing.
  "prompt-operation-not-authorized": {
    kind: "account-not-authorized",
    patterns: ["|your account is not authorized to invoke this api operation with a prompt resource"],
  },
  "operation-not-authorized": { kind: "account-not-authorized", patterns: ["|your account is not authorized to"] },
  "account-in-verification": {
    kind: "account-not-authorized",
    patterns: ["|your account is currently being verified"],
  },
  "operation-not-allowed": { kind: "account-not-authorized", patterns: ["^operation not allowed"] },
  "data-retention-mode": { kind: "data-retention", patterns: ["^data retention mode"] },
  "model-access-missing": {
    kind: "model-access-not-granted",
    patterns: ["you |don't have access to the model", "you |do not have access to the model"],
  },
  "agreement-missing": {
    kind: "model-access-not-granted",
    patterns: [
      "your account does |not have an agreement to this model",
      "your account |doesn't have an agreement to this model",
    ],
  },
  "bearer-token-expired": { kind: "expired-credentials", patterns: ["|bearer token has expired"] },
  "security-token-expired": {
    kind: "expired-credentials",
    patterns: ["the |security token included in the request is expired"],
  },
  "api-key-expired": { kind: "expired-credentials", patterns: ["…|api key has expired"] },
  "security-token-invalid": {
    kind: "bad-credentials",
    patterns: ["the |security token included in the request is invalid"],
  },
  "api-key-invalid": {
    kind: "bad-credentials",
    patterns: ["authentication failed: please |make sure your api key is valid"],
  },
  "api-key-format": { kind: "bad-credentials", patterns: ["|invalid api key format"] },
  "bearer-token-invalid": { kind: "bad-credentials", patterns: ["|invalid bearer token"] },
  "signature-mismatch": { kind: "bad-credentials", patterns: ["the request |signature we calculated does not match"] },
  "signature-expired": { kind: "bad-credentials", patterns: ["|signature expired:"] },
  // A sentence in which AWS denies access to an account, in a form that this release doesn't recognize.
  "access-not-allowed": {
    kind: "unknown",
    patterns: ["^access to …is not allowed", "^access to …is not authorized", "^access to …is denied"],
  },
} as const satisfies Record<string, FixedSentence>;

/** Identifies one of AWS's fixed sentences. */
export type SentenceCode = keyof typeof FIXED_SENTENCES;

/** The codes in the order in which the sentences are searched for. */
export const SENTENCE_CODES = Object.keys(FIXED_SENTENCES) as SentenceCode[];
