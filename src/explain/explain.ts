import type { Conclusion } from "../diagnose/evidence.js";
import type { Diagnosis } from "./diagnosis.js";
import { becauseOf, evidenceSentence } from "./format/evidence-words.js";
import { remedyWords } from "./format/remedy-words.js";
import { summaryOf } from "./format/summary.js";
import { proposeRemedies } from "./remedy.js";

/** Gives a conclusion its words and its remedies. Pure. */
export function explain(conclusion: Conclusion): Diagnosis {
  const { kind, refusal, legs, evidence, ...rest } = conclusion;
  return {
    kind,
    summary: summaryOf(conclusion),
    refusal,
    ...rest,
    legs: legs.map((verdict) => ({ ...verdict, because: becauseOf(verdict, conclusion) })),
    evidence: evidence.map((piece) => ({ ...piece, says: evidenceSentence(piece) })),
    remedies: proposeRemedies(conclusion).map((remedy) => {
      const { title, steps, links } = remedyWords(remedy, conclusion);
      const { code, who, breadth, policy, confidence } = remedy;
      return { code, who, title, steps, breadth, ...(policy ? { policy } : {}), links, confidence, verified: false };
    }),
  };
}
