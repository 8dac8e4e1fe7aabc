import type { Finding, NotApplicable } from "../diagnosis.js";
import {
  failureOf,
  NotApplicableError,
  NotInstalledError,
  NotLoadedError,
  unloaded,
} from "../resolve/lookup-failure.js";

/** Returns the evidence of a lookup that failed. It is about the lookup only. */
export function failureFinding(error: unknown, isLate: boolean): Finding {
  if (error instanceof NotApplicableError)
    return { code: "source-not-applicable", reason: error.reason as NotApplicable };
  if (error instanceof NotInstalledError) return { code: "source-not-installed", packageName: error.packageName };
  if (error instanceof NotLoadedError) return { code: "source-not-loaded", ...unloaded(error) };
  return { code: "source-failed", reason: isLate ? "deadline" : "error", ...errorName(error) };
}

/** Returns the name of an error, if it has one. */
export function errorName(error: unknown): { errorName?: string } {
  const { errorName: name } = failureOf(error);
  return name === undefined ? {} : { errorName: name };
}
