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

/**
 * The fixed sentences by kind, lower case, the more telling kinds first: some messages hold another's words ("Access
 * denied." opens the Legacy message, an expired token is also an invalid one). A phrase that begins with `^` is so
 * general that it counts only where the message begins with it.
 *
 * Sources: Amazon Bedrock User Guide, "Troubleshooting Amazon Bedrock API error codes" and "Access Amazon Bedrock
 * foundation models"; AWS re:Post, "bedrock-access-denied-exception"; the rest as seen in the field.
 */
export const FIXED_SENTENCES: readonly (readonly [kind: RefusalKind, ...phrases: string[]])[] = [
  // The reason behind "Model access is denied due to" tells the kinds of AWS Marketplace apart.
  ["marketplace-payment", "invalid_payment_instrument", "valid payment instrument must be provided"],
  // AWS's own failure to subscribe: nothing that the account could mend is named.
  ["unknown", "denied due to internal_service_error"],
  ["marketplace-pending", "subscription for this model is still being processed", "mpagreementbeingcreated"],
  [
    "marketplace-permission",
    "required aws marketplace actions",
    "marketplace subscription for this model cannot be completed",
  ],
  ["use-case-form", "use case details have not been submitted", "fill out the anthropic use case details form"],
  [
    "legacy-or-eol-model",
    "marked by provider as legacy",
    "reached the end of its life",
    "reached its end of life",
    "reached end of life",
  ],
  [
    "on-demand-unsupported",
    "with on-demand throughput isn't supported",
    "on-demand throughput is not supported",
    "model doesn't support on-demand throughput",
    "not support on demand inference",
    "not support on-demand inference",
    "n't support on demand inference",
  ],
  [
    "invalid-model-id",
    "provided model identifier is invalid",
    "could not resolve the foundation model",
    "^model not found",
  ],
  ["channel-program", "not available for channel program accounts"],
  ["unsupported-country", "from unsupported countries, regions", "access to anthropic models is not allowed"],
  [
    "account-not-authorized",
    "is not available for this account",
    "your account is not authorized to",
    "your account is currently being verified",
    "^operation not allowed",
    "^data retention mode",
  ],
  ["model-access-not-granted", "don't have access to the model", "do not have access to the model"],
  [
    "expired-credentials",
    "bearer token has expired",
    "security token included in the request is expired",
    "api key has expired",
  ],
  [
    "bad-credentials",
    "security token included in the request is invalid",
    "make sure your api key is valid",
    "invalid api key format",
    "invalid bearer token",
    "signature we calculated does not match",
    "signature expired:",
  ],
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

/** Names worth finding in a text that other tools wrapped around the error, the longer before one that it holds. */
export const NAMES_IN_TEXT: readonly string[] = [
  ..."AccessDenied Validation ResourceNotFound Throttling TooManyRequests ServiceQuotaExceeded ServiceUnavailable InternalServer ModelTimeout ModelNotReady ModelStreamError ModelError UnrecognizedClient ExpiredToken InvalidSignature IncompleteSignature MissingAuthenticationToken BadCScore"
    .split(" ")
    .map((name) => `${name}Exception`),
  ..."InvalidClientTokenId SignatureDoesNotMatch FTUFormNotFilled MPAgreementBeingCreated ExpiredToken AccessDenied access_denied invalid_api_key".split(
    " ",
  ),
];
