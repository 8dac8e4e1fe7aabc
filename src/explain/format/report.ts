import type { DecidingPolicy, LegVerdict } from "../../diagnose/evidence.js";
import type { FallbackReport } from "../../invoke/report.js";
import type { Diagnosis, Remedy } from "../diagnosis.js";
import { considerationWords, notTriedSentence } from "./fallback-words.js";
import { ACTOR, list, thePolicy } from "./words.js";

/** One part of a report. The renderers know these forms and nothing of Bedrock. */
export type Block =
  | { type: "heading"; text: string }
  | { type: "paragraph"; text: string }
  | { type: "table"; header: string[]; rows: string[][] }
  | { type: "steps"; items: string[] }
  | { type: "code"; text: string }
  | { type: "links"; urls: string[] };

const MARK = { allowed: "allowed", blocked: "BLOCKED", unknown: "unknown" } as const;

/** The verdict, with the guess beside an unknown one, and who contradicts it. */
function marked({ verdict, likely, contradictedBy }: LegVerdict): string {
  const guess = likely ? `, likely ${likely.verdict}` : "";
  return `${MARK[verdict]}${guess}${contradictedBy ? ` (not so: ${list(contradictedBy)})` : ""}`;
}

/** What a reader needs of a diagnosis, in the order in which it is needed. */
export function report(diagnosis: Diagnosis): Block[] {
  const { summary, refusal, legs, remedies, evidence, fallback } = diagnosis;
  return [
    { type: "heading", text: "Amazon Bedrock refused this call" },
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
        ] satisfies Block[])
      : []),
    ...remedies.flatMap((remedy, at) => remedyBlocks(remedy, at + 1)),
    ...(fallback ? fallbackBlocks(fallback) : []),
    { type: "heading", text: "What this rests on" },
    {
      type: "table",
      header: ["source", "says", "when"],
      rows: evidence.map((piece) => [piece.source, piece.says, piece.at]),
    },
    { type: "heading", text: "AWS's own words" },
    { type: "code", text: refusal.raw || "(no message)" },
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

function facts(d: Diagnosis): string[][] {
  const rows: [string, string | undefined][] = [
    ["kind", d.kind],
    ["operation", d.operation],
    ["IAM action", d.action],
    ["model", d.modelId || undefined],
    ["source Region", d.sourceRegion],
    ["blocked in", d.blockedRegions.join(", ") || undefined],
    ["decided by", d.policy && `${thePolicy(d.policy)}${d.policy.denyKind ? ` (${d.policy.denyKind} deny)` : ""}`],
    ["statement", d.policy && statementOf(d.policy)],
    ["policy ARN", d.policy?.arn],
    ["principal", d.principal?.arn],
    ["confidence", d.complete ? d.confidence : `${d.confidence}; cut short before every source had answered`],
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
