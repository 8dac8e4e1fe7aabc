import type { PolicyType } from "../refusal/kinds.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import { blockersIn, candidatesFor, lifts } from "./candidates.js";
import { DeniedGuards, regionsNamedIn } from "./denied-guards.js";
import type { JsonPatch, PolicyEdit, PolicyStatement } from "./edit.js";
import { type EvaluationContext, evaluateLeg, type LegEvaluation } from "./evaluate.js";
import { type Guard, guardsOf } from "./guards.js";
import type { Layer } from "./layers.js";
import { type Candidate, Trial } from "./trial.js";

/** An edit, and the document that it changes. */
export interface PlacedEdit {
  policyType: PolicyType;
  policyName: string;
  policyArn?: string;
  level?: string;
  change: PolicyEdit;
  /** The change of the document, as a JSON Patch (RFC 6902). */
  diff: JsonPatch[];
}

/** Edits that were tried together. */
export interface TriedRemedy {
  edits: PlacedEdit[];
  /** True where every leg is allowed afterwards, and every guard request that was denied still is. */
  verified: boolean;
  /** What was denied before and is not any more. */
  opens: Guard["what"][];
  /** How many legs are still blocked. */
  blocked: number;
  /** How many legs are neither allowed nor blocked, as far as the policies at hand show. */
  unknown: number;
}

/** More combinations aren't tested: nobody changes that many policies at once. */
const MOST_COMBINATIONS = 200;
const MOST_SHOWN = 6;

/** What a search has found. */
export interface SearchedRemedies {
  /** Best first. */
  remedies: TriedRemedy[];
  /** How many combinations of edits were tested, and how many there are besides. */
  tested: number;
  untested: number;
}

/** A search for remedies, to be taken in steps: each takes a few milliseconds at most. */
export interface RemedySearch {
  steps: Iterable<void>;
  /** What has been found by now. Where not all steps were taken, what is left is counted as untested. */
  found(): SearchedRemedies;
}

/**
 * Looks for edits after which the call is allowed. Whatever blocks is fixed at once, since two policies may block the same
 * leg. Each combination is applied, and all legs and guard requests are evaluated again. Best first: verified, then those
 * that open least.
 *
 * @param statements what would allow exactly these legs, for layers in which nothing allows them
 */
export function searchRemedies(
  layers: readonly Layer[],
  legs: readonly AuthorizationLeg[],
  known: EvaluationContext,
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
): RemedySearch {
  const progress: Progress = { tried: new Map(), before: 0, tested: 0, possible: 0 };
  return { steps: search(layers, legs, known, statements, progress), found: () => foundBy(progress) };
}

interface Progress {
  /** By their edits: two combinations may come to the same. */
  tried: Map<string, TriedRemedy>;
  /** How many legs are blocked without an edit. */
  before: number;
  tested: number;
  possible: number;
}

function foundBy({ tried, before, tested, possible }: Progress): SearchedRemedies {
  const useful = [...tried.values()].filter(({ blocked }) => blocked < before);
  const untested = Math.min(possible - tested, Number.MAX_SAFE_INTEGER);
  return { remedies: useful.sort(byMerit).slice(0, MOST_SHOWN), tested, untested };
}

function* search(
  layers: readonly Layer[],
  legs: readonly AuthorizationLeg[],
  known: EvaluationContext,
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
  progress: Progress,
): Generator<void> {
  const evaluations: LegEvaluation[] = [];
  for (const leg of legs) {
    evaluations.push(evaluateLeg(layers, leg, known));
    yield;
  }
  progress.before = evaluations.filter(({ verdict }) => verdict === "blocked").length;
  const blockers = blockersIn(evaluations);
  if (blockers.length === 0) return;
  const trial = new Trial(known);
  const choices: Candidate[][] = [];
  for (const blocker of blockers) {
    const fitting: Candidate[] = [];
    for (const candidate of candidatesFor(blocker, layers, legs, statements)) {
      if (lifts(candidate, blocker, trial)) fitting.push(candidate);
      yield;
    }
    choices.push(fitting);
  }
  progress.possible = choices.reduce((product, { length }) => product * length, 1);
  const guards = new DeniedGuards(guardsOf(legs, regionsNamedIn(layers)), layers, trial);
  for (const combination of combinations(choices)) {
    if (progress.tested >= MOST_COMBINATIONS) return;
    const { layers: changed, edits } = trial.edited(layers, combination);
    yield;
    const tried = yield* tryOut(changed, edits.map(placed), legs, progress.before, trial, guards, known);
    progress.tested += 1;
    if (tried) progress.tried.set(JSON.stringify(tried.edits), tried);
  }
}

