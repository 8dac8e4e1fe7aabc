import type { AuthorizationLeg, PolicyType } from "../../authorization.js";
import { defined } from "../../defined.js";
import { type EvaluationContext, evaluateLeg, type LegEvaluation } from "../evaluation/evaluate.js";
import type { PolicyLayer } from "../evaluation/layers.js";
import { requestOf } from "../evaluation/request.js";
import { legOfAccount } from "../evaluation/resource-account.js";
import { blockersIn, editCandidatesFor, type LegRequest, lifts } from "./candidates.js";
import type { JsonPatch } from "./diff.js";
import type { PolicyEdit, PolicyStatement } from "./edit.js";
import { type Guard, guardsOf, type Opening } from "./guards.js";
import { openingsOf } from "./openings.js";
import type { SizeWarning } from "./quotas.js";
import { type AppliedEdit, type EditCandidate, Trial } from "./trial.js";
import { vocabularyOf } from "./vocabulary.js";

/** An edit, and the document that it changes. */
export interface PlacedEdit {
  policyType: PolicyType;
  policyName: string;
  /** The index of the policy among those of this type and level. Two policies may have the same name. */
  policyIndex: number;
  policyArn?: string;
  level?: string;
  change: PolicyEdit;
  /** The change of the document, as a JSON Patch (RFC 6902). */
  diff: JsonPatch[];
  /** Present if the document, or the caller's inline policies together, may exceed a size quota with this change. */
  size?: SizeWarning;
}

/** A set of edits that were tested together. */
export interface TriedRemedy {
  edits: PlacedEdit[];
  /** True if every leg is allowed when the edited policies are evaluated. */
  verified: boolean;
  /** Requests that were denied before and no longer are, by kind. If empty, nothing of these kinds changed. */
  opens: Opening[];
  /** How many legs are still blocked. */
  blocked: number;
  /** How many legs are neither allowed nor blocked according to the provided policies. */
  unknown: number;
}

/** The maximum number of combinations that are tested. A change of that many policies at once isn't practical. */
const MOST_COMBINATIONS = 200;
const MOST_SHOWN = 6;

/** The results of a search. */
interface SearchedRemedies {
  /** The remedies that were found, best first. */
  remedies: TriedRemedy[];
  /** How many combinations of edits were tested, and how many weren't. */
  tested: number;
  untested: number;
}

/** A search for remedies that runs in steps. Each step takes a few milliseconds at most. */
export interface EditSearch {
  steps: Iterable<void>;
  /** Returns the results so far. If some steps weren't run, the remaining combinations are counted as untested. */
  found(): SearchedRemedies;
}

/**
 * Searches for edits after which the call is allowed. All blockers are fixed together, because two policies may block
 * the same leg. For each combination of edits, all legs and guard requests are evaluated again. Verified remedies come
 * first, followed by those that allow the least in addition.
 *
 * @param statements returns statements that allow exactly these legs, for layers in which nothing allows them
 */
export function searchRemedies(
  layers: readonly PolicyLayer[],
  legs: readonly AuthorizationLeg[],
  known: EvaluationContext,
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
): EditSearch {
  const progress: Progress = { tried: new Map(), before: 0, tested: 0, possible: 0 };
  return { steps: search(layers, legs, known, statements, progress), found: () => foundBy(progress) };
}

/** A remedy with its position in the order of testing. */
interface Ranked extends TriedRemedy {
  rank: number;
}

interface Progress {
  /** The remedies by their edits. Two combinations can result in the same edits. */
  tried: Map<string, Ranked>;
  /** How many legs are blocked without an edit. */
  before: number;
  tested: number;
  possible: number;
}

function foundBy({ tried, before, tested, possible }: Progress): SearchedRemedies {
  const useful = [...tried.values()].filter(({ blocked }) => blocked < before);
  const untested = Math.min(possible - tested, Number.MAX_SAFE_INTEGER);
  const best = useful.sort(byMerit).slice(0, MOST_SHOWN);
  return { remedies: best.map(({ rank, ...tried }) => tried), tested, untested };
}

