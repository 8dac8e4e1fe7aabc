import { onAbort } from "../abort.js";
import { within } from "../deadline.js";
import { settled } from "../pause.js";

/**
 * The time that all lookups together may add to one call. With 0 milliseconds, nothing is waited for. A lookup returns
 * what is cached or in the bundled catalog, and a provider counts only if its value is already there.
 */
export class Allowance {
  #ends: number;
  readonly #signal: AbortSignal | undefined;

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#ends = performance.now() + timeoutMs;
    this.#signal = signal;
  }

  /** The remaining time, in milliseconds. */
  get left(): number {
    return Math.max(0, this.#ends - performance.now());
  }

  /** Waits for something whose time doesn't count, such as loading a module. */
  async uncounted<T>(waiting: Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await waiting;
    } finally {
      this.#ends += performance.now() - begun;
    }
  }

  /** Makes a lookup that ends with its signal. Undefined if it rejects. */
  async lookUp<T>(work: (ends: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { left } = this;
    const own = new AbortController();
    const stop = onAbort(this.#signal, () => own.abort());
    if (left === 0) own.abort();
    try {
      return await (own.signal.aborted ? work(own.signal) : within(left, own.signal, work));
    } catch {
      return undefined;
    } finally {
      stop();
    }
  }

  /** Returns the value of work that can't be ended with a signal. Undefined if it rejects or takes too long. */
  settle<T>(ask: () => Promise<T>): Promise<T | undefined> {
    return settled(ask, this.left, this.#signal);
  }
}
