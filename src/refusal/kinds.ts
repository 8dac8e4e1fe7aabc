/** Every kind of denial. Each has a heading in docs/findings.md. */
export const REFUSAL_KINDS = [
  "iam-denied",
  "model-access-not-granted",
  "marketplace-permission",
  "marketplace-pending",
  "marketplace-payment",
  "use-case-form",
  "legacy-or-eol-model",
  "on-demand-unsupported",
  "invalid-model-id",
  "bad-credentials",
  "expired-credentials",
  "bearer-token-denied",
  "kms-denied",
  "guardrail-denied",
  "account-not-authorized",
  "data-retention",
  "unsupported-country",
  "channel-program",
  "unknown",
] as const;

/** The cause of a denial. `unknown` means that it's a denial whose message isn't recognized. */
export type RefusalKind = (typeof REFUSAL_KINDS)[number];
