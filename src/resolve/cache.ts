import QuickLRU from "quick-lru";
import { untilAborted } from "../abort.js";
import type { SharedStore } from "./shared-store.js";
import { assertWanted, DeadlineError, markUnwanted, UnwantedError } from "./waiting.js";

/** The result of a lookup, which is a value or a failure, and its time in milliseconds since the epoch. */
export type Settled<T, F> =
  /** `isShared` is true if another process made the lookup. */
  { at: number; value: T; isShared?: true } | { at: number; failure: F };

/** The result of {@link LookupCache.get}. */
export type Answer<T, F> = Settled<T, F> & {
  /** True if the answer was cached by an earlier lookup. */
  cached: boolean;
};

export interface CacheOptions<T, F> {
  /** How long a value is cached, in milliseconds. */
  ttlMs: number;
  /**
   * How long a failure is cached, in milliseconds. A lookup that was denied or couldn't reach the service isn't
   * repeated for each denied call.
   */
  failureTtlMs: number;
  /**
   * The time limit of one lookup, in milliseconds. It doesn't depend on the deadlines of the callers that wait for it.
   */
  timeoutMs: number;
  /**
   * How long a lookup may continue after the deadline of its last caller, in milliseconds. Use 0 for lookups that make
   * more than one request.
   * @default 1000
   */
  graceMs?: number;
  /** How many answers are cached. The least recently used are removed first. Up to twice as many may be in memory. */
  maxEntries: number;
  /** Returns the current time in milliseconds since the epoch. */
  now: () => number;
  /**
   * Returns the part of an error that is cached. The error itself isn't cached, because it may contain a whole
   * response.
   */
  describe: (error: unknown) => F;
  /** Returns whether a value is cached. @default every value is */
  isKept?: (value: T) => boolean;
  /** The store that shares answers with other processes. @default no store */
  store?: SharedStore | undefined;
}

/** How the answer of one lookup is shared with other processes. */
export interface Sharing<T> {
  /** A key that identifies everything that the answer depends on. */
  key: string;
  /** Validates a stored value. Returns undefined or throws if the value can't be used. */
  revive(stored: unknown): T | undefined;
  /** Returns the value to store. @default the value itself */
  strip?(value: T): unknown;
}

/**
 * How long a request in progress may continue after the deadline of its last caller, in milliseconds. The next caller
 * can then use its answer. It doesn't continue longer, because its socket keeps the process alive.
 */
const GRACE_MS = 1_000;

/** The reason why a flight ended that no caller waited for. It isn't a response of the service, so it isn't cached. */
const ABANDONED = new DOMException("No caller waits for this lookup.", "AbortError");

/** A lookup in progress. */
interface Flight<T, F> {
  settled: Promise<Settled<T, F>>;
  waiting: number;
  end: AbortController;
  /** Ends the lookup at its time limit. Keeps the process alive only while a caller waits. */
  limit: NodeJS.Timeout;
  /** Ends the lookup, unless a caller waits for it again by then. */
  grace: NodeJS.Timeout | undefined;
}

/**
 * A bounded cache with one flight for each key. If a lookup for a key is in progress, later callers wait for the same
 * lookup. A caller that stops waiting doesn't stop the flight while others wait for it. If the last caller leaves
 * because of an abort, the flight ends immediately. If it leaves because its deadline passed, only a request that was
 * already sent continues, for one second.
 *
 * A lookup that takes longer than a caller's deadline counts as failed until it responds, so that it doesn't delay the
 * next caller as well.
 */
export class LookupCache<T, F> {
  readonly #options: CacheOptions<T, F>;
  readonly #settled: QuickLRU<string, Settled<T, F>>;
  readonly #flights = new Map<string, Flight<T, F>>();

  constructor(options: CacheOptions<T, F>) {
    this.#options = options;
    this.#settled = new QuickLRU({ maxSize: options.maxEntries });
  }

  /**
   * Returns the cached answer, or the answer of the lookup in progress, or starts a lookup. A failed lookup is also an
   * answer.
   *
   * @param lookUp starts a lookup. Its signal belongs to the flight, not to a caller. Before each request, it calls
   * `assertWanted` with that signal
   * @param signal ends this caller's waiting. If its reason is a {@link DeadlineError}, the caller's deadline passed,
   * which is cached as a failure. Any other reason doesn't affect the lookup's result
   * @param sharing provided if other processes can also use the answer
   * @throws the signal's reason when the caller stops waiting
   */
  async get(
    key: string,
    lookUp: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
    sharing?: Sharing<T>,
  ): Promise<Answer<T, F>> {
    const remembered = this.#remembered(key);
    if (remembered) return { ...remembered, cached: true };
    signal?.throwIfAborted();
    const flight = this.#flight(key, lookUp, sharing);
    flight.waiting += 1;
    try {
      const settled = await (signal ? untilAborted(flight.settled, signal) : flight.settled);
      return { ...settled, cached: "isShared" in settled };
    } finally {
      this.#leave(key, flight, signal?.reason);
    }
  }

