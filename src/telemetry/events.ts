import { channel } from "node:diagnostics_channel";
import type { Diagnosis } from "../explain/diagnosis.js";
import type { FallbackReport } from "../fallback/report.js";
import type { ParsedRefusal } from "../refusal/parse.js";

/** What is published on `resilient-bedrock:refusal`, once for each refused call. */
export interface RefusalEvent {
  operation: string;
  modelId: string;
  refusal: ParsedRefusal;
}

/** What is published on `resilient-bedrock:diagnosis`, before the error is thrown. */
export interface DiagnosisEvent {
  diagnosis: Diagnosis;
  /** The error's `name`. */
  errorName: string;
}

/** What is published on `resilient-bedrock:fallback`, before the output is returned. */
export interface FallbackEvent {
  report: FallbackReport;
  diagnosis: Diagnosis;
}

const refusals = channel("resilient-bedrock:refusal");
const diagnoses = channel("resilient-bedrock:diagnosis");
const fallbacks = channel("resilient-bedrock:fallback");

// Without a subscriber `publish` does nothing. What a subscriber throws is its own uncaught exception, and not the call's
// (Node.js documentation, "Diagnostics Channel").

export function publishRefusal(event: RefusalEvent): void {
  refusals.publish(event);
}

export function publishDiagnosis(event: DiagnosisEvent): void {
  diagnoses.publish(event);
}

export function publishFallback(event: FallbackEvent): void {
  fallbacks.publish(event);
}
