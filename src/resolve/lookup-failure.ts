/** Why the API did not answer a lookup. */
export type LookupFailureReason =
  | "denied"
  | "not-found"
  | "throttled"
  | "timeout"
  | "unreachable"
  | "malformed"
  | "bad-credentials"
  /** The SDK's package for it isn't installed. */
  | "not-installed"
  /** The package is installed, but it can't be loaded, or lacks what is needed. */
  | "not-loaded"
  | "other";

/** A lookup that failed: what kind of failure, and the names of the error. Never its text, which may hold anything. */
export interface LookupFailure {
  reason: LookupFailureReason;
  /** The package that isn't installed, or can't be loaded. */
  packageName?: string;
  /** What the installed version of the package doesn't export. */
  missingExport?: string;
  errorName?: string;
  httpStatus?: number;
  /** When it failed: ISO 8601, UTC. Earlier than now where the failure is remembered. */
  at: string;
}

/** The service answered with something that is no answer to the question. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** A package that the application has not installed. */
export class NotInstalledError extends Error {
  override readonly name = "NotInstalledError";
  readonly packageName: string;

  constructor(packageName: string) {
    super(`${packageName} is not installed.`);
    this.packageName = packageName;
  }
}

/** A package that is installed, but can't be used: loading it failed, or the installed version lacks an export. */
export class NotLoadedError extends Error {
  override readonly name = "NotLoadedError";
  readonly packageName: string;
  /** The name of the error that loading it failed with. */
  readonly errorName?: string;
  readonly missingExport?: string;

  /** @param why the error, or the name of the export that the installed version lacks */
  constructor(packageName: string, why: { error: unknown } | { missingExport: string }) {
    super(`${packageName} could not be loaded.`, "error" in why ? { cause: why.error } : {});
    this.packageName = packageName;
    if ("missingExport" in why) this.missingExport = why.missingExport;
    else Object.assign(this, namedBy(why.error));
  }
}

/** A question that cannot be put here, for a reason that has a name. */
export class NotApplicableError<Reason extends string = string> extends Error {
  override readonly name = "NotApplicableError";
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`Not applicable: ${reason}.`);
    this.reason = reason;
  }
}

type NamedReason = Exclude<LookupFailureReason, "not-installed" | "not-loaded" | "other">;

const NAMES: Record<NamedReason, string> = {
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
  (Object.keys(NAMES) as NamedReason[]).flatMap((reason) =>
    NAMES[reason].split(" ").map((name) => [name, reason] as const),
  ),
);

/** A 404 without AWS's name for it is missing here: a gateway in between doesn't know which models AWS has. */
const BY_STATUS: ReadonlyMap<unknown, LookupFailureReason> = new Map<number, LookupFailureReason>([
  [401, "bad-credentials"],
  [403, "denied"],
  [408, "timeout"],
  [429, "throttled"],
  [504, "timeout"],
]);

/** Sorts an error by its names, its causes' names and its status; never by its text. */
export function failureOf(error: unknown): Omit<LookupFailure, "at"> {
  if (error instanceof NotInstalledError) return { reason: "not-installed", packageName: error.packageName };
  if (error instanceof NotLoadedError) return { reason: "not-loaded", ...unloaded(error) };
  const { name, $metadata } = (error ?? {}) as { name?: unknown; $metadata?: { httpStatusCode?: unknown } };
  const status = $metadata?.httpStatusCode;
  return {
    reason: reasonByName(error) ?? BY_STATUS.get(status) ?? "other",
    // A name can come from the wire: what does not look like one is left out.
    ...(isName(name) ? { errorName: name } : {}),
    ...(typeof status === "number" ? { httpStatus: status } : {}),
  };
}

const isName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z][\w.]{0,63}$/.test(name);

/** The package, and why it can't be used. */
export function unloaded({ packageName, errorName, missingExport }: NotLoadedError) {
  return {
    packageName,
    ...(errorName === undefined ? {} : { errorName }),
    ...(missingExport === undefined ? {} : { missingExport }),
  };
}

/** The error's name. For a plain Error its code says more: `EMFILE`. */
function namedBy(error: unknown): { errorName?: string } {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const errorName = name === "Error" && isName(code) ? code : name;
  return isName(errorName) ? { errorName } : {};
}

/** `fetch` hides the network's error in `cause`, and other clients do so once more. */
function reasonByName(error: unknown, depth = 0): LookupFailureReason | undefined {
  if (typeof error !== "object" || error === null || depth > 3) return undefined;
  const { name, code, cause } = error as { name?: unknown; code?: unknown; cause?: unknown };
  return BY_NAME.get(code) ?? BY_NAME.get(name) ?? reasonByName(cause, depth + 1);
}
