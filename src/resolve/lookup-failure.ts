import { defined } from "../defined.js";

/** Why a lookup received no answer from the API. */
export type LookupFailureReason =
  | "denied"
  | "not-found"
  | "throttled"
  | "timeout"
  | "unreachable"
  | "malformed"
  | "bad-credentials"
  /** The SDK package that the lookup needs isn't installed. */
  | "not-installed"
  /** The package is installed, but it can't be loaded or lacks a required export. */
  | "not-loaded"
  | "other";

/**
 * A failed lookup: the kind of failure, and the names of the error. The error message is never included, because it may
 * contain any text.
 */
export interface LookupFailure {
  reason: LookupFailureReason;
  /** The package that isn't installed, or can't be loaded. */
  packageName?: string;
  /** The export that the installed version of the package lacks. */
  missingExport?: string;
  errorName?: string;
  httpStatus?: number;
  /** When the lookup failed: ISO 8601, UTC. This is in the past if the failure is cached. */
  at: string;
}

/** The service returned a response that isn't valid for the request. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** A package that the application hasn't installed. */
export class NotInstalledError extends Error {
  override readonly name = "NotInstalledError";
  readonly packageName: string;

  constructor(packageName: string) {
    super(`${packageName} isn't installed.`);
    this.packageName = packageName;
  }
}

/**
 * A package that is installed but can't be used, because loading it failed or the installed version lacks an export.
 */
export class NotLoadedError extends Error {
  override readonly name = "NotLoadedError";
  readonly packageName: string;
  /** The name of the error that occurred when the package was loaded. */
  readonly errorName?: string;
  readonly missingExport?: string;

  /** @param why the error, or the name of the export that the installed version lacks */
  constructor(packageName: string, why: { error: unknown } | { missingExport: string }) {
    super(`${packageName} couldn't be loaded.`, "error" in why ? { cause: why.error } : {});
    this.packageName = packageName;
    if ("missingExport" in why) this.missingExport = why.missingExport;
    else Object.assign(this, namedBy(why.error));
  }
}

/** A lookup that can't be made here. The reason has a fixed name. */
export class NotApplicableError<Reason extends string = string> extends Error {
  override readonly name = "NotApplicableError";
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`Not applicable: ${reason}.`);
    this.reason = reason;
  }
}

type NamedReason = Exclude<LookupFailureReason, "not-installed" | "not-loaded" | "other">;

const ERROR_NAMES_BY_REASON: Record<NamedReason, string> = {
  denied: "AccessDeniedException AccessDenied UnauthorizedException",
  "not-found": "ResourceNotFoundException ResourceNotFound",
  throttled: "ThrottlingException Throttling ThrottledException TooManyRequestsException RequestLimitExceeded",
  timeout:
    "TimeoutError AbortError ETIMEDOUT ESOCKETTIMEDOUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT",
  unreachable:
    "ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN EPIPE EPROTO UND_ERR_SOCKET DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_VERIFY_LEAF_SIGNATURE UNABLE_TO_GET_ISSUER_CERT_LOCALLY CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID",
  malformed: "SyntaxError MalformedAnswer",
  "bad-credentials":
    "UnrecognizedClientException UnrecognizedClient InvalidClientTokenId ExpiredTokenException ExpiredToken RequestExpired InvalidSignatureException SignatureDoesNotMatch IncompleteSignature MissingAuthenticationTokenException MissingAuthenticationToken CredentialsProviderError TokenProviderError ProviderError",
};

const BY_NAME: ReadonlyMap<unknown, LookupFailureReason> = new Map(
  (Object.keys(ERROR_NAMES_BY_REASON) as NamedReason[]).flatMap((reason) =>
    ERROR_NAMES_BY_REASON[reason].split(" ").map((name) => [name, reason] as const),
  ),
);

/**
 * A 404 without AWS's error name isn't included, because a gateway can return it without checking which models AWS has.
 */
const BY_STATUS: ReadonlyMap<unknown, LookupFailureReason> = new Map<number, LookupFailureReason>([
  [401, "bad-credentials"],
  [403, "denied"],
  [408, "timeout"],
  [429, "throttled"],
  [504, "timeout"],
]);

/** Classifies an error by its name, the names of its causes, and its status. The error message is never used. */
export function failureOf(error: unknown): Omit<LookupFailure, "at"> {
  if (error instanceof NotInstalledError) return { reason: "not-installed", packageName: error.packageName };
  if (error instanceof NotLoadedError) return { reason: "not-loaded", ...unloaded(error) };
  const { name, $metadata } = (error ?? {}) as { name?: unknown; $metadata?: { httpStatusCode?: unknown } };
  const status = $metadata?.httpStatusCode;
  return {
    reason: reasonByName(error) ?? BY_STATUS.get(status) ?? "other",
    // The name can come from the network. It's left out if it doesn't look like an error name.
    ...defined({
      errorName: isName(name) ? name : undefined,
      httpStatus: typeof status === "number" ? status : undefined,
    }),
  };
}

const isName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z][\w.]{0,63}$/.test(name);

/** Returns the package and the reason why it can't be used. */
export function unloaded({ packageName, errorName, missingExport }: NotLoadedError) {
  return defined({ packageName, errorName, missingExport });
}

/** Returns the error's name. For a plain Error, its code is more specific: `EMFILE`. */
function namedBy(error: unknown): { errorName?: string } {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const errorName = name === "Error" && isName(code) ? code : name;
  return isName(errorName) ? { errorName } : {};
}

/** `fetch` puts the network error in `cause`, and other clients wrap it once more. */
function reasonByName(error: unknown, depth = 0): LookupFailureReason | undefined {
  if (typeof error !== "object" || error === null || depth > 3) return undefined;
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: unknown };
  return BY_NAME.get(code) ?? BY_NAME.get(name) ?? reasonByName(cause, depth + 1);
}
