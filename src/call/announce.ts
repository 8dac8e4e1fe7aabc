import type { Diagnosis } from "../diagnosis.js";
import type { FallbackReport } from "../fallback/report.js";
import type { ResolvedOptions } from "../options.js";
import { publishFallback } from "../telemetry/events.js";
import { logFallback } from "../telemetry/log.js";
import { traceFallback } from "../telemetry/tracing.js";
import { notify } from "./notify.js";

/**
 * Publishes, traces, and logs a call that a fallback answered, and starts the application's callback. Never rejects.
 */
export async function announceFallback(
  report: FallbackReport,
  diagnosis: Diagnosis,
  options: ResolvedOptions,
): Promise<void> {
  publishFallback({ report, diagnosis });
  await Promise.all([
    notify(() => traceFallback(report, diagnosis)),
    notify(() => logFallback(report, diagnosis, options)),
  ]);
  void notify(() => options.onFallback?.(report, diagnosis));
}
