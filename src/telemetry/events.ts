import { channel } from "node:diagnostics_channel";
import type { Diagnosis } from "../diagnosis.js";
import type { FallbackReport } from "../fallback/report.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { nameOfError } from "./error-fields.js";

/** The event that is published on `resilient-bedrock:refusal`, once for each denied call. */
export interface RefusalEvent {
  operation: string;
  modelId: string;
  refusal: ParsedRefusal;
}

/** The event that is published on `resilient-bedrock:diagnosis`, before the error is thrown. */
export interface DiagnosisEvent {
  diagnosis: Diagnosis;
  /** The error's `name`. */
  errorName: string;
}

/** The event that is published on `resilient-bedrock:fallback`, before the output is returned. */
export interface FallbackEvent {
  report: FallbackReport;
  diagnosis: Diagnosis;
}

const denialChannel = channel("resilient-bedrock:refusal");
const diagnosisChannel = channel("resilient-bedrock:diagnosis");
const fallbackChannel = channel("resilient-bedrock:fallback");

// Without a subscriber, no event is made. If a subscriber throws, that is an uncaught exception, and the call
// doesn't fail (Node.js documentation, "Diagnostics Channel").

export function publishRefusal(refusal: ParsedRefusal, { operation, modelId }: Omit<RefusalEvent, "refusal">): void {
  if (denialChannel.hasSubscribers) denialChannel.publish({ operation, modelId, refusal } satisfies RefusalEvent);
}

export function publishDiagnosis(diagnosis: Diagnosis, error: unknown): void {
  if (!diagnosisChannel.hasSubscribers) return;
  diagnosisChannel.publish({ diagnosis, errorName: nameOfError(error) ?? "Error" } satisfies DiagnosisEvent);
}

export function publishFallback(event: FallbackEvent): void {
  fallbackChannel.publish(event);
}
