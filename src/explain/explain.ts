import type { Conclusion } from "../diagnose/evidence.js";
import type { CompiledKnowledge } from "../policy/knowledge.js";
import type { Diagnosis, Remedy } from "./diagnosis.js";
import { becauseOf, evidenceSentence } from "./format/evidence-words.js";
import { remedyWords } from "./format/remedy-words.js";
import { summaryOf } from "./format/summary.js";
import { type ProposedRemedy, proposeRemedies, triedRemedies } from "./remedy.js";

/**
 * Gives a conclusion its words and its remedies. Pure.
 *
 * @param policies the policy documents at hand: remedies are tried out on them
 */
export function explain(conclusion: Conclusion, policies?: CompiledKnowledge): Diagnosis {
  const { kind, refusal, legs, evidence, ...rest } = conclusion;
  const tried = policies ? triedRemedies(conclusion, policies) : [];
  // What was tried out stands for its own general form; once something is verified, guesses about policies are no help.
  const isVerified = tried.some(({ verified }) => verified);
  const general = proposeRemedies(conclusion).filter(
    ({ code, who }) =>
      !tried.some((remedy) => remedy.code === code) && (!isVerified || who === "application-developer"),
  );
  return {
    kind,
    summary: summaryOf(conclusion),
    refusal,
    ...rest,
    legs: legs.map((verdict) => ({ ...verdict, because: becauseOf(verdict, conclusion) })),
    evidence: evidence.map((piece) => ({ ...piece, says: evidenceSentence(piece) })),
    remedies: [...tried, ...general].map((remedy) => worded(remedy, conclusion)),
  };
}

function worded(remedy: ProposedRemedy, conclusion: Conclusion): Remedy {
  const { title, steps, links } = remedyWords(remedy, conclusion);
  const { code, who, breadth, policy, edits, opens, confidence, verified = false } = remedy;
  return {
    code,
    who,
    title,
    steps,
    breadth,
    ...(policy ? { policy } : {}),
    ...(edits ? { edits } : {}),
    ...(opens && opens.length > 0 ? { opens } : {}),
    links,
    confidence,
    verified,
  };
}
