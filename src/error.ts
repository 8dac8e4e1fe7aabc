import type { Diagnosis } from "./explain/diagnosis.js";

/** Set on every diagnosed error; found across copies of this package. */
const MARKER = Symbol.for("resilient-bedrock.diagnosed");

/**
 * The SDK's own error, with its diagnosis. Nothing else changes: class, prototype, `name`, `$fault`, `$metadata` and
 * `$response` are the SDK's; `message` is the diagnosis's summary followed by AWS's own words.
 *
 * The class is there to be asked, `error instanceof DiagnosedError`; it is never constructed, since the thrown object is
 * the SDK's.
 */
export abstract class DiagnosedError extends Error {
  abstract readonly diagnosis: Diagnosis;

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isDiagnosedError(value);
  }
}

/** True for an error that carries a `diagnosis`. Works over several copies of this package. */
export function isDiagnosedError(error: unknown): error is DiagnosedError {
  return typeof error === "object" && error !== null && (error as Record<symbol, unknown>)[MARKER] === true;
}

/**
 * Adds a diagnosis to the SDK's error and returns that same object. The additions are not enumerable, so that what
 * lists an error's own fields sees the SDK's. An error that cannot be written to is returned as it is.
 *
 * @param cause what a fallback ended with; a cause that the error has already stays
 */
export function diagnosed<E>(error: E, diagnosis: Diagnosis, cause?: unknown): E {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return error;
  const before = error.message;
  const message = `${diagnosis.summary}\n${diagnosis.refusal.raw || "(AWS gave no message.)"}`;
  const hidden = { configurable: true, enumerable: false, writable: true };
  Object.defineProperties(error, {
    [MARKER]: { ...hidden, value: true },
    diagnosis: { ...hidden, value: diagnosis },
  });
  if (cause !== undefined && error.cause === undefined)
    Object.defineProperty(error, "cause", { ...hidden, value: cause });
  const own = Object.getOwnPropertyDescriptor(error, "message");
  if (own && !own.writable) return error;
  const stack = error.stack;
  error.message = message;
  if (stack !== undefined) error.stack = withMessage(stack, error.name, before, message);
  return error;
}

/** The stack with a new first line: V8 writes name and message into it once, when the error is made. */
function withMessage(stack: string, name: string, before: string, after: string): string {
  const frames = stack.indexOf("\n    at ");
  const head = frames < 0 ? stack : stack.slice(0, frames);
  const tail = frames < 0 ? "" : stack.slice(frames);
  const at = before === "" ? -1 : head.indexOf(before);
  return at < 0 ? `${name}: ${after}${tail}` : head.slice(0, at) + after + head.slice(at + before.length) + tail;
}
