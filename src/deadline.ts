import { onAbort } from "./abort.js";
import { DeadlineError } from "./resolve/waiting.js";

/**
 * Runs `work` with a signal that aborts with the caller's signal or after `timeoutMs`, at once where that is 0. Its reason
 * is a DeadlineError only where the time is over: a timeout of the application's own says nothing about AWS. Leaves
 * nothing behind.
 *
 * @param work also gets how much of the time is left, in milliseconds
 */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (ends: AbortSignal, left: () => number) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const begun = performance.now();
  const late = () => end.abort(new DeadlineError());
  const stop = onAbort(signal, () => end.abort());
  if (timeoutMs <= 0) late();
  const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
  try {
    return await work(end.signal, () => Math.max(0, timeoutMs - (performance.now() - begun)));
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/**
 * The promise's value or error, or the substitute where it isn't there when the signal aborts. What is there already counts
 * even after that: a setting that is a plain value takes no time.
 */
export function orElse<T, S>(promise: Promise<T>, ends: AbortSignal, substitute: S): Promise<T | S> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(ends, () => setImmediate(() => resolve(substitute)));
    promise.finally(stop).then(resolve, reject);
  });
}
