import type { PolicyType, RefusalKind } from "./kinds.js";

/**
 * The policies that a refusal may name (IAM User Guide, "Troubleshoot access denied error messages"; "sessions policy"
 * stands in some of its examples). A role trust policy is no policy of ours: it is understood, and left out.
 */
export const POLICY_NAMES: readonly (readonly [phrase: string, type: PolicyType | undefined])[] = [
  ["service control policy", "service-control-policy"],
  ["resource control policy", "resource-control-policy"],
  ["identity-based policy", "identity-based-policy"],
  ["permissions boundary", "permissions-boundary"],
  ["session policy", "session-policy"],
  ["sessions policy", "session-policy"],
  ["vpc endpoint policy", "vpc-endpoint-policy"],
  ["resource-based policy", "resource-based-policy"],
  ["role trust policy", undefined],
];

/** A sentence that AWS uses as it stands. `opening`: so general that it counts only where the message begins with it. */
interface FixedSentence {
  phrase: string;
  kind: RefusalKind;
  opening?: true;
}

/**
 * The fixed sentences, the more telling first: some hold another's words ("Access denied." opens the Legacy message).
 * Sources: Amazon Bedrock User Guide, "Troubleshooting Amazon Bedrock API error codes" and "Access Amazon Bedrock
 * foundation models"; AWS re:Post, "bedrock-access-denied-exception"; the rest as seen in the field.
 */
export const FIXED_SENTENCES: readonly FixedSentence[] = [
  // Model access through AWS Marketplace: the reason behind "Model access is denied due to" tells the kinds apart.
  { phrase: "invalid_payment_instrument", kind: "marketplace-payment" },
  { phrase: "valid payment instrument must be provided", kind: "marketplace-payment" },
  // AWS's own failure to subscribe: nothing that the account could mend is named.
  { phrase: "denied due to internal_service_error", kind: "unknown" },
  { phrase: "required aws marketplace actions", kind: "marketplace-permission" },
  { phrase: "aws marketplace subscription for this model is still being processed", kind: "marketplace-pending" },
  { phrase: "mpagreementbeingcreated", kind: "marketplace-pending" },
  { phrase: "marketplace subscription for this model cannot be completed", kind: "marketplace-permission" },
  // The first-use form, a 404.
  { phrase: "use case details have not been submitted", kind: "use-case-form" },
  { phrase: "fill out the anthropic use case details form", kind: "use-case-form" },
  // Retired models, also 404, also where they begin with "Access denied."
  { phrase: "marked by provider as legacy", kind: "legacy-or-eol-model" },
  { phrase: "reached the end of its life", kind: "legacy-or-eol-model" },
  { phrase: "reached its end of life", kind: "legacy-or-eol-model" },
  { phrase: "reached end of life", kind: "legacy-or-eol-model" },
  // Throughput and ids, both 400.
  { phrase: "with on-demand throughput isn't supported", kind: "on-demand-unsupported" },
  { phrase: "on-demand throughput is not supported", kind: "on-demand-unsupported" },
  { phrase: "does not support on demand inference", kind: "on-demand-unsupported" },
  { phrase: "doesn't support on demand inference", kind: "on-demand-unsupported" },
  { phrase: "model doesn't support on-demand throughput", kind: "on-demand-unsupported" },
  { phrase: "does not support on-demand inference", kind: "on-demand-unsupported" },
  { phrase: "provided model identifier is invalid", kind: "invalid-model-id" },
  { phrase: "could not resolve the foundation model", kind: "invalid-model-id" },
  { phrase: "model not found", kind: "invalid-model-id", opening: true },
  // The account.
  { phrase: "not available for channel program accounts", kind: "channel-program" },
  { phrase: "models is not allowed from unsupported countries", kind: "unsupported-country" },
  { phrase: "from unsupported countries, regions, or territories", kind: "unsupported-country" },
  { phrase: "access to anthropic models is not allowed", kind: "unsupported-country" },
  { phrase: "is not available for this account", kind: "account-not-authorized" },
  { phrase: "your account is not authorized to", kind: "account-not-authorized" },
  { phrase: "your account is currently being verified", kind: "account-not-authorized" },
  { phrase: "operation not allowed", kind: "account-not-authorized", opening: true },
  { phrase: "data retention mode", kind: "account-not-authorized", opening: true },
  // Model access.
  { phrase: "don't have access to the model", kind: "model-access-not-granted" },
  { phrase: "do not have access to the model", kind: "model-access-not-granted" },
  // Credentials and API keys. An expired one first: it is also an invalid one.
  { phrase: "bearer token has expired", kind: "expired-credentials" },
  { phrase: "security token included in the request is expired", kind: "expired-credentials" },
  { phrase: "api key has expired", kind: "expired-credentials" },
  { phrase: "security token included in the request is invalid", kind: "bad-credentials" },
  { phrase: "make sure your api key is valid", kind: "bad-credentials" },
  { phrase: "invalid api key format", kind: "bad-credentials" },
  { phrase: "invalid bearer token", kind: "bad-credentials" },
  { phrase: "signature we calculated does not match", kind: "bad-credentials" },
  { phrase: "signature expired:", kind: "bad-credentials" },
];

