import type { BareLintFinding } from "../../policy/lint/lint.js";

/** The sentences of one finding. */
export interface LintWords {
  why: string;
  instead: string;
}

/** Writes the sentences of the findings of one kind. */
export type LintSentences = (finding: BareLintFinding) => LintWords;
