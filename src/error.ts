import { isErrorLike } from "./error/is-error.js";
import { prependToMessage } from "./error/message.js";
import type { Diagnosis } from "./explain/diagnosis.js";

/** Set on every diagnosed error; found across copies of this package. */
const MARKER = Symbol.for("resilient-bedrock.diagnosed");

/** The diagnoses of all errors, also of those that can't be written to. */
const diagnoses = new WeakMap<object, Diagnosis>();

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

/**
 * True for an error that carries a `diagnosis` itself. Works over several copies of this package. For an error that wraps
 * such an error, or that can't be written to, see `diagnosisOf`.
 */
export function isDiagnosedError(error: unknown): error is DiagnosedError {
  if (typeof error !== "object" || error === null) return false;
  try {
    const { [MARKER]: marker, diagnosis } = error as { [MARKER]?: unknown; diagnosis?: unknown };
    return marker === true && typeof diagnosis === "object" && diagnosis !== null;
  } catch {
    return false;
  }
}

/** What {@link diagnosed} found out about this object; undefined for any other. */
export const recordedDiagnosis = (error: object): Diagnosis | undefined => diagnoses.get(error);

/**
 * Adds a diagnosis to the SDK's error and returns that same object. The additions aren't enumerable, so that what lists an
 * error's own fields sees the SDK's. An error that can't be written to stays unchanged, and `diagnosisOf` still finds its
 * diagnosis. A message that isn't text stays as it is. Never throws.
 *
 * @param cause what a fallback ended with; a cause that the error has already stays
 */
export function diagnosed<E>(error: E, diagnosis: Diagnosis, cause?: unknown): E {
  if (!isErrorLike(error)) return error;
  diagnoses.set(error, diagnosis);
  attempt(() => {
    if (!canCarry(error)) return;
    const hidden = { configurable: true, enumerable: false, writable: true };
    Object.defineProperty(error, "diagnosis", { ...hidden, value: diagnosis });
    Object.defineProperty(error, MARKER, { ...hidden, value: true });
    attempt(() => {
      if (cause !== undefined && error.cause === undefined)
        Object.defineProperty(error, "cause", { ...hidden, value: cause });
    });
    prependToMessage(error, diagnosis.summary, diagnosis.refusal.raw || "(The error doesn't contain a message.)");
  });
  return error;
}

/** Whether everything can be added: an error is diagnosed as a whole, or stays as it is. */
function canCarry(error: Error): boolean {
  const isOpen = (key: string | symbol) => Object.getOwnPropertyDescriptor(error, key)?.configurable !== false;
  const message = Object.getOwnPropertyDescriptor(error, "message");
  const isFixed = message?.configurable === false && message.writable !== true;
  return Object.isExtensible(error) && isOpen("diagnosis") && isOpen(MARKER) && !isFixed;
}

/** The object is someone else's: its getters, setters and traps may throw. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // The diagnosis is a courtesy; the error is not.
  }
}