  /** Removes all answers and ends all lookups in progress. The cache can be used again. */
  clear(): void {
    const flights = [...this.#flights.values()];
    this.#flights.clear();
    this.#settled.clear();
    for (const { end } of flights) end.abort();
  }

  #remembered(key: string): Settled<T, F> | undefined {
    const settled = this.#settled.get(key);
    if (settled === undefined) return undefined;
    const ttl = "failure" in settled ? this.#options.failureTtlMs : this.#options.ttlMs;
    return this.#options.now() - settled.at < ttl ? settled : undefined;
  }

  #flight(key: string, lookUp: (signal: AbortSignal) => Promise<T>, sharing: Sharing<T> | undefined): Flight<T, F> {
    const current = this.#flights.get(key);
    if (current) {
      clearTimeout(current.grace);
      current.limit.ref();
      markUnwanted(current.end.signal, false);
      return current;
    }
    const end = new AbortController();
    const limit = setTimeout(() => end.abort(new DeadlineError("The lookup took too long.")), this.#options.timeoutMs);
    const settled = this.#fly(key, this.#looking(lookUp, sharing), end);
    const flight: Flight<T, F> = { settled, waiting: 0, end, limit, grace: undefined };
    settled.then(() => {
      clearTimeout(flight.limit);
      clearTimeout(flight.grace);
    });
    this.#flights.set(key, flight);
    return flight;
  }

  /** @param reason why the caller stopped waiting. Undefined if it received its answer */
  #leave(key: string, flight: Flight<T, F>, reason: unknown): void {
    flight.waiting -= 1;
    if (this.#flights.get(key) !== flight) return;
    const isLate = reason instanceof DeadlineError;
    if (isLate) this.#settled.set(key, { failure: this.#options.describe(reason), at: this.#options.now() });
    if (flight.waiting > 0) return;
    const { graceMs = GRACE_MS } = this.#options;
    if (!isLate || graceMs === 0) {
      flight.end.abort(ABANDONED);
      return;
    }
    markUnwanted(flight.end.signal, true);
    flight.limit.unref();
    flight.grace = setTimeout(() => flight.end.abort(ABANDONED), graceMs).unref();
  }

  /** Reads the answer from the shared store. If the store doesn't have it, makes the lookup and stores its answer. */
  #looking(lookUp: (signal: AbortSignal) => Promise<T>, sharing: Sharing<T> | undefined) {
    const { ttlMs, now, store } = this.#options;
    return async (signal: AbortSignal): Promise<Settled<T, F>> => {
      const known = sharing && (await store?.read(sharing.key, ttlMs, sharing.revive));
      if (known) return { ...known, isShared: true };
      assertWanted(signal, false);
      const value = await lookUp(signal);
      if (sharing) store?.write(sharing.key, sharing.strip ? sharing.strip(value) : value, ttlMs);
      return { value, at: now() };
    };
  }

  /** Runs one lookup. The promise never rejects, so no caller has to handle its error. */
  async #fly(
    key: string,
    lookUp: (signal: AbortSignal) => Promise<Settled<T, F>>,
    own: AbortController,
  ): Promise<Settled<T, F>> {
    const { now, describe } = this.#options;
    let settled: Settled<T, F>;
    let error: unknown;
    try {
      // This is an async function so that a lookup that throws synchronously fails like any other, after it's
      // registered as in progress.
      const looked = (async () => lookUp(own.signal))();
      settled = await untilAborted(looked, own.signal);
    } catch (thrown) {
      // Clients wrap or rename an abort. The actual reason is in the flight's own signal.
      error = own.signal.aborted ? own.signal.reason : thrown;
      settled = { failure: describe(error), at: now() };
    }
    // The cache was cleared.
    if (this.#flights.get(key)?.end !== own) return settled;
    this.#flights.delete(key);
    const isUnwanted = error === ABANDONED || error instanceof UnwantedError;
    const isKept = "failure" in settled || (this.#options.isKept?.(settled.value) ?? true);
    if (isKept && !isUnwanted) this.#settled.set(key, settled);
    // The service wasn't slow, because no request was sent.
    if (error instanceof UnwantedError && !error.hasBegun) this.#settled.delete(key);
    return settled;
  }
}
