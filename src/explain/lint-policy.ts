import { type BareLintFinding, type LintOptions, lintDocument } from "../policy/lint/lint.js";
import { lintText } from "./format/lint-text.js";

/** A mistake or risk in a policy for calls through inference profiles. */
export interface LintFinding extends BareLintFinding {
  /** Why the finding matters. */
  why: string;
  /** What to write instead. */
  instead: string;
}

/**
 * Finds mistakes and risks in a policy for Amazon Bedrock cross-Region inference. The policy can be an identity-based
 * policy, a service control policy, a permissions boundary, or a VPC endpoint policy. The whole document is checked, so
 * statements that are correct together have no finding. An empty list doesn't prove that a call is allowed. To test a
 * call, use `evaluateAccess`.
 *
 * @param document an object, JSON text, or URL-encoded JSON
 * @throws TypeError if it isn't a policy document
 */
export function lintPolicy(document: unknown, options: LintOptions = {}): LintFinding[] {
  return lintDocument(document, options).map((finding) => ({ ...finding, ...lintText(finding) }));
}
