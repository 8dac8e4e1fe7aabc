import type { DecidingPolicy, Diagnosis, LegVerdict, Remedy } from "../../diagnosis.js";
import type { FallbackReport } from "../../fallback/report.js";
import { printable, printableLines } from "../../printable.js";
import type { Preflight } from "../preflight.js";
import { leftOutParts } from "./call-words.js";
import { searchWords } from "./edit-words.js";
import { considerationWords, notTriedSentence } from "./fallback-words.js";
import { ACTOR, list, thePolicy } from "./words.js";

/** One part of a report. The renderers handle these forms and contain nothing about Bedrock. */
export type Block =
  | { type: "heading"; text: string }
  | { type: "paragraph"; text: string }
  /** `facts` has a name and a value in each row. `list` has a header. The last column has the longest texts. */
  | { type: "table"; of: "facts" | "list"; header: string[]; rows: Cell[][] }
  | { type: "steps"; items: string[] }
  /** Text whose line breaks are kept. */
  | { type: "code"; text: string }
  /** A message from outside. Its line breaks are kept, and it may be wrapped. */
  | { type: "quote"; text: string }
  /** Links to documentation. Never a URL from outside. */
  | { type: "links"; urls: string[] };

/** A verdict is marked, so that a renderer can highlight it. */
export type Cell = string | { mark: Mark; text: string };
export type Mark = LegVerdict["verdict"];

export const textOfCell = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);

const MARK: Record<Mark, string> = { allowed: "allowed", blocked: "BLOCKED", unknown: "unknown" };

/**
 * The longest policy document or message that is printed whole, in characters. AWS's largest policy is shorter, even
 * indented.
 */
const LONGEST_CODE = 32_768;

/** The headings for a call that wasn't made. */
const HEADING: Record<Preflight["verdict"], string> = {
  allowed: "This call would be allowed",
  blocked: "Amazon Bedrock would deny this call",
  unknown: "It is unknown whether this call would be allowed",
};

/** Returns the verdict, with the guess if it is unknown, and the sources that contradict it. */
function marked({ verdict, likely, contradictedBy }: LegVerdict): Cell {
  const guess = likely ? `, likely ${likely.verdict}` : "";
  const text = `${MARK[verdict]}${guess}${contradictedBy ? ` (not so: ${list(contradictedBy)})` : ""}`;
  return { mark: verdict, text };
}

/** Whether a leg needs more explanation than its verdict. */
const isTold = ({ verdict, likely, contradictedBy }: LegVerdict) =>
  verdict === "blocked" || likely !== undefined || contradictedBy !== undefined;

/**
 * Returns the parts of a diagnosis in the order in which a reader needs them. All text is printable and limited in
 * length.
 */
export function report(diagnosis: Diagnosis | Preflight): Block[] {
  return blocksOf(diagnosis).flatMap(cleaned);
}

/** ARNs, names, and AWS's messages are outside text. Only code and quotes keep their line breaks. */
function cleaned(block: Block): Block[] {
  switch (block.type) {
    case "code":
    case "quote":
      return [{ ...block, text: printableLines(block.text, LONGEST_CODE) }];
    case "table":
      return [{ ...block, rows: block.rows.map((row) => row.map(cleanedCell)) }];
    case "steps":
      return [{ ...block, items: block.items.map((item) => printable(item)) }];
    case "links":
      return cleanedLinks(block.urls);
    default:
      return [{ ...block, text: printable(block.text) }];
  }
}

const cleanedCell = (cell: Cell): Cell =>
  typeof cell === "string" ? printable(cell) : { ...cell, text: printable(cell.text) };

/** A diagnosis may come from a response, so a URL in it is a link only if it leads to AWS's documentation. */
function cleanedLinks(urls: readonly string[]): Block[] {
  const ours = urls.filter(isDocumentation);
  const others = urls.filter((url) => !isDocumentation(url));
  return [
    ...others.map((url): Block => ({ type: "paragraph", text: printable(url) })),
    ...(ours.length > 0 ? [{ type: "links", urls: ours } satisfies Block] : []),
  ];
}

