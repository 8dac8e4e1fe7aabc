/** The callbacks that wait for one signal, and what they listen to. */
interface Listeners {
  readonly callbacks: Set<() => void>;
  readonly source: AbortSignal;
  readonly notify: () => void;
}

const listenersOf = new WeakMap<AbortSignal, Listeners>();

/**
 * Calls back when a signal aborts, or at once if it already has. However many calls share a signal, no listener is added
 * to it: Node.js warns about more than ten, and those of the SDK already count.
 *
 * @returns removes the callback; call it as soon as the wait is over
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const { callbacks, source, notify } = listenersFor(signal);
  // An entry of its own, so that the same function can wait twice.
  const entry = () => callback();
  if (callbacks.size === 0) source.addEventListener("abort", notify, { once: true });
  callbacks.add(entry);
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0) source.removeEventListener("abort", notify);
  };
}

function listenersFor(signal: AbortSignal): Listeners {
  const known = listenersOf.get(signal);
  if (known) return known;
  const callbacks = new Set<() => void>();
  const notify = () => {
    const waiting = [...callbacks];
    callbacks.clear();
    for (const callback of waiting) callback();
  };
  const listeners = { callbacks, source: dependentOn(signal), notify };
  listenersOf.set(signal, listeners);
  return listeners;
}

/** A signal of our own that aborts together with the caller's, without a listener on it. */
function dependentOn(signal: AbortSignal): AbortSignal {
  // Not before Node.js 20.3, and not of signals that aren't Node's own.
  const isPossible = signal instanceof AbortSignal && typeof AbortSignal.any === "function";
  return isPossible ? AbortSignal.any([signal]) : signal;
}

/** The promise, or a rejection with the signal's reason if the signal aborts first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason));
    promise.finally(stop).then(resolve, reject);
  });
}
