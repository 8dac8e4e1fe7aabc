import QuickLRU from "quick-lru";
import type { SharedStore } from "./shared-store.js";

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

/** How long a flight goes on that nobody waits for any more, in milliseconds: the next one to ask may still have its answer. */
const GRACE_MS = 10_000;

/** Why such a flight ended: nothing was learned of the other side, so it is not remembered. */
const ABANDONED = new DOMException("Nobody waited for the lookup any more.", "TimeoutError");

/** A lookup under way. */
interface Flight<T, F> {
  settled: Promise<Settled<T, F>>;
  waiting: number;
  end: AbortController;
  /** Ends it, unless someone waits again by then. */
  grace: NodeJS.Timeout | undefined;
}

/**
 * A bounded cache with one flight per key: whoever asks while a lookup is under way waits for that one. A caller that
 * stops waiting does not stop the flight, which others wait for; one that nobody waits for ends ten seconds later.
 */
export class LookupCache<T, F> {
  readonly #options: CacheOptions<T, F>;
  readonly #settled: QuickLRU<string, Settled<T, F>>;
  readonly #flights = new Map<string, Flight<T, F>>();
  #life = new AbortController();

  constructor(options: CacheOptions<T, F>) {
    this.#options = options;
    this.#settled = new QuickLRU({ maxSize: options.maxEntries });
  }

  /**
   * What is remembered, else what the one lookup under way brings. A failed lookup is an answer, too.
   *
   * @param lookUp starts a lookup; its signal ends with the flight's own life, not with a caller's patience
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
    clearTimeout(flight.grace);
    try {
      const settled = await (signal ? untilAborted(flight.settled, signal) : flight.settled);
      return { ...settled, cached: "isShared" in settled };
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0 && this.#flights.get(key) === flight) {
        flight.grace = setTimeout(() => flight.end.abort(ABANDONED), GRACE_MS).unref();
      }
    }
  }

  /** Forgets everything and ends what is under way. The cache can be used again. */
  clear(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#flights.clear();
    this.#settled.clear();
  }

  #remembered(key: string): Settled<T, F> | undefined {
    const settled = this.#settled.get(key);
    if (settled === undefined) return undefined;
    const ttl = "failure" in settled ? this.#options.failureTtlMs : this.#options.ttlMs;
    return this.#options.now() - settled.at < ttl ? settled : undefined;
  }

  #flight(key: string, lookUp: (signal: AbortSignal) => Promise<T>, sharing: Sharing<T> | undefined): Flight<T, F> {
    const under = this.#flights.get(key);
    if (under) return under;
    const end = new AbortController();
    const settled = this.#fly(key, this.#looking(lookUp, sharing), end, this.#life.signal);
    const flight: Flight<T, F> = { settled, waiting: 0, end, grace: undefined };
    settled.then(() => clearTimeout(flight.grace));
    this.#flights.set(key, flight);
    return flight;
  }

  /** The lookup, after a look at what other processes know, and for them. */
  #looking(lookUp: (signal: AbortSignal) => Promise<T>, sharing: Sharing<T> | undefined) {
    const { ttlMs, now, store } = this.#options;
    return async (signal: AbortSignal): Promise<Settled<T, F>> => {
      const known = sharing && (await store?.read(sharing.key, ttlMs, sharing.revive));
      if (known) return { ...known, isShared: true };
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
    life: AbortSignal,
  ): Promise<Settled<T, F>> {
    const { timeoutMs, now, describe } = this.#options;
    const end = () => own.abort(life.reason);
    const timer = setTimeout(() => own.abort(late()), timeoutMs);
    life.addEventListener("abort", end, { once: true });
    let settled: Settled<T, F>;
    try {
      // An async function, so that a lookup that throws at once fails like any other: after it is known to be under way.
      const looked = (async () => lookUp(own.signal))();
      settled = await untilAborted(looked, own.signal);
    } catch (error) {
      // Clients wrap or rename an abort; why we ended it is in our own signal.
      settled = { failure: describe(own.signal.aborted ? own.signal.reason : error), at: now() };
    }
    clearTimeout(timer);
    life.removeEventListener("abort", end);
    if (!life.aborted) {
      this.#flights.delete(key);
      const isKept = "failure" in settled || (this.#options.isKept?.(settled.value) ?? true);
      if (isKept && own.signal.reason !== ABANDONED) this.#settled.set(key, settled);
    }
    return settled;
  }
}

const late = () => new DOMException("The lookup took too long.", "TimeoutError");

/** The promise, or the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
