import { LookupCache, type Sharing } from "../resolve/cache.js";
import type { SharedStore } from "../resolve/shared-store.js";

interface SourceCacheOptions {
  /** How long a response is cached, in milliseconds. */
  ttlMs: number;
  /** How long a lookup that failed or timed out is cached, in milliseconds. @default 30000 */
  failureTtlMs?: number;
  /** How long a lookup may continue after the deadline of its last caller, in milliseconds. @default 1000 */
  graceMs?: number;
  /** How many responses are cached. @default 1000 */
  maxEntries?: number;
  /** The store that shares responses with other processes. @default no store */
  store?: SharedStore | undefined;
}

/** The time limit of one lookup, in milliseconds. Each caller that waits for it has its own deadline. */
export const LONGEST_LOOKUP_MS = 30_000;

/** The responses of one source of evidence. A failed lookup throws the service's error itself. */
export class SourceCache<T> {
  readonly #cache: LookupCache<T, unknown>;

  constructor({ failureTtlMs = 30_000, maxEntries = 1_000, ...options }: SourceCacheOptions) {
    // The error itself is kept, because its name is needed.
    const describe = (error: unknown) => error;
    const limits = { failureTtlMs, maxEntries, timeoutMs: LONGEST_LOOKUP_MS, now: Date.now, describe };
    this.#cache = new LookupCache({ ...options, ...limits });
  }

  /**
   * Returns the cached response, or makes the lookup.
   *
   * @param signal ends this caller's waiting
   * @throws the error of the lookup, or the signal's reason
   */
  async get(
    key: string,
    lookUp: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    sharing?: Sharing<T>,
  ): Promise<T> {
    const answer = await this.#cache.get(key, lookUp, signal, sharing);
    if ("value" in answer) return answer.value;
    throw answer.failure;
  }

  /** Removes all responses and ends all lookups in progress. */
  clear(): void {
    this.#cache.clear();
  }
}
