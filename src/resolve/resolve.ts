import { LookupCache, LookupFailed } from "./cache.js";
import type { KnownProfile } from "./known-profiles.js";
import type { ModelReference } from "./model-id.js";
import type { InferenceProfile, ProfileSource } from "./profile-source.js";

/** Why the API did not answer a lookup. */
export type LookupFailureReason =
  | "denied"
  | "not-found"
  | "throttled"
  | "timeout"
  | "unreachable"
  | "malformed"
  | "bad-credentials"
  | "other";

/** A lookup that failed: what kind of failure, and the names of the error. Never its text, which may hold anything. */
export interface LookupFailure {
  reason: LookupFailureReason;
  errorName?: string;
  httpStatus?: number;
  /** When it failed: ISO 8601, UTC. Earlier than now where the failure is remembered. */
  at: string;
}

/** An inference profile and how we know it, or why we do not. */
export interface ProfileLookup {
  via: "api" | "bundled-catalog" | "none";
  profile?: InferenceProfile;
  /** True when the API had answered an earlier lookup. */
  cached: boolean;
  /** When the API answered (ISO 8601), or the catalog's date. */
  asOf?: string;
  /** Why the API did not answer; present also where the catalog did. */
  failure?: LookupFailure;
}

/** The part of the bundled catalog that a lookup falls back to. */
export interface KnownProfiles {
  knownProfile(profileId: string, sourceRegion: string): KnownProfile | undefined;
}

export interface ResolverOptions {
  source: ProfileSource;
  /** Loads the bundled catalog; called only where the API does not answer. */
  catalog: () => Promise<KnownProfiles>;
  /** How long a profile is kept, in milliseconds. */
  cacheTtlMs: number;
  /** How long one lookup may take, in milliseconds. */
  timeoutMs: number;
  /** How long a failed lookup is not repeated, in milliseconds. @default 30000 */
  failureTtlMs?: number;
  /** @default 1000 */
  maxEntries?: number;
  now?: () => number;
}

/** Looks inference profiles up: the API first, and where it is denied, slow or out of reach, the bundled catalog. */
export class ProfileResolver {
  readonly #options: ResolverOptions;
  readonly #cache: LookupCache<InferenceProfile>;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#cache = new LookupCache({
      ttlMs: options.cacheTtlMs,
      failureTtlMs: options.failureTtlMs ?? 30_000,
      timeoutMs: options.timeoutMs,
      maxEntries: options.maxEntries ?? 1_000,
      now: options.now ?? Date.now,
    });
  }

  /** Never rejects: what could not be found out is in the answer. Cached by profile and source Region, never by profile alone. */
  async resolve(reference: ModelReference, sourceRegion: string, signal: AbortSignal): Promise<ProfileLookup> {
    if (!("profileId" in reference)) return { via: "none", cached: false };
    const key = `${sourceRegion} ${reference.arn ?? reference.profileId}`;
    const lookUp = async (flight: AbortSignal) =>
      usable(await this.#options.source.lookUp(reference.arn ?? reference.profileId, sourceRegion, flight));
    try {
      const { value, cached, at } = await this.#cache.get(key, lookUp, signal);
      return { via: "api", profile: value, cached, asOf: new Date(at).toISOString() };
    } catch (error) {
      return this.#fromCatalog(reference.profileId, sourceRegion, this.#failure(error));
    }
  }

  /** Ends what is under way and forgets what was learned. */
  destroy(): void {
    this.#cache.clear();
  }

  async #fromCatalog(profileId: string, sourceRegion: string, failure: LookupFailure): Promise<ProfileLookup> {
    const catalog = await this.#options.catalog().catch(() => undefined);
    const known = catalog?.knownProfile(profileId, sourceRegion);
    if (!known) return { via: "none", cached: false, failure };
    return { via: "bundled-catalog", profile: known.profile, cached: false, asOf: known.asOf, failure };
  }

  #failure(error: unknown): LookupFailure {
    const now = this.#options.now ?? Date.now;
    const at = new Date(error instanceof LookupFailed ? error.at : now()).toISOString();
    // A caller that stopped waiting, against a lookup that ended by itself.
    if (!(error instanceof LookupFailed)) return { reason: "timeout", at };
    return { ...failureOf(error.reason), at };
  }
}

class MalformedProfile extends Error {
  override readonly name = "MalformedProfile";
}

/** An answer that names no model is of no use. The API's own constraints are not checked: real answers break them. */
function usable(profile: InferenceProfile): InferenceProfile {
  if (profile.id === "" || profile.models.length === 0) throw new MalformedProfile("The profile names no model.");
  return profile;
}

const BY_NAME: ReadonlyMap<string, LookupFailureReason> = new Map([
  ["AccessDeniedException", "denied"],
  ["AccessDenied", "denied"],
  ["ResourceNotFoundException", "not-found"],
  ["ValidationException", "not-found"],
  ["ThrottlingException", "throttled"],
  ["TooManyRequestsException", "throttled"],
  ["TimeoutError", "timeout"],
  ["AbortError", "timeout"],
  ["ECONNREFUSED", "unreachable"],
  ["ECONNRESET", "unreachable"],
  ["ENOTFOUND", "unreachable"],
  ["EAI_AGAIN", "unreachable"],
  ["ETIMEDOUT", "timeout"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["EPIPE", "unreachable"],
  ["UnrecognizedClientException", "bad-credentials"],
  ["ExpiredTokenException", "bad-credentials"],
  ["InvalidSignatureException", "bad-credentials"],
  ["CredentialsProviderError", "bad-credentials"],
  ["TokenProviderError", "bad-credentials"],
  ["SyntaxError", "malformed"],
  ["MalformedProfile", "malformed"],
]);

/** Sorts an error by its names and status; never by its text. */
function failureOf(error: unknown): Omit<LookupFailure, "at"> {
  const { name, code, $metadata } = (error ?? {}) as {
    name?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const errorName = typeof name === "string" ? name : undefined;
  const status = typeof $metadata?.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
  return {
    reason: BY_NAME.get(String(code)) ?? BY_NAME.get(errorName ?? "") ?? byStatus(status),
    ...(errorName === undefined ? {} : { errorName }),
    ...(status === undefined ? {} : { httpStatus: status }),
  };
}

function byStatus(status: number | undefined): LookupFailureReason {
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "not-found";
  if (status === 429) return "throttled";
  return "other";
}