const byMerit = (a: TriedRemedy, b: TriedRemedy) =>
  Number(b.verified) - Number(a.verified) ||
  a.blocked - b.blocked ||
  a.opens.length - b.opens.length ||
  a.edits.length - b.edits.length;

/**
 * One candidate for each blocker, in every way; a blocker without candidates leaves nothing to try. First those that do
 * the same everywhere: where many policies block alike, what fixes one of them fixes all.
 */
function* combinations(choices: readonly Candidate[][]): Generator<Candidate[]> {
  if (choices.some(({ length }) => length === 0)) return;
  const most = Math.max(...choices.map(({ length }) => length));
  const seen = new Set<string>();
  const pick = (at: readonly number[]) => choices.flatMap((candidates, index) => candidates[at[index] ?? 0] ?? []);
  for (let rank = 0; rank < most; rank++) {
    const at = choices.map(({ length }) => Math.min(rank, length - 1));
    seen.add(at.join(" "));
    yield pick(at);
  }
  const at = choices.map(() => 0);
  for (;;) {
    if (!seen.has(at.join(" "))) yield pick(at);
    // The last blocker's candidates change fastest, as the digits of a number do.
    let digit = at.length - 1;
    while (digit >= 0 && (at[digit] ?? 0) + 1 >= (choices[digit]?.length ?? 0)) at[digit--] = 0;
    if (digit < 0) return;
    at[digit] = (at[digit] ?? 0) + 1;
  }
}

/** Undefined where the edits don't help: then nobody has to know what they open. */
function* tryOut(
  changed: readonly Layer[],
  edits: PlacedEdit[],
  legs: readonly AuthorizationLeg[],
  before: number,
  trial: Trial,
  guards: DeniedGuards,
  known: EvaluationContext,
): Generator<void, TriedRemedy | undefined> {
  const after: LegEvaluation["verdict"][] = [];
  for (const leg of legs) {
    after.push(trial.verdict(changed, leg));
    yield;
  }
  const blocked = after.filter((verdict) => verdict === "blocked").length;
  const unknown = after.filter((verdict) => verdict === "unknown").length;
  if (edits.length === 0 || blocked >= before) return undefined;
  let isCertain = blocked === 0 && unknown === 0;
  for (const leg of isCertain ? legs : []) {
    // The role's path may matter, too.
    const { verdict, assumedPrincipalArn } = evaluateLeg(changed, leg, known);
    if (verdict !== "allowed" || assumedPrincipalArn !== undefined) isCertain = false;
    yield;
  }
  const opens = new Set<Guard["what"]>();
  for (const type of new Set(edits.map(({ policyType }) => policyType))) {
    const own = changed.filter((layer) => layer.type === type);
    for (const { what, leg } of yield* guards.by(type)) {
      if (!opens.has(what) && trial.verdict(own, leg) !== "blocked") opens.add(what);
      yield;
    }
  }
  return { edits, verified: isCertain && opens.size === 0, opens: [...opens], blocked, unknown };
}

function placed([{ layer, policy, change }, diff]: [Candidate, JsonPatch[]]): PlacedEdit {
  return {
    policyType: layer.type,
    policyName: policy.name,
    ...(policy.arn === undefined ? {} : { policyArn: policy.arn }),
    ...(layer.level === undefined ? {} : { level: layer.level }),
    change,
    diff,
  };
}
