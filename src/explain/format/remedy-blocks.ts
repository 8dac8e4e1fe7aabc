import { defined } from "../../defined.js";
import type { Diagnosis, Remedy, RemedyActor } from "../../diagnosis.js";
import { decidersOf } from "../deciding-policies.js";
import { OWNER } from "../owner.js";
import type { Preflight } from "../preflight.js";
import { BREADTH } from "../proposal.js";
import type { Block } from "./blocks.js";
import { ACTOR, capital, list } from "./phrases.js";
import { withoutArns } from "./short-arn.js";

/** Returns who can fix the call, then the smallest change, then the other remedies. */
export function remedyBlocks(diagnosis: Diagnosis | Preflight, isVerbose: boolean): Block[] {
  const [first, ...others] = diagnosis.remedies;
  if (first === undefined) return [];
  return [
    { type: "heading", text: "Who can fix it" },
    ...whoCan(diagnosis.remedies),
    ...remedyBlock(first, labelOf(first, diagnosis), isVerbose),
    ...(others.length === 0
      ? []
      : isVerbose
        ? others.flatMap((remedy, at) => remedyBlock(remedy, `Remedy ${at + 2}`, isVerbose))
        : inShort(others)),
  ];
}

/** Returns who can carry out which remedies. */
function whoCan(remedies: readonly Remedy[]): Block[] {
  const numbers = new Map<string, string[]>();
  for (const [at, remedy] of remedies.entries()) {
    const who = list(actorsOf(remedy).map((actor) => `an ${ACTOR[actor]}`));
    numbers.set(who, [...(numbers.get(who) ?? []), `${at + 1}`]);
  }
  return [...numbers].map(([who, of]) => {
    const which = numbers.size > 1 ? ` (${of.length > 1 ? "remedies" : "remedy"} ${list(of)})` : "";
    return { type: "paragraph", text: `${capital(who)}${which}.` };
  });
}

/** Policies of several types can have several owners. */
function actorsOf({ who, edits = [] }: Remedy): RemedyActor[] {
  const owners = edits.flatMap(({ policyType }) => (Object.hasOwn(OWNER, policyType) ? OWNER[policyType] : []));
  return [...new Set([who, ...owners])];
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

function remedyBlock(remedy: Remedy, label: string, isVerbose: boolean): Block[] {
  const { title, confidence, steps, edits, diff, links } = remedy;
  const sure = edits === undefined ? `Confidence: ${confidence}. Not verified.` : `Confidence: ${confidence}.`;
  // The diff contains the ARNs.
  const isShort = !isVerbose && diff !== undefined;
  const who = list(actorsOf(remedy).map((actor) => `an ${ACTOR[actor]}`));
  return [
    { type: "heading", text: `${label}: ${isShort ? withoutArns(title) : title}` },
    ...(label.startsWith("Remedy") ? [{ type: "paragraph", text: `Ask ${who}.` } as const] : []),
    { type: "steps", items: isShort ? steps.map(withoutArns) : steps },
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
    rows: remedies.map((remedy, at) => {
      return [`${at + 2}.`, `${withoutArns(remedy.title)} (${list(actorsOf(remedy).map((who) => ACTOR[who]))})`];
    }),
  },
];
