import QuickLRU from "quick-lru";

/** A remembered answer: the value, or the failure, and when it came (milliseconds since the epoch). */
type Settled<T> = { at: number; value: T } | { at: number; error: unknown };

/** What {@link LookupCache.get} gives: the value, and whether it was there already. */
export interface Cached<T> {
  value: T;
  cached: boolean;
  /** When the value was looked up, in milliseconds since the epoch. */
  at: number;
}

/** A lookup that failed, now or a short while ago. */
export class LookupFailed extends Error {
  override readonly name = "LookupFailed";
  constructor(
    readonly reason: unknown,
    readonly at: number,
  ) {
    super("The lookup failed.", { cause: reason });
  }
}

export interface CacheOptions {
  /** How long a value is kept, in milliseconds. */
  ttlMs: number;
  /** How long a failure is kept, so that what is denied or out of reach is not asked for each refused call. */
  failureTtlMs: number;
  /** How long one lookup may take, in milliseconds; it has its own life, whoever waits for it. */
  timeoutMs: number;
  maxEntries: number;
  now: () => number;
}

/**
 * A bounded cache with one flight per key: whoever asks while a lookup is under way waits for that one. A caller that
 * stops waiting does not stop the flight, which others wait for.
 */
export class LookupCache<T> {
  readonly #options: CacheOptions;
  readonly #settled: QuickLRU<string, Settled<T>>;
  readonly #flights = new Map<string, Promise<Settled<T>>>();
  #life = new AbortController();

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#settled = new QuickLRU({ maxSize: options.maxEntries });
  }

  /**
   * @throws LookupFailed when the lookup failed or is remembered to have failed
   * @throws the signal's reason when the caller stops waiting
   */
  async get(key: string, lookUp: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<Cached<T>> {
    signal.throwIfAborted();
    const remembered = this.#remembered(key);
    const settled = remembered ?? (await untilAborted(this.#flight(key, lookUp), signal));
    if ("error" in settled) throw new LookupFailed(settled.error, settled.at);
    return { value: settled.value, at: settled.at, cached: remembered !== undefined };
  }

  /** Forgets everything and ends what is under way. The cache can be used again. */
  clear(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#flights.clear();
    this.#settled.clear();
  }

  #remembered(key: string): Settled<T> | undefined {
    const settled = this.#settled.get(key);
    if (settled === undefined) return undefined;
    const ttl = "error" in settled ? this.#options.failureTtlMs : this.#options.ttlMs;
    return this.#options.now() - settled.at < ttl ? settled : undefined;
  }

  #flight(key: string, lookUp: (signal: AbortSignal) => Promise<T>): Promise<Settled<T>> {
    const under = this.#flights.get(key);
    if (under) return under;
    const flight = this.#fly(key, lookUp, this.#life.signal);
    this.#flights.set(key, flight);
    return flight;
  }

  /** One lookup, turned into a value once: it never rejects, so nobody has to be there to catch it. */
  async #fly(key: string, lookUp: (signal: AbortSignal) => Promise<T>, life: AbortSignal): Promise<Settled<T>> {
    const own = new AbortController();
    const end = () => own.abort();
    const timer = setTimeout(end, this.#options.timeoutMs);
    life.addEventListener("abort", end, { once: true });
    let settled: Settled<T>;
    try {
      settled = { value: await untilAborted(lookUp(own.signal), own.signal), at: this.#options.now() };
    } catch (error) {
      settled = { error, at: this.#options.now() };
    }
    clearTimeout(timer);
    life.removeEventListener("abort", end);
    if (!life.aborted) {
      this.#flights.delete(key);
      this.#settled.set(key, settled);
    }
    return settled;
  }
}

/** The promise, or the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
