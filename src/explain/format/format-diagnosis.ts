import type { Diagnosis } from "../../diagnosis.js";
import type { Preflight } from "../preflight.js";
import { toHtml } from "./html.js";
import { toMarkdown } from "./markdown.js";
import { report } from "./report.js";
import { toText } from "./text.js";

const RENDERERS = { text: toText, markdown: toMarkdown, html: toHtml };

/** The forms that {@link formatDiagnosis} prints. */
export type DiagnosisFormat = keyof typeof RENDERERS;

/**
 * Prints a diagnosis, or a preflight, for people. `text` is for a terminal, `markdown` for a ticket to the
 * administrators, and `html` is a fragment for a page.
 *
 * @throws TypeError if the format is none of the three
 */
export function formatDiagnosis(diagnosis: Diagnosis | Preflight, format: DiagnosisFormat = "text"): string {
  if (!Object.hasOwn(RENDERERS, format)) {
    throw new TypeError(`format must be "text", "markdown" or "html"; it is ${JSON.stringify(format)}.`);
  }
  return RENDERERS[format](report(diagnosis));
}
