import type { Diagnosis } from "../diagnosis.js";
import { type DiagnosedError, diagnosed } from "../error.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { publishDiagnosis, publishRefusal } from "../telemetry/events.js";
import { logDiagnosis, mayLog, prepareLogging } from "../telemetry/log.js";
import { mayTrace, prepareTracing, traceDiagnosis } from "../telemetry/tracing.js";
import type { Call, Failed } from "./call.js";
import { diagnosesOf } from "./client-diagnoses.js";
import type { CallEnvironment } from "./context.js";
import { notify } from "./notify.js";

// Loaded by import() with the first denial, together with everything that a diagnosis needs.

export { announceFallback } from "./announce.js";

/**
 * Diagnoses the error of a denied call in place, and publishes the diagnosis. The error object stays the SDK's.
 * Everything together takes no longer than the diagnosis deadline.
 */
export async function diagnoseInPlace(
  { error, sent, report, cause }: Failed,
  refusal: ParsedRefusal,
  context: CallEnvironment,
): Promise<void> {
  publishRefusal(refusal, sent);
  prepareTracing();
  prepareLogging(context.options);
  const group = diagnosesOf(context).join(sent.signal);
  try {
    const diagnosis = await group.diagnosisOf(refusal, sent);
    if (report) diagnosis.fallback = { ...report, why: diagnosis.summary };
    diagnosed(error, diagnosis, cause);
    publishDiagnosis(diagnosis, error);
    // As soon as the error is thrown, a span may end, and so may the process.
    const writing = written(diagnosis, error, context);
    if (writing) await group.inTime(writing);
    const { onDiagnosis } = context.options;
    if (onDiagnosis) void notify(() => onDiagnosis(diagnosis, error as DiagnosedError));
  } finally {
    group.leave();
  }
}

/** Writes the trace event and the log line. Undefined if there is nothing to write to. Never rejects. */
function written(diagnosis: Diagnosis, error: unknown, { options }: CallEnvironment): Promise<unknown> | undefined {
  const tracing = mayTrace() ? notify(() => traceDiagnosis(diagnosis, error)) : undefined;
  const logging = mayLog(options) ? notify(() => logDiagnosis(diagnosis, error, options)) : undefined;
  return tracing && logging ? Promise.all([tracing, logging]) : (tracing ?? logging);
}

/**
 * Diagnoses a denial within the diagnosis deadline. A thousand calls that are denied at once share one diagnosis. Never
 * rejects because of a response from outside.
 *
 * @returns an object of the caller's own. Its contents are shared and frozen
 */
export async function diagnosisOfCall(
  refusal: ParsedRefusal,
  sent: Call,
  signal: AbortSignal | undefined,
  context: CallEnvironment,
): Promise<Diagnosis> {
  const group = diagnosesOf(context).join(signal);
  try {
    return await group.diagnosisOf(refusal, sent);
  } finally {
    group.leave();
  }
}
