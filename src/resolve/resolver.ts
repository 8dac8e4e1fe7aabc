import { defined } from "../defined.js";
import { LookupCache, type Sharing } from "./cache.js";
import { failureOf, type LookupFailure } from "./lookup-failure.js";
import type { SharedStore } from "./shared-store.js";

/** How lookups are limited, cached, and shared. */
export interface ResolverLimits {
  /** How long an answer of the API is cached, in milliseconds. */
  cacheTtlMs: number;
  /** The time limit of one lookup, in milliseconds. */
  timeoutMs: number;
  /** How long a failed lookup is cached before it's repeated, in milliseconds. @default 30000 */
  failureTtlMs?: number;
  /** How many answers are cached. @default 1000 */
  maxEntries?: number;
  /** Returns the current time in milliseconds since the epoch. @default Date.now */
  now?: () => number;
  /** The store that shares answers with other processes. @default no store */
  store?: SharedStore | undefined;
}

/** What to look up. */
interface Wanted<T> {
  /** Identifies everything that the answer depends on. */
  key: string;
  /** Calls the API. Throws if the response can't be used. */
  lookUp(signal: AbortSignal): Promise<T>;
  /** How the answer is shared with other processes. @default not at all */
  sharing?: Sharing<T> | undefined;
  /** Searches the catalog. Called only if the API provides no answer. */
  inCatalog(): Promise<{ value: T | undefined; asOf: string | undefined }>;
}

/** An answer and its source, or the reason why the lookup failed. */
interface Resolved<T> {
  via: "api" | "bundled-catalog" | "none";
  value?: T;
  /** True if the API answered an earlier lookup. */
  cached: boolean;
  /** When the API responded (ISO 8601), or the catalog's date. */
  asOf?: string;
  /** Why the API didn't provide an answer. */
  failure?: LookupFailure;
}

/**
 * Looks things up with the API. If the request is denied, slow, or can't reach the service, uses a catalog. Answers and
 * failures are cached, and calls that need the same answer share one lookup.
 */
export class Resolver<T> {
  readonly #cache: LookupCache<T, Omit<LookupFailure, "at">>;
  readonly #now: () => number;

  constructor({ cacheTtlMs, failureTtlMs = 30_000, maxEntries = 1_000, now = Date.now, ...limits }: ResolverLimits) {
    this.#now = now;
    const ttl = { ttlMs: cacheTtlMs, failureTtlMs };
    this.#cache = new LookupCache({ ...limits, ...ttl, maxEntries, now, describe: failureOf });
  }

  /**
   * Never rejects. If the lookup fails, the result contains the reason.
   *
   * @param signal ends this caller's waiting, with the reason `timeout`. Other callers that wait for the same lookup
   * continue
   */
  async resolve(wanted: Wanted<T>, signal: AbortSignal | undefined): Promise<Resolved<T>> {
    const { key, lookUp, sharing, inCatalog } = wanted;
    const answer = await this.#cache.get(key, lookUp, signal, sharing).catch(() => undefined);
    const at = new Date(answer?.at ?? this.#now()).toISOString();
    if (answer && "value" in answer) return { via: "api", value: answer.value, cached: answer.cached, asOf: at };
    const failure: LookupFailure = { ...(answer?.failure ?? { reason: "timeout" }), at };
    // If the service returns that it doesn't exist, an older catalog doesn't override that.
    if (failure.reason === "not-found") return { via: "none", cached: false, failure };
    // If the catalog can't be loaded, as in a bundle without it, it's treated as empty.
    const known = await inCatalog().catch(() => ({ value: undefined, asOf: undefined }));
    const via = known.value === undefined ? "none" : "bundled-catalog";
    return { via, cached: false, failure, ...defined({ value: known.value, asOf: known.asOf }) } as Resolved<T>;
  }

  /** Ends all lookups in progress and clears the cache. */
  clear(): void {
    this.#cache.clear();
  }
}
