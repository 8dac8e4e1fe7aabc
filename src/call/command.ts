import { fieldOf } from "../refusal/wrapped.js";

// What an SDK command and its options say, read without the SDK. An input that can't be read is the SDK's to report.

/** The `modelId` that the application gave; empty for operations that take none. */
export function modelIdOf(command: unknown): string {
  const modelId = fieldOf(inputOf(command), "modelId");
  return typeof modelId === "string" ? modelId : "";
}

const inputOf = (command: unknown) => fieldOf(command, "input");

/** The operation's name: from the command's schema (an SDK constant, safe under minifiers), else from the class name. */
export function operationOf(command: unknown): string {
  const schema = fieldOf(command, "schema");
  const known = fieldOf(schema, 2);
  if (typeof known === "string") return known;
  const { name } = (fieldOf(command, "constructor") ?? {}) as { name?: unknown };
  return (typeof name === "string" ? name.replace(/Command$/, "") : "") || "unknown";
}

/** What a value has that can be read, and so sent, only once: streams of Node.js and of the web, and generators. */
const STREAM_METHODS = [Symbol.asyncIterator, "getReader", "pipe", "next"] as const;

/** False for an input with a stream in it, and for one that can't be looked into. */
export function isReplayable(command: unknown): boolean {
  try {
    return !Object.values(inputOf(command) ?? {}).some((value) =>
      STREAM_METHODS.some((method) => fieldOf(value, method) !== undefined),
    );
  } catch {
    return false;
  }
}

/** The SDK also takes signals of its own older shape, which have `onabort` but no `addEventListener`. */
export function abortSignalOf(options: unknown): AbortSignal | undefined {
  const signal = fieldOf(options, "abortSignal");
  if (typeof signal !== "object" || signal === null) return undefined;
  return typeof fieldOf(signal, "addEventListener") === "function" ? (signal as AbortSignal) : fromOlder(signal);
}

/** One for each signal of the older shape, however many calls share it: each would put its own `onabort` before the last. */
const olderSignals = new WeakMap<object, { controller: AbortController; onAbort?: unknown }>();

function fromOlder(older: object): AbortSignal {
  const known = olderSignals.get(older) ?? { controller: new AbortController() };
  olderSignals.set(older, known);
  const { controller } = known;
  if (fieldOf(older, "aborted") === true) controller.abort();
  const before = fieldOf(older, "onabort");
  // The SDK puts its own in the place of ours with each request.
  if (controller.signal.aborted || (before !== undefined && before === known.onAbort)) return controller.signal;
  known.onAbort = function (this: unknown, ...args: unknown[]) {
    controller.abort();
    if (typeof before === "function") before.apply(this, args);
  };
  try {
    Reflect.set(older, "onabort", known.onAbort);
  } catch {
    // It can't be listened to: the deadline still ends what is waited for.
  }
  return controller.signal;
}
