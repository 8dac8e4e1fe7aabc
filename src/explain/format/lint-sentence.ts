import type { BareLintFinding } from "../../policy/lint/lint.js";

/** The sentences of one finding. */
export interface LintText {
  why: string;
  instead: string;
}

/** Writes the sentences of the findings of one kind. */
export type WriteLintText = (finding: BareLintFinding) => LintText;
