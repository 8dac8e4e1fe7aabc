/** The methods of a store that are used. A Keyv instance with any storage adapter has them, and so does a Map. */
export interface KeyValueStore {
  get(key: string): unknown;
  /** @param ttlMs how long the value can be used, in milliseconds */
  set(key: string, value: string, ttlMs: number): unknown;
  delete(key: string): unknown;
}

/** The prefix of every key. The number changes with the format of the stored values. */
const PREFIX = "resilient-bedrock:1:";

/** The time limit of a store operation, in milliseconds. The lookup that it saves takes about as long. */
const STORE_WAIT_MS = 250;

/**
 * The maximum length of an entry, in characters. The policies that apply to an account are the longest entries. Parsing
 * longer ones would block every call.
 */
const LONGEST_ENTRY = 2_000_000;

/** How long a store that failed or was slow isn't used, in milliseconds. */
const REST_MS = 10_000;

/** A stored value, and the time when it was stored in milliseconds since the epoch. */
export interface Stored<T> {
  value: T;
  at: number;
}

/**
 * A store that is shared with other processes. Its methods never reject, and a call never waits longer than 250 ms for
 * it. If the store fails, it's treated as empty and isn't used for the next ten seconds. Its contents are validated
 * before they are used.
 */
export class SharedStore {
  readonly #store: KeyValueStore;
  readonly #now: () => number;
  #restsUntil = 0;

  constructor(store: KeyValueStore, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * @param ttlMs a value that is older than this isn't used, even if the store still has it. A value from the future
   * isn't used either, because its age would be wrong
   * @param revive validates the stored value. Returns undefined if it can't be used
   */
  async read<T>(
    key: string,
    ttlMs: number,
    revive: (stored: unknown) => T | undefined,
  ): Promise<Stored<T> | undefined> {
    const text = await this.#within(() => this.#store.get(PREFIX + key), true);
    if (typeof text !== "string" || text.length > LONGEST_ENTRY) return undefined;
    try {
      const { at, value } = JSON.parse(text) as { at: unknown; value: unknown };
      const now = this.#now();
      if (typeof at !== "number" || at > now || now - at >= ttlMs) return undefined;
      const revived = revive(value);
      return revived === undefined ? undefined : { value: revived, at };
    } catch {
      return undefined;
    }
  }

  /** The caller doesn't wait for this. */
  write(key: string, value: unknown, ttlMs: number): void {
    const text = JSON.stringify({ at: this.#now(), value });
    void this.#within(() => this.#store.set(PREFIX + key, text, ttlMs), false);
  }

  /** The caller doesn't wait for this. */
  forget(key: string): void {
    void this.#within(() => this.#store.delete(PREFIX + key), false);
  }

  /** @param isAwaited true if a call waits for the operation, so that the process must stay alive for it */
  async #within(ask: () => unknown, isAwaited: boolean): Promise<unknown> {
    if (this.#now() < this.#restsUntil) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("The store took too long.")), STORE_WAIT_MS);
      if (!isAwaited) timer.unref();
    });
    try {
      return await Promise.race([ask(), late]);
    } catch {
      this.#restsUntil = this.#now() + REST_MS;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}
