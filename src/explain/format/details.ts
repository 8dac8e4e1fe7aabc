import type { DecidingPolicy, Diagnosis } from "../../diagnosis.js";
import type { Preflight } from "../preflight.js";
import type { Block, Cell } from "./blocks.js";
import { leftOutParts } from "./call-text.js";
import { VERDICT } from "./leg-table.js";
import { list, thePolicy } from "./phrases.js";

/** Returns what a verbose report adds: fields, ARNs, JSON Patch documents, and AWS's message. */
export function details(diagnosis: Diagnosis | Preflight): Block[] {
  const { legs, remedies } = diagnosis;
  const { refusal } = "refusal" in diagnosis ? diagnosis : {};
  return [
    { type: "heading", text: "Details" },
    { type: "table", of: "facts", header: ["what", "value"], rows: facts(diagnosis) },
    ...(legs.length > 0
      ? [
          {
            type: "table",
            of: "list",
            header: ["leg", "Region", "resource"],
            rows: legs.map(({ leg }) => [leg.stage, leg.region, leg.resource]),
          } satisfies Block,
        ]
      : []),
    ...remedies.flatMap(({ edits = [] }, at) => edits.flatMap(({ diff }) => jsonPatch(diff, at + 1))),
    ...(refusal
      ? ([
          { type: "heading", text: "Original error message" },
          { type: "quote", text: refusal.raw || "(no message)" },
        ] satisfies Block[])
      : []),
  ];
}

const jsonPatch = (patch: unknown, remedy: number): Block[] => [
  { type: "paragraph", text: `JSON Patch of remedy ${remedy}:` },
  { type: "code", language: "json", text: JSON.stringify(patch, null, 2) },
];

function facts(d: Diagnosis | Preflight): Cell[][] {
  const rows: [string, Cell | undefined][] = [
    ["verdict", "verdict" in d ? { mark: d.verdict, text: VERDICT[d.verdict] } : undefined],
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
    ["request ID", "refusal" in d ? d.refusal.requestId : undefined],
    ["confidence", "confidence" in d ? d.confidence : undefined],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** Returns what qualifies the verdict. */
export function qualifications({ leftOut, complete }: Diagnosis | Preflight): Block[] {
  const rows = [
    ...(leftOut?.length ? [["not checked", list(leftOutParts(leftOut))]] : []),
    ...(complete ? [] : [["incomplete", "The diagnosis ended before every source had returned a result."]]),
  ];
  return rows.length > 0 ? [{ type: "table", of: "facts", header: ["what", "value"], rows }] : [];
}

/** `$.Statement[0] (Sid GRREGIONDENY), attached to level Root` */
function statementOf({ statement, level }: DecidingPolicy): string | undefined {
  if (statement === undefined) return undefined;
  const sid = statement.sid === undefined ? "" : ` (Sid ${statement.sid})`;
  return `${statement.path}${sid}${level === undefined ? "" : `, attached to level ${level}`}`;
}
