/** The callbacks that wait for one signal, and the signal that they listen to. */
interface Listeners {
  readonly callbacks: Set<() => void>;
  readonly source: AbortSignal;
  readonly notify: () => void;
}

const listenersOf = new WeakMap<AbortSignal, Listeners>();

/**
 * Runs a callback when a signal aborts, or immediately if it has already aborted. No listener is added to the signal
 * itself, however many calls share it. Node.js warns if a signal has more than ten listeners, and the SDK's listeners
 * count too.
 *
 * @returns a function that removes the callback. Call it as soon as the wait is over
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const { callbacks, source, notify } = listenersFor(signal);
  // Each call has its own entry, so that the same function can wait twice.
  const entry = () => callback();
  if (callbacks.size === 0) source.addEventListener("abort", notify, { once: true });
  callbacks.add(entry);
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0) source.removeEventListener("abort", notify);
  };
}

/**
 * Returns a controller of the library's own, whose signal the application never gets. `onAbort` listens to that signal
 * directly, because a dependent signal costs more than the rest of a short wait.
 */
export function ownController(): AbortController {
  const controller = new AbortController();
  listenersOf.set(controller.signal, newListeners(controller.signal));
  return controller;
}

function listenersFor(signal: AbortSignal): Listeners {
  const known = listenersOf.get(signal);
  if (known) return known;
  const listeners = newListeners(dependentOn(signal));
  listenersOf.set(signal, listeners);
  return listeners;
}

function newListeners(source: AbortSignal): Listeners {
  const callbacks = new Set<() => void>();
  const notify = () => {
    const waiting = [...callbacks];
    callbacks.clear();
    for (const callback of waiting) callback();
  };
  return { callbacks, source, notify };
}

/** Returns an internal signal that aborts together with the caller's signal, without adding a listener to it. */
function dependentOn(signal: AbortSignal): AbortSignal {
  // This requires Node.js 20.3 or later, and a signal that Node.js created.
  const isPossible = signal instanceof AbortSignal && typeof AbortSignal.any === "function";
  return isPossible ? AbortSignal.any([signal]) : signal;
}

/** Returns the promise's result. Rejects with the signal's reason if the signal aborts first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason));
    passOn(promise, stop, resolve, reject);
  });
}

/** Passes on how a promise settles, after `stop`. Makes one promise, where `finally` and `then` would make three. */
export function passOn<T>(
  promise: Promise<T>,
  stop: () => void,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): void {
  promise.then(
    (value) => {
      stop();
      resolve(value);
    },
    (error) => {
      stop();
      reject(error);
    },
  );
}