/** Error names that say the kind by themselves, for messages that say less. Lower case, without "Exception". */
export const KIND_BY_NAME: ReadonlyMap<string, RefusalKind> = new Map([
  ["expiredtoken", "expired-credentials"],
  ["requestexpired", "expired-credentials"],
  ["unrecognizedclient", "bad-credentials"],
  ["invalidsignature", "bad-credentials"],
  ["signaturedoesnotmatch", "bad-credentials"],
  ["incompletesignature", "bad-credentials"],
  ["invalidclienttokenid", "bad-credentials"],
  ["missingauthenticationtoken", "bad-credentials"],
  ["invalid_api_key", "bad-credentials"],
  ["ftuformnotfilled", "use-case-form"],
  ["mpagreementbeingcreated", "marketplace-pending"],
  ["badcscore", "account-not-authorized"],
]);

/** Error names that mean "refused", whatever the message says. Lower case, without "Exception". */
export const DENIED_NAMES: ReadonlySet<string> = new Set([
  "accessdenied",
  "access_denied",
  "unauthorized",
  "unauthorizedoperation",
  "forbidden",
  "notauthorized",
  "permissiondenied",
]);

/**
 * Error names that are no refusal, whatever the message quotes: throttling, capacity, the model's own failure, the
 * caller's own network or abort, credentials that were never found. Lower case, without "Exception".
 */
export const NO_REFUSAL: ReadonlySet<string> = new Set([
  "throttling",
  "throttled",
  "toomanyrequests",
  "servicequotaexceeded",
  "modeltimeout",
  "modelerror",
  "modelstreamerror",
  "modelnotready",
  "internalserver",
  "serviceunavailable",
  "conflict",
  "aborterror",
  "timeouterror",
  "credentialsprovidererror",
  "tokenprovidererror",
]);

/** Names worth finding in a text that other tools wrapped around the error, longest first where one holds another. */
export const NAMES_IN_TEXT: readonly string[] = [
  "AccessDeniedException",
  "ValidationException",
  "ResourceNotFoundException",
  "ThrottlingException",
  "TooManyRequestsException",
  "ServiceQuotaExceededException",
  "ServiceUnavailableException",
  "InternalServerException",
  "ModelTimeoutException",
  "ModelNotReadyException",
  "ModelStreamErrorException",
  "ModelErrorException",
  "UnrecognizedClientException",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "IncompleteSignatureException",
  "MissingAuthenticationTokenException",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "FTUFormNotFilled",
  "MPAgreementBeingCreated",
  "BadCScoreException",
  "ExpiredToken",
  "AccessDenied",
  "access_denied",
  "invalid_api_key",
];
