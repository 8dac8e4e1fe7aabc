import { count, flag, milliseconds, settings } from "../check.js";

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

/** Checks the options and fills in the defaults. */
export const retrySettings = (value: RetryOptions | undefined, path: string) =>
  settings(value, path, {
    expiredCredentials: flag(true),
    modelTimeout: count(0, 5),
    modelError: count(0, 5),
    propagation: milliseconds(0, 300_000),
    timeoutMs: milliseconds(60_000, 600_000),
  });

/** The options with every default filled in. */
export type RetrySettings = ReturnType<typeof retrySettings>;
