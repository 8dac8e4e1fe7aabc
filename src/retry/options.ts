import { fields, flag, milliseconds, wrong } from "../check.js";

/**
 * How often failures that the SDK doesn't retry are retried. The SDK still retries everything that it retries itself,
 * with `maxAttempts`, `retryMode`, and `retryStrategy` unchanged. A denial of routing is never retried.
 */
export interface RetryOptions {
  /**
   * Retries once after expired credentials, if a refresh returns other credentials.
   * @default true
   */
  expiredCredentials?: boolean;
  /**
   * Retries after ModelTimeoutException (408), from 0 to 5. You may be charged for each attempt, because the model may
   * have processed it.
   * @default 0
   */
  modelTimeout?: number;
  /**
   * Retries after ModelErrorException (424), from 0 to 5.
   * @default 0
   */
  modelError?: number;
  /**
   * How long a call that IAM denies is retried, in milliseconds, from 0 to 300,000. Use it for the minutes after a
   * policy change. A denial of a destination Region isn't retried.
   * @default 0
   */
  propagation?: number;
  /**
   * The latest start of a retry after a model's timeout or error, in milliseconds after the first failure, from 0 to
   * 600,000.
   * @default 60000
   */
  timeoutMs?: number;
}

/** The options with every default filled in. */
export type RetrySettings = Readonly<Required<RetryOptions>>;

/**
 * Validates the options and fills in the defaults.
 * @throws TypeError that identifies the option, its value, and what is allowed
 */
export function retrySettings(value: RetryOptions | undefined, path: string): RetrySettings {
  const given = fields(value, path, ["expiredCredentials", "modelTimeout", "modelError", "propagation", "timeoutMs"]);
  return Object.freeze({
    expiredCredentials: flag(given.expiredCredentials, `${path}.expiredCredentials`, true),
    modelTimeout: retries(given.modelTimeout, `${path}.modelTimeout`),
    modelError: retries(given.modelError, `${path}.modelError`),
    propagation: milliseconds(given.propagation, `${path}.propagation`, 0, 300_000),
    timeoutMs: milliseconds(given.timeoutMs, `${path}.timeoutMs`, 60_000, 600_000),
  });
}

function retries(value: unknown, path: string): number {
  if (value === undefined) return 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 5) return value;
  throw wrong(path, value, "a whole number of tries from 0 to 5");
}
