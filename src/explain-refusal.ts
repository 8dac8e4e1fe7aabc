import { type Check, optional, settings, wrong } from "./check.js";
import { conclude } from "./diagnose/conclude.js";
import { fromCatalog } from "./diagnose/gathered.js";
import { compiledPolicies } from "./diagnose/options.js";
import { questionAbout } from "./diagnose/recorded-denial.js";
import type { Diagnosis } from "./diagnosis.js";
import { explainAtOnce } from "./explain/explain.js";
import type { PolicySet } from "./policy/evaluation/sealed.js";
import { parseRefusal } from "./refusal/parse.js";
import * as catalog from "./resolve/known-profiles.js";

/**
 * What you know about the denied call in addition to the error. What you omit, or leave empty, is unknown. What the
 * error itself shows takes precedence, such as the call in a CloudTrail record.
 */
export interface RefusalDetails {
  /** The `modelId` of the call: an ID or ARN of a model or an inference profile. */
  modelId?: string;
  /** The Region of the client that made the call. */
  sourceRegion?: string;
  /** The SDK operation: `Converse`. */
  operation?: string;
  /** The policies that apply to the call. */
  policies?: PolicySet;
}

/** How long the search for remedies may take, in milliseconds. It blocks the event loop. */
const MOST_SEARCH_MS = 500;

/**
 * Explains a denial without any lookup: from its message, the bundled catalog, and the policies that you provide. The
 * denial can be an error of any SDK, an error that wraps it, a response body, a log line, or a CloudTrail record. What
 * these don't show, such as the Region of the client, is unknown. It is never guessed.
 *
 * @returns null if it isn't a denial, such as throttling or a timeout
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function explainRefusal(denial: unknown, details?: RefusalDetails): Diagnosis | null {
  const known = settings(details, "details", {
    modelId: text,
    sourceRegion: text,
    operation: text,
    policies: optional(compiledPolicies),
  });
  const refusal = parseRefusal(denial);
  if (refusal === null) return null;
  const question = questionAbout(refusal, known);
  const concluded = conclude(question, fromCatalog(question, catalog, Date.now));
  const end = Date.now() + MOST_SEARCH_MS;
  return explainAtOnce(concluded, () => Date.now() >= end);
}

const text: Check<string, string | undefined> = (value, path) => {
  if (value === undefined || typeof value === "string") return value;
  throw wrong(path, value, "a string");
};
