import { onAbort, ownController, passOn } from "./abort.js";
import { DeadlineError } from "./resolve/waiting.js";

/**
 * The end of some work: its signal aborts with the caller's signal or after `timeoutMs`. If `timeoutMs` is 0, the
 * signal is aborted at once. The abort reason is a DeadlineError only if `timeoutMs` has passed. A timeout of the
 * application's own shows nothing about AWS. Close it when the work is over. It then leaves no timer or listener
 * behind.
 */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #timeoutMs: number;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #stop: () => void;

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    const end = ownController();
    const late = () => end.abort(new DeadlineError());
    this.signal = end.signal;
    this.#timeoutMs = timeoutMs;
    this.#stop = onAbort(signal, () => end.abort());
    if (timeoutMs <= 0) late();
    this.#timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
  }

  /** The remaining time, in milliseconds. */
  get left(): number {
    return Math.max(0, this.#timeoutMs - (performance.now() - this.#begun));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }
}

/**
 * Runs `work` with the signal of a deadline, and closes the deadline afterward.
 *
 * @param work also gets the remaining time, in milliseconds
 */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (ends: AbortSignal, left: () => number) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(timeoutMs, signal);
  try {
    return await work(deadline.signal, () => deadline.left);
  } finally {
    deadline.close();
  }
}

/**
 * Returns the promise's value or error, or the substitute if the promise hasn't settled when the signal aborts. A
 * promise that has already settled counts even after the abort, because a setting that is a plain value takes no time.
 */
export function orElse<T, S>(promise: Promise<T>, ends: AbortSignal, substitute: S): Promise<T | S> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(ends, () => setImmediate(() => resolve(substitute)));
    passOn(promise, stop, resolve, reject);
  });
}
