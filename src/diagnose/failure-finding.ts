import { defined } from "../defined.js";
import {
  failureOf,
  NotApplicableError,
  NotInstalledError,
  NotLoadedError,
  unloaded,
} from "../resolve/lookup-failure.js";

/** Why a lookup returned nothing. `Reason` is why a source can't be used here. */
export type FailureFinding<Reason extends string = string> =
  | { code: "source-not-applicable"; reason: Reason }
  | { code: "source-not-installed"; packageName: string }
  /** The package is installed, but loading it failed, or the installed version lacks an export. */
  | { code: "source-not-loaded"; packageName: string; errorName?: string; missingExport?: string }
  | { code: "source-failed"; reason: "deadline" | "aborted" | "error"; errorName?: string };

/** Returns the evidence of a lookup that failed. It is about the lookup only. */
export function failureFinding<Reason extends string>(error: unknown, isLate: boolean): FailureFinding<Reason> {
  if (error instanceof NotApplicableError) return { code: "source-not-applicable", reason: error.reason as Reason };
  if (error instanceof NotInstalledError) return { code: "source-not-installed", packageName: error.packageName };
  if (error instanceof NotLoadedError) return { code: "source-not-loaded", ...unloaded(error) };
  return { code: "source-failed", reason: isLate ? "deadline" : "error", ...errorName(error) };
}

/** Returns the name of an error, if it has one. */
export function errorName(error: unknown): { errorName?: string } {
  return defined({ errorName: failureOf(error).errorName });
}
