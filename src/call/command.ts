import { fieldOf } from "../refusal/wrapped.js";

// Reads an SDK command and its options without the SDK. If an input can't be read, the SDK reports that.

/** Returns the `modelId` that the application passed. Empty for operations without one. */
export function modelIdOf(command: unknown): string {
  const modelId = fieldOf(inputOfCommand(command), "modelId");
  return typeof modelId === "string" ? modelId : "";
}

const inputOfCommand = (command: unknown) => fieldOf(command, "input");

/**
 * Returns the operation's name from the command's schema (an SDK constant, safe under minifiers), or from the class
 * name.
 */
export function operationOf(command: unknown): string {
  const schema = fieldOf(command, "schema");
  const known = fieldOf(schema, 2);
  if (typeof known === "string") return known;
  const { name } = (fieldOf(command, "constructor") ?? {}) as { name?: unknown };
  return (typeof name === "string" ? name.replace(/Command$/, "") : "") || "unknown";
}

/** Methods of values that can be read, and so sent, only once: streams of Node.js and of the web, and generators. */
const STREAM_METHODS = [Symbol.asyncIterator, "getReader", "pipe", "next"] as const;

/** False if the input contains a stream, or if it can't be inspected. */
export function isReplayable(command: unknown): boolean {
  try {
    return !Object.values(inputOfCommand(command) ?? {}).some((value) =>
      STREAM_METHODS.some((method) => fieldOf(value, method) !== undefined),
    );
  } catch {
    return false;
  }
}

/** The SDK also accepts signals of its own older shape, which have `onabort` but no `addEventListener`. */
export function abortSignalOf(options: unknown): AbortSignal | undefined {
  const signal = fieldOf(options, "abortSignal");
  if (typeof signal !== "object" || signal === null) return undefined;
  return typeof fieldOf(signal, "addEventListener") === "function" ? (signal as AbortSignal) : fromOlder(signal);
}

/**
 * One controller for each signal of the older shape, however many calls share it. Otherwise, each call would set its
 * own `onabort` and replace the last one.
 */
const olderSignals = new WeakMap<object, { controller: AbortController; onAbort?: unknown }>();

function fromOlder(older: object): AbortSignal {
  const known = olderSignals.get(older) ?? { controller: new AbortController() };
  olderSignals.set(older, known);
  const { controller } = known;
  if (fieldOf(older, "aborted") === true) controller.abort();
  const before = fieldOf(older, "onabort");
  // The SDK replaces this `onabort` with its own in each request.
  if (controller.signal.aborted || (before !== undefined && before === known.onAbort)) return controller.signal;
  known.onAbort = function (this: unknown, ...args: unknown[]) {
    controller.abort();
    if (typeof before === "function") before.apply(this, args);
  };
  try {
    Reflect.set(older, "onabort", known.onAbort);
  } catch {
    // The signal can't be listened to. The deadline still ends the wait.
  }
  return controller.signal;
}
