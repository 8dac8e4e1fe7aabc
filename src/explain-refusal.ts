import { conclude } from "./diagnose/conclude.js";
import { fromCatalog } from "./diagnose/gathered.js";
import { type DenialDetails, questionAbout } from "./diagnose/recorded-denial.js";
import type { Diagnosis } from "./diagnosis.js";
import { explainAtOnce } from "./explain/explain.js";
import { parseRefusal } from "./refusal/parse.js";
import * as catalog from "./resolve/known-profiles.js";

/** What you know about the denied call in addition to the error. */
export type RefusalDetails = Pick<DenialDetails, "modelId" | "sourceRegion" | "operation" | "policies">;

/** How long the search for remedies may take, in milliseconds. It blocks the event loop. */
const MOST_SEARCH_MS = 500;

/**
 * Explains a denial without any lookup: from its message, the bundled catalog, and the policies that you provide. The
 * denial can be an error of any SDK, an error that wraps it, a response body, a log line, or a CloudTrail record. What
 * these don't show, such as the Region of the client, is unknown. It is never guessed.
 *
 * @returns null if it isn't a denial, such as throttling or a timeout
 * @throws TypeError if a detail isn't a string
 */
export function explainRefusal(denial: unknown, details: RefusalDetails = {}): Diagnosis | null {
  for (const field of ["modelId", "sourceRegion", "operation"] as const) {
    const value: unknown = details[field];
    if (value !== undefined && typeof value !== "string") throw new TypeError(`${field} must be a string or left out.`);
  }
  const refusal = parseRefusal(denial);
  if (refusal === null) return null;
  const question = questionAbout(refusal, details);
  const concluded = conclude(question, fromCatalog(question, catalog, Date.now));
  const end = Date.now() + MOST_SEARCH_MS;
  return explainAtOnce(concluded, () => Date.now() >= end);
}