const isDocumentation = (url: string) =>
  url.length <= 2_048 && /^https:\/\/(docs\.aws\.amazon\.com|github\.com\/aws-samples)\/[\w./#?=&-]*$/.test(url);

function blocksOf(diagnosis: Diagnosis | Preflight): Block[] {
  const { summary, legs, remedies, evidence, search } = diagnosis;
  const { refusal, fallback } = "refusal" in diagnosis ? diagnosis : {};
  return [
    { type: "heading", text: "verdict" in diagnosis ? HEADING[diagnosis.verdict] : "This call was denied" },
    { type: "paragraph", text: summary },
    { type: "table", of: "facts", header: ["what", "value"], rows: facts(diagnosis) },
    ...(legs.length > 0
      ? ([
          { type: "heading", text: "What AWS authorizes for this call (all must allow)" },
          {
            type: "table",
            of: "list",
            header: ["leg", "Region", "verdict", "resource"],
            rows: legs.map((each) => [each.leg.stage, each.leg.region, marked(each), each.leg.resource]),
          },
          ...legs
            .filter(isTold)
            .map(({ leg, because }): Block => ({ type: "paragraph", text: `${leg.stage}, ${leg.region}: ${because}` })),
        ] satisfies Block[])
      : []),
    ...remedies.flatMap((remedy, at) => remedyBlocks(remedy, at + 1)),
    ...(search ? [{ type: "paragraph", text: searchWords(search) } satisfies Block] : []),
    ...(fallback ? fallbackBlocks(fallback) : []),
    { type: "heading", text: "Evidence" },
    {
      type: "table",
      of: "list",
      header: ["source", "when", "what it shows"],
      rows: evidence.map((piece) => [piece.source, piece.at, piece.says]),
    },
    ...(refusal
      ? ([
          { type: "heading", text: "Original error message" },
          { type: "quote", text: refusal.raw || "(no message)" },
        ] satisfies Block[])
      : []),
  ];
}

function fallbackBlocks(fallback: FallbackReport): Block[] {
  const says = notTriedSentence(fallback);
  const rows = fallback.considered.map((each) => [each.modelId, each.region, considerationWords(each)]);
  return [
    { type: "heading", text: "Fallback" },
    ...(says ? [{ type: "paragraph", text: says } satisfies Block] : []),
    ...(rows.length > 0
      ? [{ type: "table", of: "list", header: ["model", "Region", "outcome"], rows } satisfies Block]
      : []),
  ];
}

function facts(d: Diagnosis | Preflight): Cell[][] {
  const rows: [string, Cell | undefined][] = [
    ["verdict", "verdict" in d ? { mark: d.verdict, text: MARK[d.verdict] } : undefined],
    ["kind", "kind" in d ? d.kind : undefined],
    ["operation", d.operation],
    ["IAM action", d.action],
    ["model", d.modelId || undefined],
    ["source Region", d.sourceRegion],
    ["blocked in", d.blockedRegions.join(", ") || undefined],
    ["decided by", d.policy && `${thePolicy(d.policy)}${d.policy.denyKind ? ` (${d.policy.denyKind} deny)` : ""}`],
    ["statement", d.policy && statementOf(d.policy)],
    ["policy ARN", d.policy?.arn],
    ["principal", d.principal?.arn],
    ["confidence", "confidence" in d ? d.confidence : undefined],
    ["not checked", d.leftOut?.length ? list(leftOutParts(d.leftOut)) : undefined],
    ["complete", d.complete ? undefined : "no: cut short before every source had answered"],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** `$.Statement[0] (Sid GRREGIONDENY), attached to level Root` */
function statementOf({ statement, level }: DecidingPolicy): string | undefined {
  if (statement === undefined) return undefined;
  const sid = statement.sid === undefined ? "" : ` (Sid ${statement.sid})`;
  return `${statement.path}${sid}${level === undefined ? "" : `, attached to level ${level}`}`;
}

function remedyBlocks(remedy: Remedy, number: number): Block[] {
  const { title, who, confidence, verified, steps, policy, edits = [], links } = remedy;
  const json = policy?.change === "add-condition" ? { Condition: policy.condition } : policy?.statements;
  const sure = [
    ["who", ACTOR[who]],
    ["confidence", confidence],
    ["verified", verified ? "yes, by evaluating the provided policies with this change" : "no"],
  ];
  return [
    { type: "heading", text: `Remedy ${number}: ${title}` },
    { type: "table", of: "facts", header: ["what", "value"], rows: sure },
    { type: "steps", items: steps },
    ...(json === undefined ? [] : [{ type: "code", text: JSON.stringify(json, null, 2) } as const]),
    ...edits.map(({ diff }): Block => ({ type: "code", text: JSON.stringify(diff, null, 2) })),
    { type: "links", urls: links },
  ];
}
