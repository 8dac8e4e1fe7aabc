import type { Diagnosis, Evidence, LegVerdict } from "../../diagnosis.js";
import type { FallbackReport } from "../../fallback/report.js";
import type { Preflight } from "../preflight.js";
import { type Block, cleaned } from "./blocks.js";
import { details, qualifications } from "./details.js";
import { searchText } from "./edit-text.js";
import { considerationText, notTriedSentence } from "./fallback-text.js";
import { legTable, whatOf } from "./leg-table.js";
import { remedyBlocks } from "./remedy-blocks.js";
import { withoutArns } from "./short-arn.js";

/** The headings for a call that wasn't made. */
const HEADING: Record<Preflight["verdict"], string> = {
  allowed: "This call would be allowed",
  blocked: "Amazon Bedrock would deny this call",
  unknown: "It is unknown whether this call would be allowed",
};

/** The most lines that a summary has. A diagnosis from another process may contain more. */
const MOST_LINES = 10;

/**
 * Returns the parts of a diagnosis in the order in which a reader needs them: the verdict, who can fix it, the smallest
 * change, and the evidence. All text is printable and limited in length.
 *
 * @param isVerbose true for ARNs, JSON Patch documents, timings, all remedies, and AWS's message
 */
export function reportBlocks(diagnosis: Diagnosis | Preflight, isVerbose: boolean): Block[] {
  const { summary, legs, search } = diagnosis;
  const { fallback } = "refusal" in diagnosis ? diagnosis : {};
  const verdict = "verdict" in diagnosis ? diagnosis.verdict : "blocked";
  const blocks: Block[] = [
    { type: "heading", mark: verdict, text: "verdict" in diagnosis ? HEADING[verdict] : "This call was denied" },
    ...linesOf(summary).map((text): Block => ({ type: "paragraph", text })),
    ...qualifications(diagnosis),
    ...(legs.length > 0
      ? [{ type: "heading", text: "What AWS authorizes for this call (all must allow)" } as const, legTable(diagnosis)]
      : []),
    ...remedyBlocks(diagnosis, isVerbose),
    ...(search ? [{ type: "paragraph", text: searchText(search) } satisfies Block] : []),
    ...(fallback ? fallbackBlocks(fallback) : []),
    ...evidenceBlocks(diagnosis, isVerbose),
    ...(isVerbose ? details(diagnosis) : []),
  ];
  return blocks.flatMap(cleaned);
}

/** What follows the last line stays in it. */
function linesOf(summary: string): string[] {
  const lines = summary.split("\n");
  return [
    ...lines.slice(0, MOST_LINES - 1),
    ...(lines.length < MOST_LINES ? [] : [lines.slice(MOST_LINES - 1).join(" ")]),
  ];
}

function evidenceBlocks({ legs, evidence }: Diagnosis | Preflight, isVerbose: boolean): Block[] {
  const reasons = legs.filter(needsReason).map(({ leg, because }) => `${leg.region} (${whatOf(leg)}): ${because}`);
  if (reasons.length === 0 && evidence.length === 0) return [];
  return [
    { type: "heading", text: "Evidence" },
    ...reasons.map((text): Block => ({ type: "paragraph", text: isVerbose ? text : withoutArns(text) })),
    ...(evidence.length > 0 ? [evidenceTable(evidence, isVerbose)] : []),
  ];
}

function evidenceTable(evidence: readonly Evidence[], isVerbose: boolean): Block {
  if (!isVerbose) {
    const rows = evidence.map(({ source, says }) => [source, withoutArns(says)]);
    return { type: "table", of: "list", header: ["source", "what it shows"], rows };
  }
  return {
    type: "table",
    of: "list",
    header: ["source", "when", "took", "what it shows"],
    rows: evidence.map(({ source, at, durationMs, says }) => {
      return [source, at, Number.isFinite(durationMs) ? `${Math.round(durationMs)} ms` : "", says];
    }),
  };
}

/** Whether a leg needs more explanation than its verdict. */
const needsReason = ({ verdict, likely, contradictedBy }: LegVerdict) =>
  verdict === "blocked" || likely !== undefined || contradictedBy !== undefined;

function fallbackBlocks(fallback: FallbackReport): Block[] {
  const why = notTriedSentence(fallback);
  const rows = fallback.considered.map((each) => [each.modelId, each.region, considerationText(each)]);
  return [
    { type: "heading", text: "Fallback" },
    ...(why ? [{ type: "paragraph", text: why } satisfies Block] : []),
    ...(rows.length > 0
      ? [{ type: "table", of: "list", header: ["model", "Region", "outcome"], rows } satisfies Block]
      : []),
  ];
}
