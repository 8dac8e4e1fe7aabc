import type { Diagnosis } from "./diagnosis.js";
import type { Preflight } from "./explain/preflight.js";
import type * as lookup from "./lookup.js";
import type * as preflight from "./preflight.js";
import type { PreflightQuestion, RecordedDenialQuestion } from "./question.js";

// Loaded by their first call, so that an application that never calls them doesn't load them.

/**
 * Returns why a call was denied, with the same sources as for a call that the client itself made. What the denial and
 * the question don't show, such as the content of the request, is unknown. Never rejects because of a response from
 * AWS.
 *
 * @returns null if it isn't a denial, such as throttling or a timeout
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function diagnose(question: RecordedDenialQuestion): Promise<Diagnosis | null>;
/**
 * Returns whether a call would be authorized, leg by leg, without making it. The result is based on the provided
 * policies and the sources that you opt in to. For start-up and health checks. Never rejects because of a response from
 * AWS. What can't be determined is `unknown`, and `evidence` contains the reason.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function diagnose(question: PreflightQuestion): Promise<Preflight>;
export async function diagnose(
  question: PreflightQuestion | RecordedDenialQuestion,
): Promise<Preflight | Diagnosis | null> {
  const isDenial = typeof question === "object" && question !== null && "error" in question;
  if (isDenial) return (await import("./recorded-denial.js")).diagnoseDenial(question);
  return (await import("./preflight.js")).diagnoseCall(question);
}

export const diagnoseCommand: typeof preflight.diagnoseCommand = async (...args) =>
  (await import("./preflight.js")).diagnoseCommand(...args);

/**
 * Looks up the inference profile behind a `modelId` as seen from the source Region. It calls GetInferenceProfile. If
 * that fails, it uses the bundled catalog. Never rejects because of a response from AWS. The result contains what is
 * known, its source, and why more isn't known.
 *
 * @param modelId a profile's ID or ARN. For any other kind of model, the result is `via: "none"`
 * @param with a client, whose Region, credentials, and cache are used, or a Region
 * @param options `timeoutMs`, 2000 by default. `abortSignal` ends the lookup at once
 * @throws TypeError if `with` contains neither
 */
export const resolveInferenceProfile: typeof lookup.resolveInferenceProfile = async (...args) =>
  (await import("./lookup.js")).resolveInferenceProfile(...args);