function* search(
  layers: readonly PolicyLayer[],
  provided: readonly AuthorizationLeg[],
  known: EvaluationContext,
  statements: (legs: readonly AuthorizationLeg[]) => PolicyStatement[],
  progress: Progress,
): Generator<void> {
  const { caller, context, unknownContext } = known;
  const legs = provided.map((leg) => legOfAccount(leg, caller.principal.accountId));
  const trial = new Trial(caller.principal.type === "user");
  const legRequests = legs.map((leg) => ({ leg, request: requestOf(leg, caller, context, unknownContext) }));
  for (const { request } of legRequests) {
    if (trial.verdict(layers, request) === "blocked") progress.before += 1;
    yield;
  }
  const blockers = blockersIn(layers, legRequests, trial);
  if (blockers.length === 0) return;
  const choices: EditCandidate[][] = [];
  for (const blocker of blockers) {
    const fitting: EditCandidate[] = [];
    for (const candidate of editCandidatesFor(blocker, { legs: legRequests, known, statements }, trial)) {
      if (lifts(candidate, blocker, trial)) fitting.push(candidate);
      yield;
    }
    choices.push(fitting);
  }
  progress.possible = choices.reduce((product, { length }) => product * length, 1);
  const guards = guardsOf(legs, known, vocabularyOf(layers));
  yield;
  for (const combination of combinations(choices)) {
    if (progress.tested >= MOST_COMBINATIONS) return;
    const edited = trial.edited(layers, combination);
    yield;
    const tried = edited && (yield* tryOut(edited, { layers, legRequests, known, trial, guards }, progress.before));
    if (tried) progress.tried.set(JSON.stringify(tried.edits), { ...tried, rank: progress.tested });
    progress.tested += 1;
  }
}

/** Openings that matter more than the order that AWS recommends: whole services, actions, Regions, and geographies. */
const WEIGHT: Partial<Record<Opening, number>> = {
  "other-service": 100,
  "other-bedrock-action": 30,
  "direct-call": 10,
  "global-routing": 10,
  "other-geography": 10,
  "other-source-region": 1,
};
const weightOf = ({ opens }: TriedRemedy) => opens.reduce((sum, what) => sum + (WEIGHT[what] ?? 0), 0);

const byMerit = (a: Ranked, b: Ranked) =>
  Number(b.verified) - Number(a.verified) ||
  a.blocked - b.blocked ||
  weightOf(a) - weightOf(b) ||
  a.edits.length - b.edits.length ||
  a.rank - b.rank;

/**
 * Returns every combination with one candidate for each blocker. If a blocker has no candidates, there is nothing to
 * test. Combinations that make the same change everywhere come first, because the change that fixes one of several
 * similar policies usually fixes all of them.
 */
function* combinations(choices: readonly EditCandidate[][]): Generator<EditCandidate[]> {
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
    // The last blocker's candidates change fastest, like the last digit of a number.
    let digit = at.length - 1;
    while (digit >= 0 && (at[digit] ?? 0) + 1 >= (choices[digit]?.length ?? 0)) at[digit--] = 0;
    if (digit < 0) return;
    at[digit] = (at[digit] ?? 0) + 1;
  }
}

interface TrialRun {
  layers: readonly PolicyLayer[];
  legRequests: readonly LegRequest[];
  known: EvaluationContext;
  trial: Trial;
  guards: readonly Guard[];
}

/** Returns undefined if the edits don't help. What they would open isn't checked then. */
function* tryOut(
  { layers: changed, edits }: { layers: PolicyLayer[]; edits: AppliedEdit[] },
  { layers, legRequests, known, trial, guards }: TrialRun,
  before: number,
): Generator<void, TriedRemedy | undefined> {
  const after: LegEvaluation["verdict"][] = [];
  for (const { request } of legRequests) {
    after.push(trial.verdict(changed, request));
    yield;
  }
  const blocked = after.filter((verdict) => verdict === "blocked").length;
  const unknown = after.filter((verdict) => verdict === "unknown").length;
  if (edits.length === 0 || blocked >= before) return undefined;
  let verified = blocked === 0 && unknown === 0;
  for (const { leg } of verified ? legRequests : []) {
    // The role's path may also affect the verdict.
    const { verdict, assumedPrincipalArn } = evaluateLeg(changed, leg, known);
    if (verdict !== "allowed" || assumedPrincipalArn !== undefined) verified = false;
    yield;
  }
  const opens = yield* openingsOf(layers, changed, guards, trial);
  return { edits: edits.map(placed), verified, opens, blocked, unknown };
}

function placed({ layer, policy, change, diff, size }: AppliedEdit): PlacedEdit {
  return defined({
    policyType: layer.type,
    policyName: policy.name,
    policyIndex: layer.policies.indexOf(policy),
    policyArn: policy.arn,
    level: layer.level,
    change,
    diff,
    size,
  });
}
