export type RefusalKind =
  | "iam-denied"
  | "model-access-not-granted"
  | "marketplace-permission"
  | "marketplace-pending"
  | "marketplace-payment"
  | "use-case-form"
  | "legacy-or-eol-model"
  | "on-demand-unsupported"
  | "invalid-model-id"
  | "bad-credentials"
  | "expired-credentials"
  | "bearer-token-denied"
  | "kms-denied"
  | "guardrail-denied"
  | "account-not-authorized"
  | "unsupported-country"
  | "channel-program"
  | "unknown";

export type PolicyType =
  | "service-control-policy"
  | "resource-control-policy"
  | "identity-based-policy"
  | "permissions-boundary"
  | "session-policy"
  | "vpc-endpoint-policy"
  | "resource-based-policy";

export type DenyKind = "explicit" | "implicit";
