import { onAbort } from "./abort.js";

/**
 * Resolves after `ms` milliseconds, or earlier if the signal aborts or `sooner` settles. Leaves no timer or listener
 * behind.
 */
export function pause(ms: number, signal: AbortSignal | undefined, sooner?: Promise<unknown>): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const stop = onAbort(signal, done);
    sooner?.then(done, done);
  });
}

/**
 * Returns the value that `ask` resolves to. Undefined if it rejects, if it takes longer than `ms` milliseconds, or if
 * the signal aborts first. With 0, only a value that needs no wait counts, such as credentials that are already loaded.
 */
export async function settled<T>(
  ask: () => Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  let value: T | undefined;
  const pending = (async () => ask())().then(
    (answer) => {
      value = answer;
    },
    () => {},
  );
  await (ms > 0 ? pause(ms, signal, pending) : Promise.race([pending, nextTurn()]));
  return value;
}

/** Waits for the event loop's next turn. By then, everything that doesn't depend on an outside event has happened. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
