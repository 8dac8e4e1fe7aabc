import { onAbort } from "./abort.js";

/** Resolves after `ms` milliseconds, or earlier when the signal aborts or `sooner` settles. Leaves no timer or listener behind. */
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
 * The value that `ask` resolves to; undefined if it rejects, or takes longer than `ms` milliseconds or than the signal.
 * With 0, only a value that needs no wait counts, such as credentials that are already loaded.
 */
export async function settled<T>(
  ask: () => Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  let value: T | undefined;
  const asked = (async () => ask())().then(
    (answer) => {
      value = answer;
    },
    () => {},
  );
  await (ms > 0 ? pause(ms, signal, asked) : Promise.race([asked, nextTurn()]));
  return value;
}

/** The event loop's next turn: all that needs no outside event has happened by then. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
