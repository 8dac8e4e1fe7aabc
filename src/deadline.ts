import { onAbort } from "./abort.js";
import { DeadlineError } from "./resolve/waiting.js";

/**
 * Runs `work` with a signal that aborts with the caller's signal or after `timeoutMs`. If `timeoutMs` is 0, the signal
 * is aborted at once. The abort reason is a DeadlineError only if `timeoutMs` has passed. A timeout of the
 * application's own shows nothing about AWS. Leaves no timer or listener behind.
 *
 * @param work also gets the remaining time, in milliseconds
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
 * Returns the promise's value or error, or the substitute if the promise hasn't settled when the signal aborts. A
 * promise that has already settled counts even after the abort, because a setting that is a plain value takes no time.
 */
export function orElse<T, S>(promise: Promise<T>, ends: AbortSignal, substitute: S): Promise<T | S> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(ends, () => setImmediate(() => resolve(substitute)));
    promise.finally(stop).then(resolve, reject);
  });
}
