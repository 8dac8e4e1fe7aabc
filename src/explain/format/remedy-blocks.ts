import { defined } from "../../defined.js";
import { decidersOf } from "../deciding-policies.js";
import type { Diagnosis, Remedy, RemedyActor } from "../diagnosis.js";
import type { Preflight } from "../preflight.js";
import { BREADTH } from "../proposal.js";
import type { Block } from "./blocks.js";
import { ACTOR, capital, list } from "./words.js";

/** Returns who can fix the call, then the smallest change, then the other remedies. */
export function remedyBlocks(diagnosis: Diagnosis | Preflight, isVerbose: boolean): Block[] {
  const [first, ...others] = diagnosis.remedies;
  if (first === undefined) return [];
  return [
    { type: "heading", text: "Who can fix it" },
    ...whoCan(diagnosis.remedies),
    ...remedyBlock(first, labelOf(first, diagnosis)),
    ...(others.length === 0
      ? []
      : isVerbose
        ? others.flatMap((remedy, at) => remedyBlock(remedy, `Remedy ${at + 2}`))
        : inShort(others)),
  ];
}

/** Returns each actor with the numbers of the remedies that this actor can carry out. */
function whoCan(remedies: readonly Remedy[]): Block[] {
  const numbers = new Map<RemedyActor, string[]>();
  for (const [at, { who }] of remedies.entries()) numbers.set(who, [...(numbers.get(who) ?? []), `${at + 1}`]);
  return [...numbers].map(([who, of]) => {
    const which = numbers.size > 1 ? ` (${of.length > 1 ? "remedies" : "remedy"} ${list(of)})` : "";
    return { type: "paragraph", text: `An ${ACTOR[who]}${which}.` };
  });
}

/** The first remedy is the smallest change only if it is enough, about a policy, and no wider than the others. */
function labelOf(first: Remedy, { legs, policy, remedies }: Diagnosis | Preflight): string {
  if (first.edits === undefined && decidersOf({ legs, ...defined({ policy }) }).length > 1) return "Remedy 1";
  if (first.edits === undefined && first.policy === undefined) return "What to do";
  if (first.confidence === "possible") return "Possible change";
  const breadth = (remedy: Remedy) => BREADTH.indexOf(remedy.breadth);
  const isSmallest = remedies.every((other) => breadth(other) >= breadth(first));
  return isSmallest ? "Smallest change" : "Recommended change";
}

function remedyBlock(remedy: Remedy, label: string): Block[] {
  const { title, who, confidence, steps, edits, links } = remedy;
  const sure = edits === undefined ? `Confidence: ${confidence}. Not verified.` : `Confidence: ${confidence}.`;
  return [
    { type: "heading", text: `${label}: ${title}` },
    ...(label.startsWith("Remedy")
      ? [{ type: "paragraph", text: `${capital(`an ${ACTOR[who]}`)} can do this.` } as const]
      : []),
    { type: "steps", items: steps },
    ...changeOf(remedy),
    { type: "paragraph", text: sure },
    { type: "links", urls: links },
  ];
}

/** Returns the change of the documents. Without them, returns what to add. */
function changeOf({ diff, policy }: Remedy): Block[] {
  if (diff !== undefined) return [{ type: "code", language: "diff", text: diff }];
  const json = policy?.change === "add-condition" ? { Condition: policy.condition } : policy?.statements;
  return json === undefined ? [] : [{ type: "code", language: "json", text: JSON.stringify(json, null, 2) }];
}

const inShort = (remedies: readonly Remedy[]): Block[] => [
  { type: "heading", text: "Other remedies" },
  {
    type: "table",
    of: "facts",
    header: ["remedy", "what"],
    rows: remedies.map(({ title, who }, at) => [`${at + 2}.`, `${title} (${ACTOR[who]})`]),
  },
];
