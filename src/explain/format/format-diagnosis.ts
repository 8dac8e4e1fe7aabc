import type { Diagnosis } from "../../diagnosis.js";
import type { Preflight } from "../preflight.js";
import { toHtml } from "./html.js";
import { toMarkdown } from "./markdown.js";
import { reportBlocks } from "./report.js";
import { toText } from "./text.js";

const RENDERERS = { text: toText, markdown: toMarkdown, html: toHtml };

/** The forms that {@link formatDiagnosis} prints. */
export type DiagnosisFormat = keyof typeof RENDERERS;

/** How {@link formatDiagnosis} prints a report. */
export interface FormatOptions {
  /**
   * `text` is for a terminal, `markdown` for a ticket to the administrators, and `html` is a fragment for a page.
   * @default "text"
   */
  format?: DiagnosisFormat;
  /**
   * Whether to add ARNs, JSON Patch documents, timings, all remedies in full, and the original error message.
   * @default false for text, otherwise true
   */
  verbose?: boolean;
}

/**
 * Prints a diagnosis, or a preflight, for people: the verdict, who can fix it, the smallest change, and the evidence.
 *
 * @param options the format, or an object with more options
 * @throws TypeError if the format is none of the three
 */
export function formatDiagnosis(
  diagnosis: Diagnosis | Preflight,
  options: DiagnosisFormat | FormatOptions = "text",
): string {
  const { format = "text", verbose = format !== "text" } = typeof options === "string" ? { format: options } : options;
  if (!Object.hasOwn(RENDERERS, format)) {
    throw new TypeError(`format must be "text", "markdown" or "html"; it is ${JSON.stringify(format)}.`);
  }
  return RENDERERS[format](reportBlocks(diagnosis, verbose));
}
