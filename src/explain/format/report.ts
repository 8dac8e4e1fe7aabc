import type { DecidingPolicy, LegVerdict } from "../../diagnose/evidence.js";
import type { FallbackReport } from "../../invoke/report.js";
import type { Diagnosis, Remedy } from "../diagnosis.js";
import type { Preflight } from "../preflight.js";
import { searchWords } from "./edit-words.js";
import { considerationWords, notTriedSentence } from "./fallback-words.js";
import { ACTOR, list, oneLine, thePolicy } from "./words.js";

/** One part of a report. The renderers know these forms and nothing of Bedrock. */
export type Block =
  | { type: "heading"; text: string }
  | { type: "paragraph"; text: string }
  | { type: "table"; header: string[]; rows: string[][] }
  | { type: "steps"; items: string[] }
  | { type: "code"; text: string }
  | { type: "links"; urls: string[] };

const MARK = { allowed: "allowed", blocked: "BLOCKED", unknown: "unknown" } as const;

/** Of a call that was not made. */
const HEADING: Record<Preflight["verdict"], string> = {
  allowed: "This call would be authorized",
  blocked: "Amazon Bedrock would refuse this call",
  unknown: "It is not known whether this call would be authorized",
};

/** The verdict, with the guess beside an unknown one, and who contradicts it. */
function marked({ verdict, likely, contradictedBy }: LegVerdict): string {
  const guess = likely ? `, likely ${likely.verdict}` : "";
  return `${MARK[verdict]}${guess}${contradictedBy ? ` (not so: ${list(contradictedBy)})` : ""}`;
}

/** Whether there is more to say of a leg than its verdict. */
const isTold = ({ verdict, likely, contradictedBy }: LegVerdict) =>
  verdict === "blocked" || likely !== undefined || contradictedBy !== undefined;

/** What a reader needs of a diagnosis, in the order in which it is needed; no text in it can break out of its place. */
export function report(diagnosis: Diagnosis | Preflight): Block[] {
  return blocksOf(diagnosis).map(cleaned);
}

/** ARNs, names and AWS's words are not ours: only code keeps its lines. */
function cleaned(block: Block): Block {
  switch (block.type) {
    case "code":
      return { ...block, text: block.text.replace(/[^\P{Cc}\n\t]/gu, " ") };
    case "table":
      return { ...block, rows: block.rows.map((row) => row.map(oneLine)) };
    case "steps":
      return { ...block, items: block.items.map(oneLine) };
    case "links":
      return block;
    default:
      return { ...block, text: oneLine(block.text) };
  }
}

function blocksOf(diagnosis: Diagnosis | Preflight): Block[] {
  const { summary, legs, remedies, evidence, search } = diagnosis;
  const { refusal, fallback } = "refusal" in diagnosis ? diagnosis : {};
  return [
    { type: "heading", text: "verdict" in diagnosis ? HEADING[diagnosis.verdict] : "Amazon Bedrock refused this call" },
    { type: "paragraph", text: summary },
    { type: "table", header: ["what", "value"], rows: facts(diagnosis) },
    ...(legs.length > 0
      ? ([
          { type: "heading", text: "What AWS authorizes for this call (all must allow)" },
          {
            type: "table",
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
    { type: "heading", text: "What this rests on" },
    {
      type: "table",
      header: ["source", "says", "when"],
      rows: evidence.map((piece) => [piece.source, piece.says, piece.at]),
    },
    ...(refusal
      ? ([
          { type: "heading", text: "AWS's own words" },
          { type: "code", text: refusal.raw || "(no message)" },
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
    ...(rows.length > 0 ? [{ type: "table", header: ["model", "Region", "outcome"], rows } satisfies Block] : []),
  ];
}

function facts(d: Diagnosis | Preflight): string[][] {
  const rows: [string, string | undefined][] = [
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
  const sure = verified ? "verified: evaluated again with the policies at hand" : `${confidence}; not verified`;
  const json = policy?.change === "add-condition" ? { Condition: policy.condition } : policy?.statements;
  return [
    { type: "heading", text: `Remedy ${number} (${ACTOR[who]}; ${sure}): ${title}` },
    { type: "steps", items: steps },
    ...(json === undefined ? [] : [{ type: "code", text: JSON.stringify(json, null, 2) } as const]),
    ...edits.map(({ diff }): Block => ({ type: "code", text: JSON.stringify(diff, null, 2) })),
    { type: "links", urls: links },
  ];
}
