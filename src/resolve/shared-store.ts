/** What is used of a store; a Keyv instance has it, whatever it keeps its values in, and so has a Map. */
export interface KeyValueStore {
  get(key: string): unknown;
  /** @param ttlMs how long the value is of use, in milliseconds */
  set(key: string, value: string, ttlMs: number): unknown;
  delete(key: string): unknown;
}

/** Begins every key; the number changes with the form of what is stored. */
const PREFIX = "resilient-bedrock:1:";

/** How long the store may take, in milliseconds: what it saves takes about as long. */
const PATIENCE_MS = 250;

/** No entry is longer, in characters: the policies above an account are the longest. Parsing more would block every call. */
const LONGEST = 2_000_000;

/** How long a store that failed or was slow is left alone, in milliseconds. */
const REST_MS = 10_000;

/** What was stored, and when: milliseconds since the epoch. */
export interface Stored<T> {
  value: T;
  at: number;
}

/**
 * A store that other processes share. It never rejects and is never waited for longer than 250 ms: a store that fails is
 * one that holds nothing, and it is then left alone for ten seconds. What it holds is checked before it is used.
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
   * @param ttlMs an older value is none, whatever the store thinks of its age. Nor is one from the future: it would grow
   *   older only from then on
   * @param revive checks what was stored: undefined where it is of no use
   */
  async read<T>(
    key: string,
    ttlMs: number,
    revive: (stored: unknown) => T | undefined,
  ): Promise<Stored<T> | undefined> {
    const text = await this.#within(() => this.#store.get(PREFIX + key), true);
    if (typeof text !== "string" || text.length > LONGEST) return undefined;
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

  /** Nobody waits for it. */
  write(key: string, value: unknown, ttlMs: number): void {
    const text = JSON.stringify({ at: this.#now(), value });
    void this.#within(() => this.#store.set(PREFIX + key, text, ttlMs), false);
  }

  /** Nobody waits for it. */
  forget(key: string): void {
    void this.#within(() => this.#store.delete(PREFIX + key), false);
  }

  /** @param isAwaited true if a call waits for it, and the process has to live for that long */
  async #within(ask: () => unknown, isAwaited: boolean): Promise<unknown> {
    if (this.#now() < this.#restsUntil) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("The store took too long.")), PATIENCE_MS);
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
