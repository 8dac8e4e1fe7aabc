import { defined } from "../defined.js";
import type { Concluded } from "../diagnose/conclude.js";
import type { Conclusion, Diagnosis, Remedy } from "../diagnosis.js";
import type { Pace } from "../policy/remedies/pace.js";
import { printable } from "../printable.js";
import { becauseOf, evidenceSentence } from "./format/evidence-words.js";
import { remedyWords } from "./format/remedy-words.js";
import { summaryOf } from "./format/summary.js";
import type { ProposedRemedy } from "./proposal.js";
import { proposeRemedies, withoutManagedBoundary } from "./remedy.js";
import { type TriedRemedies, triedRemedies } from "./tried-remedies.js";

/**
 * Adds sentences and remedies to a conclusion. The remedies are tested on the provided policies. Pure, except that the
 * search for remedies yields to the event loop and ends at the pace's limit.
 */
export async function explain({ conclusion, policies }: Concluded, pace: Pace): Promise<Diagnosis> {
  const { kind, refusal, legs, evidence, ...rest } = conclusion;
  const { tried, search } = policies ? await triedRemedies(conclusion, policies, pace) : NOTHING_TRIED;
  // A tested remedy replaces its own general form. If a remedy is verified, guesses about policies don't help.
  const isVerified = tried.some(({ verified }) => verified);
  const proposals = withoutManagedBoundary(proposeRemedies(conclusion), policies?.layers ?? []);
  const general = proposals.filter(
    ({ code, who }) =>
      !tried.some((remedy) => remedy.code === code) && (!isVerified || who === "application-developer"),
  );
  return {
    kind,
    summary: summaryOf(conclusion),
    refusal,
    ...rest,
    legs: legs.map((verdict) => ({ ...verdict, because: printable(becauseOf(verdict, conclusion)) })),
    evidence: evidence.map((piece) => ({ ...piece, says: printable(evidenceSentence(piece)) })),
    remedies: [...tried, ...general].map((remedy) => worded(remedy, conclusion)),
    ...defined({ search }),
  };
}

const NOTHING_TRIED: TriedRemedies = { tried: [] };

function worded(remedy: ProposedRemedy, conclusion: Conclusion): Remedy {
  const { policy: changed, resource = conclusion.refusal.resource, action = conclusion.action } = remedy.about ?? {};
  const refusal = { ...conclusion.refusal, ...defined({ resource }) };
  const about = { ...conclusion, ...defined({ policy: changed, action }), refusal };
  const { title, steps, links } = remedyWords(remedy, changed ? about : conclusion);
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
