import { defined } from "../defined.js";
import type { Concluded, ConcludedDenial } from "../diagnose/conclude.js";
import type { Conclusion, Diagnosis, Explained, Remedy } from "../diagnosis.js";
import type { CompiledPolicies } from "../policy/evaluation/policy-set.js";
import { type Pace, takeSteps } from "../policy/remedies/pace.js";
import { printable } from "../printable.js";
import { decidersOf } from "./deciding-policies.js";
import { becauseOf, evidenceSentence } from "./format/evidence-text.js";
import { remedyText } from "./format/remedy-text.js";
import { diagnosisSummary } from "./format/summary.js";
import type { ProposedRemedy } from "./proposal.js";
import { proposeRemedies, withoutManagedBoundary } from "./remedy.js";
import { remedySearch, type TriedRemedies } from "./tried-remedies.js";

/** A conclusion to explain. Its parts are found in steps, because a search for remedies may take long. */
interface Explaining<E extends Explained> {
  /** Absent if there is nothing to search for. */
  steps?: Iterable<void>;
  /** @param isFinished false if not all steps were run */
  explained(isFinished: boolean): E;
}

/**
 * Adds sentences and remedies to a conclusion. The remedies are tested on the provided policies. Pure, except that the
 * search for remedies yields to the event loop and ends at the pace's limit.
 */
export async function explain(concluded: ConcludedDenial, pace: Pace): Promise<Diagnosis>;
export async function explain(concluded: Concluded, pace: Pace): Promise<Explained>;
export async function explain(concluded: Concluded, pace: Pace): Promise<Explained> {
  const { steps, explained } = explaining(concluded);
  return explained(steps === undefined || (await takeSteps(steps, pace)));
}

/**
 * The same without yielding to the event loop.
 *
 * @param isOver ends the search for remedies. It is called before each step
 */
export function explainAtOnce(concluded: ConcludedDenial, isOver: () => boolean): Diagnosis {
  const { steps = [], explained } = explaining(concluded);
  for (const _ of steps) if (isOver()) return explained(false) as Diagnosis;
  return explained(true) as Diagnosis;
}

function explaining({ conclusion, policies }: Concluded): Explaining<Explained> {
  const search = policies && remedySearch(conclusion, policies);
  return {
    ...(search ? { steps: search.steps } : {}),
    explained: (isFinished) => explainedBy(conclusion, policies, search?.found(isFinished) ?? NOTHING_TRIED),
  };
}

function explainedBy(
  conclusion: Conclusion,
  policies: CompiledPolicies | undefined,
  { tried, search }: TriedRemedies,
): Explained {
  const { kind, refusal, legs, evidence, ...rest } = conclusion;
  // A tested remedy replaces its own general form. If a remedy is verified, guesses about policies don't help.
  const isVerified = tried.some(({ verified }) => verified);
  const proposals = withoutManagedBoundary(proposeRemedies(conclusion), policies?.layers ?? []);
  const general = proposals.filter(
    ({ code, who }) =>
      !tried.some((remedy) => remedy.code === code) && (!isVerified || who === "application-developer"),
  );
  return {
    kind,
    summary: [diagnosisSummary(conclusion), ...ifRouted(conclusion)].join("\n"),
    ...defined({ refusal }),
    ...rest,
    legs: legs.map((verdict) => ({ ...verdict, because: printable(becauseOf(verdict, conclusion)) })),
    evidence: evidence.map((piece) => ({ ...piece, says: printable(evidenceSentence(piece)) })),
    remedies: [...tried, ...general].map((remedy) => worded(remedy, conclusion)),
    ...defined({ search }),
  };
}

/** If nothing shows the client's Region, the summary states what follows from it. */
function ifRouted({ evidence }: Conclusion): string[] {
  const open = evidence.find(({ finding }) => finding.code === "routing-not-shown");
  return open ? [printable(evidenceSentence(open))] : [];
}

const NOTHING_TRIED: TriedRemedies = { tried: [] };

function worded(remedy: ProposedRemedy, conclusion: Conclusion): Remedy {
  const { policy: changed, resource, action = conclusion.action } = remedy.about ?? {};
  const { kind } = conclusion;
  // A remedy may be about another resource than the one that AWS denied.
  const denial = resource === undefined ? conclusion.refusal : { raw: "", kind, ...conclusion.refusal, resource };
  const about = { ...conclusion, ...defined({ policy: changed, action, refusal: denial }) };
  const { title, steps, links } = remedyText(remedy, changed ? about : conclusion, decidersOf(conclusion));
  const { code, who, breadth, policy, edits, diff, opens = [], confidence, verified = false } = remedy;
  return {
    code,
    who,
    title: printable(title),
    steps: steps.map(printable),
    breadth,
    ...defined({ policy, edits, diff, opens: opens.length > 0 ? opens : undefined }),
    links,
    confidence,
    verified,
  };
}
