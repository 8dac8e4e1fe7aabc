import { settings } from "./check.js";
import { type DiagnosisOptions, diagnosisSettings } from "./diagnose/options.js";
import { type FallbackOptions, fallbackSettings } from "./fallback/options.js";
import { keyValueStore, type ResolveOptions, resolveSettings } from "./resolve/options.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import { type RetryOptions, retrySettings } from "./retry/options.js";
import { type TelemetryOptions, telemetryChecks } from "./telemetry/options.js";

/** The `resilience` field of the client's configuration. Every field is optional. */
export interface ResilienceOptions extends TelemetryOptions {
  diagnosis?: DiagnosisOptions;
  resolve?: ResolveOptions;
  fallback?: FallbackOptions;
  retry?: RetryOptions;
  /**
   * Shares lookup results with other processes: a `Keyv`, over Redis or another backend of Keyv, or another store with
   * `get`, `set`, and `delete`. It stores system-defined profiles and models that were looked up. If the sources are
   * on, it also stores roles, decisions of the simulator, and service control policies. If fallback is on, it also
   * stores which profiles are denied for a principal, without the error message. The library waits at most 250 ms for
   * the store. Everything that it returns is validated. After a failure, it isn't used for ten seconds. The application
   * owns it, and the library never closes it.
   * @default none
   */
  store?: KeyValueStore;
}

/**
 * Checks the options and fills in the defaults. Each module checks its own options.
 * @throws TypeError that identifies the option, its value, and the allowed values
 */
export const resolveOptions = (options?: ResilienceOptions) =>
  settings(options, "resilience", {
    diagnosis: diagnosisSettings,
    resolve: resolveSettings,
    fallback: fallbackSettings,
    retry: retrySettings,
    store: keyValueStore,
    ...telemetryChecks(),
  });

/** The options with every default filled in. All modules except `client.ts` use only this form. */
export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/** True if a call may pass through more layers than the SDK's own `send`. */
export function optsIn({ fallback, resolve, retry }: ResolvedOptions): boolean {
  const { modelTimeout, modelError, propagation } = retry;
  return fallback !== undefined || resolve.bareModels !== undefined || modelTimeout + modelError + propagation > 0;
}
