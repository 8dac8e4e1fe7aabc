import { callback, flag, withMethods } from "../check.js";
import type { Diagnosis } from "../diagnosis.js";
import type { DiagnosedError } from "../error.js";
import type { FallbackReport } from "../fallback/report.js";

/**
 * An object with the shape of the SDK's `Logger`, such as a pino instance, `console`, or a winston or Powertools
 * logger. A logger with a `log` method (console, winston) and Powertools' logger are called as `warn(message, fields)`.
 * Every other logger is called as pino is: `warn(fields, message)`.
 */
export interface ResilienceLogger {
  debug(...content: unknown[]): void;
  info(...content: unknown[]): void;
  warn(...content: unknown[]): void;
  error(...content: unknown[]): void;
}

/** What is reported of diagnoses and fallbacks, and where. */
export interface TelemetryOptions {
  /**
   * The logger that gets one line for each diagnosis, at level `warn`.
   * @default none, or pino to stderr if the environment variable RESILIENT_BEDROCK_LOG_LEVEL is set
   */
  logger?: ResilienceLogger;
  /**
   * If true, log lines also contain session names. They are often email addresses, so they are omitted by default.
   * @default false
   */
  logSessionNames?: boolean;
  /** Called once for each diagnosed error, before it is thrown. If it throws or rejects, that is ignored. */
  onDiagnosis?: (diagnosis: Diagnosis, error: DiagnosedError) => unknown;
  /**
   * Called for each call that a fallback answered, before its output is returned. `diagnosis` is the diagnosis of the
   * denial that led to the fallback. If it throws or rejects, that is ignored.
   */
  onFallback?: (report: FallbackReport, diagnosis: Diagnosis) => unknown;
}

/** The checks of the options, which are among the options of the client. */
export const telemetryChecks = () => ({
  logger: withMethods<ResilienceLogger>("a pino instance or another logger", "debug", "info", "warn", "error"),
  logSessionNames: flag(false),
  onDiagnosis: callback<NonNullable<TelemetryOptions["onDiagnosis"]>>(),
  onFallback: callback<NonNullable<TelemetryOptions["onFallback"]>>(),
});
