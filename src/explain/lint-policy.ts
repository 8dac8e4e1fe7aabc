import { type BareLintFinding, type LintOptions, lintDocument } from "../policy/lint.js";
import { lintWords } from "./format/lint-words.js";

/** One thing that is wrong or risky in a policy for calls through inference profiles. */
export interface LintFinding extends BareLintFinding {
  /** Why it matters, in a sentence or two. */
  why: string;
  /** What to write instead. */
  instead: string;
}

/**
 * Looks a policy through for what is wrong or risky with Amazon Bedrock's cross-Region inference: an identity-based policy,
 * a service control policy or another. Empty where nothing is found, which is no proof that a call is allowed: that is what
 * `evaluateAccess` is for.
 *
 * @param document an object, JSON text, or URL-encoded JSON
 * @throws TypeError where it is no policy document at all
 */
export function lintPolicy(document: unknown, options: LintOptions = {}): LintFinding[] {
  return lintDocument(document, options).map((finding) => ({ ...finding, ...lintWords(finding) }));
}
