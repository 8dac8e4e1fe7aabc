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
 * AWS's fixed sentences by kind, lower case, the more specific kinds first: some messages contain another's words ("Access
 * denied." opens the Legacy message, and an expired token is also an invalid one). For `*`, `…`, and `|`, see
 * {@link hasSentence}. A sentence that begins with `^` is so general that it counts only at the start of a message.
 *
 * Sources: Amazon Bedrock User Guide, "Troubleshooting Amazon Bedrock API error codes" and "Access Amazon Bedrock
 * foundation models"; AWS re:Post, "bedrock-access-denied-exception"; the rest as seen in public reports.
 */
export const FIXED_SENTENCES: readonly (readonly [kind: RefusalKind, ...sentences: string[]])[] = [
  // The reason behind "Model access is denied due to" identifies which of the AWS Marketplace kinds it is.
  [
    "marketplace-payment",
    "model access is denied due to |invalid_payment_instrument",
    "a |valid payment instrument must be provided",
  ],
  // AWS failed to subscribe the account. The message identifies nothing that the account could fix.
  ["unknown", "model access is |denied due to internal_service_error"],
  [
    "marketplace-pending",
    "your aws marketplace |subscription for this model is still being processed",
    "|mpagreementbeingcreated",
  ],
  [
    "marketplace-permission",
    "model access is denied due to iam user or service role is not authorized to perform the |required aws marketplace actions",
    "your aws |marketplace subscription for this model cannot be completed",
  ],
  ["use-case-form", "model |use case details have not been submitted", "|fill out the anthropic use case details form"],
  [
    "legacy-or-eol-model",
    "access denied. this model is |marked by provider as legacy",
    "…|reached the end of its life",
    "…|reached its end of life",
    "…|reached end of life",
  ],
  [
    "on-demand-unsupported",
    "invocation of model id * |with on-demand throughput isn't supported",
    "…|on-demand throughput is not supported",
    "…|model doesn't support on-demand throughput",
    "…|not support on demand inference",
    "…|not support on-demand inference",
    "…|n't support on demand inference",
  ],
  [
    "invalid-model-id",
    "the |provided model identifier is invalid",
    "|could not resolve the foundation model",
    "^model not found",
  ],
  ["channel-program", "access to this model is |not available for channel program accounts"],
  [
    "unsupported-country",
    "access to anthropic models is not allowed |from unsupported countries, regions",
    "|access to anthropic models is not allowed",
  ],
  [
    "account-not-authorized",
    "* |is not available for this account",
    "|your account is not authorized to",
    "|your account is currently being verified",
    "^operation not allowed",
    "^data retention mode",
  ],
  ["model-access-not-granted", "you |don't have access to the model", "you |do not have access to the model"],
  [
    "expired-credentials",
    "|bearer token has expired",
    "the |security token included in the request is expired",
    "…|api key has expired",
  ],
  [
    "bad-credentials",
    "the |security token included in the request is invalid",
    "authentication failed: please |make sure your api key is valid",
    "|invalid api key format",
    "|invalid bearer token",
    "the request |signature we calculated does not match",
    "|signature expired:",
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

/** Error names that mean "denied", whatever the message says. Lower case, without "Exception". */
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
  "serialization",
  "conflict",
  "aborterror",
  "timeouterror",
  "credentialsprovidererror",
  "tokenprovidererror",
]);

/**
 * Error names under which AWS returns something other than an IAM denial: the message may quote the caller's input. Lower
 * case, without "Exception".
 */
export const OTHER_AWS_NAMES: ReadonlySet<string> = new Set([
  "validation",
  "resourcenotfound",
  "unknownoperation",
  "badrequest",
  "notfound",
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
