import { DIAGNOSED_MARKER } from "./diagnosed-marker.js";
import type { Diagnosis } from "./diagnosis.js";
import { isErrorLike } from "./error/is-error.js";
import { prependToMessage } from "./error/message.js";

/** The diagnoses of all errors, including those that can't be written to. */
const diagnosisByError = new WeakMap<object, Diagnosis>();

/**
 * The SDK's own error with its diagnosis. Everything else stays the SDK's: class, prototype, `name`, `$fault`,
 * `$metadata`, and `$response`. `message` has the lines of the diagnosis's summary, followed by AWS's message.
 *
 * Use the class only for `error instanceof DiagnosedError`. It is never constructed, because the thrown object is the
 * SDK's.
 */
export abstract class DiagnosedError extends Error {
  abstract readonly diagnosis: Diagnosis;
  /** The HTTP status. The SDK has it in `$metadata` only, and the retry loops of frameworks read it here. */
  abstract readonly status?: number;

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isDiagnosedError(value);
  }
}

/**
 * True for an error that carries a `diagnosis` itself. Works across copies of this package. For an error that wraps
 * such an error, or that can't be written to, use `diagnosisOf`.
 */
export function isDiagnosedError(error: unknown): error is DiagnosedError {
  if (typeof error !== "object" || error === null) return false;
  try {
    const { [DIAGNOSED_MARKER]: marker, diagnosis } = error as { [DIAGNOSED_MARKER]?: unknown; diagnosis?: unknown };
    return marker === true && typeof diagnosis === "object" && diagnosis !== null;
  } catch {
    return false;
  }
}

/** The diagnosis that {@link diagnosed} recorded for this object. Undefined for any other object. */
export const recordedDiagnosis = (error: object): Diagnosis | undefined => diagnosisByError.get(error);

/**
 * Adds a diagnosis to the SDK's error and returns that same object. The additions aren't enumerable, so code that lists
 * an error's own fields finds only the SDK's. If the error can't be written to, it stays unchanged, and `diagnosisOf`
 * still finds its diagnosis. If the message isn't text, it stays unchanged. Never throws.
 *
 * @param cause the error that a fallback failed with. If the error already has a cause, that one is kept
 */
export function diagnosed<E>(error: E, diagnosis: Diagnosis, cause?: unknown): E {
  if (!isErrorLike(error)) return error;
  diagnosisByError.set(error, diagnosis);
  attempt(() => {
    if (!canCarry(error)) return;
    const hidden = { configurable: true, enumerable: false, writable: true };
    Object.defineProperty(error, "diagnosis", { ...hidden, value: diagnosis });
    Object.defineProperty(error, DIAGNOSED_MARKER, { ...hidden, value: true });
    attempt(() => {
      if (cause !== undefined && error.cause === undefined)
        Object.defineProperty(error, "cause", { ...hidden, value: cause });
    });
    attempt(() => {
      const { httpStatus } = diagnosis.refusal;
      if (httpStatus !== undefined && !("status" in error))
        Object.defineProperty(error, "status", { ...hidden, value: httpStatus });
    });
    prependToMessage(error, diagnosis.summary, originalMessage(diagnosis));
  });
  return error;
}

/** A response that nothing shows to be AWS's might be from a proxy or gateway. */
function originalMessage({ refusal }: Diagnosis): string {
  if (refusal.raw === "") return "(The error doesn't contain a message.)";
  const isFromAws = refusal.kind !== "unknown" || refusal.requestId !== undefined;
  return `${isFromAws ? "AWS" : "Original"} message: ${refusal.raw}`;
}

/** Whether everything can be added. If not, the error stays unchanged. */
function canCarry(error: Error): boolean {
  const isOpen = (key: string | symbol) => Object.getOwnPropertyDescriptor(error, key)?.configurable !== false;
  const message = Object.getOwnPropertyDescriptor(error, "message");
  const isFixed = message?.configurable === false && message.writable !== true;
  return Object.isExtensible(error) && isOpen("diagnosis") && isOpen(DIAGNOSED_MARKER) && !isFixed;
}

/** The object isn't the library's own, so its getters, setters, and traps may throw. */
function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // If the diagnosis can't be added, the error is still thrown.
  }
}
