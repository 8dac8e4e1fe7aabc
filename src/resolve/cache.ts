import QuickLRU from "quick-lru";
import { untilAborted } from "../abort.js";
import type { SharedStore } from "./shared-store.js";
import { assertWanted, DeadlineError, markUnwanted, UnwantedError } from "./waiting.js";

/** How a lookup ended, a value or a failure, and when: milliseconds since the epoch. */
export type Settled<T, F> =
  /** `isShared`: another process looked it up. */
  { at: number; value: T; isShared?: true } | { at: number; failure: F };

/** What {@link LookupCache.get} gives. */
export type Answer<T, F> = Settled<T, F> & {
  /** True where it was there already: an earlier lookup's answer. */
  cached: boolean;
};

export interface CacheOptions<T, F> {
  /** How long a value is kept, in milliseconds. */
  ttlMs: number;
  /** How long a failure is kept, in milliseconds: what is denied or out of reach is not asked for each refused call. */
  failureTtlMs: number;
  /** How long one lookup may take, in milliseconds; it has its own life, whoever waits for it. */
  timeoutMs: number;
  /**
   * How long a lookup may go on after the last caller's time was over, in milliseconds. 0 for what makes more than one
   * request.
   * @default 1000
   */
  graceMs?: number;
  /** How many answers are kept; the least recently used go first. Up to twice as many may be in memory. */
  maxEntries: number;
  /** The clock: milliseconds since the epoch. */
  now: () => number;
  /** What is kept of an error. The error itself is not: it may hold a whole response. */
  describe: (error: unknown) => F;
  /** Which values are remembered at all. @default every one */
  isKept?: (value: T) => boolean;
  /** Where answers are shared with other processes. @default nowhere */
  store?: SharedStore | undefined;
}

/** How the answer to one question is shared with other processes. */
export interface Sharing<T> {
  /** Names all that the answer depends on. */
  key: string;
  /** What the store holds, checked; undefined, or an error, where it is of no use. */
  revive(stored: unknown): T | undefined;
  /** What is put into the store. @default the value */
  strip?(value: T): unknown;
}

/**
 * How long a request under way may still be answered, in milliseconds, after the last caller's time was over: the next one
 * to ask then has its answer. No longer, since its socket keeps the process alive.
 */
const GRACE_MS = 1_000;

/** Why a flight ended that nobody waited for any more: it's no answer of the other side, so it isn't remembered. */
const ABANDONED = new DOMException("Nobody waited for the lookup any more.", "AbortError");

/** A lookup under way. */
interface Flight<T, F> {
  settled: Promise<Settled<T, F>>;
  waiting: number;
  end: AbortController;
  /** Ends it in any case; keeps the process alive only while someone waits. */
  limit: NodeJS.Timeout;
  /** Ends it, unless someone waits again by then. */
  grace: NodeJS.Timeout | undefined;
}

/**
 * A bounded cache with one flight per key: whoever asks while a lookup is under way waits for that one. A caller that
 * stops waiting doesn't stop the flight while others wait for it. When the last one leaves, an abort ends the flight at
 * once. If that one's time was over instead, only a request that was already sent goes on, for a second.
 *
 * A lookup that outlasts a caller's time counts as failed until it answers, so that it doesn't cost the next caller's time
 * as well.
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
   * What is remembered, else what the one lookup under way brings. A failed lookup is an answer, too.
   *
   * @param lookUp starts a lookup; its signal ends with the flight's own life, not with a caller's patience. Before each
   *   request it calls `assertWanted` with that signal
   * @param signal ends this caller's waiting. A {@link DeadlineError} as its reason means that the caller's time is over,
   *   which is remembered as a failure; any other reason says nothing about the lookup
   * @param sharing where the answer is of use to other processes as well
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

  /** Forgets everything and ends what is under way. The cache can be used again. */
  clear(): void {
    const under = [...this.#flights.values()];
    this.#flights.clear();
    this.#settled.clear();
    for (const { end } of under) end.abort();
  }

  #remembered(key: string): Settled<T, F> | undefined {
    const settled = this.#settled.get(key);
    if (settled === undefined) return undefined;
    const ttl = "failure" in settled ? this.#options.failureTtlMs : this.#options.ttlMs;
    return this.#options.now() - settled.at < ttl ? settled : undefined;
  }

  #flight(key: string, lookUp: (signal: AbortSignal) => Promise<T>, sharing: Sharing<T> | undefined): Flight<T, F> {
    const under = this.#flights.get(key);
    if (under) {
      clearTimeout(under.grace);
      under.limit.ref();
      markUnwanted(under.end.signal, false);
      return under;
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

  /** @param reason why the caller stopped waiting; undefined where it has its answer */
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

  /** The lookup, after a look at what other processes know, and for them. */
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

  /** One lookup, turned into a value once: it never rejects, so nobody has to be there to catch it. */
  async #fly(
    key: string,
    lookUp: (signal: AbortSignal) => Promise<Settled<T, F>>,
    own: AbortController,
  ): Promise<Settled<T, F>> {
    const { now, describe } = this.#options;
    let settled: Settled<T, F>;
    let error: unknown;
    try {
      // An async function, so that a lookup that throws at once fails like any other: after it is known to be under way.
      const looked = (async () => lookUp(own.signal))();
      settled = await untilAborted(looked, own.signal);
    } catch (thrown) {
      // Clients wrap or rename an abort; why we ended it is in our own signal.
      error = own.signal.aborted ? own.signal.reason : thrown;
      settled = { failure: describe(error), at: now() };
    }
    // The cache was cleared.
    if (this.#flights.get(key)?.end !== own) return settled;
    this.#flights.delete(key);
    const isUnwanted = error === ABANDONED || error instanceof UnwantedError;
    const isKept = "failure" in settled || (this.#options.isKept?.(settled.value) ?? true);
    if (isKept && !isUnwanted) this.#settled.set(key, settled);
    // The other side wasn't late: it wasn't asked.
    if (error instanceof UnwantedError && !error.hasBegun) this.#settled.delete(key);
    return settled;
  }
}

/** The value of an answer whose failure is the error itself, which is thrown. */
export function settled<T>(answer: { value: T } | { failure: unknown }): T {
  if ("value" in answer) return answer.value;
  throw answer.failure;
}
