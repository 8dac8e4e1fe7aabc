import type { PolicyType } from "../authorization.js";
import type { RefusalKind } from "./kinds.js";

/**
 * The policies that an access denied message can identify (IAM User Guide, "Troubleshoot access denied error messages",
 * some of whose examples contain "sessions policy"). A role trust policy isn't one of the library's policy types, so
 * it's recognized and left out.
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
 * Error names that determine the kind by themselves, for messages that contain less information. Lower case, without
 * "Exception".
 */
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

/**
 * Error names under which AWS returns something other than an IAM denial. Their messages may quote the caller's input.
 * Lower case, without "Exception".
 */
export const OTHER_AWS_NAMES: ReadonlySet<string> = new Set([
  "validation",
  "resourcenotfound",
  "unknownoperation",
  "badrequest",
  "notfound",
]);

/**
 * Error names to find in text that other tools wrapped around the error. A longer name comes before a name that it
 * contains.
 */
export const NAMES_IN_TEXT: readonly string[] = [
  ..."AccessDenied Validation ResourceNotFound Throttling TooManyRequests ServiceQuotaExceeded ServiceUnavailable InternalServer ModelTimeout ModelNotReady ModelStreamError ModelError UnrecognizedClient ExpiredToken InvalidSignature IncompleteSignature MissingAuthenticationToken BadCScore"
    .split(" ")
    .map((name) => `${name}Exception`),
  ..."InvalidClientTokenId SignatureDoesNotMatch FTUFormNotFilled MPAgreementBeingCreated ExpiredToken AccessDenied access_denied invalid_api_key".split(
    " ",
  ),
];
