import type { Concluded } from "../diagnose/conclude.js";
import type { Conclusion } from "../diagnose/evidence.js";
import { printable } from "../printable.js";
import type { Diagnosis, Remedy } from "./diagnosis.js";
import { becauseOf, evidenceSentence } from "./format/evidence-words.js";
import { remedyWords } from "./format/remedy-words.js";
import { summaryOf } from "./format/summary.js";
import { type ProposedRemedy, proposeRemedies, triedRemedies } from "./remedy.js";

/** Gives a conclusion its words and its remedies, which are tried out on the policies at hand. Pure. */
export function explain({ conclusion, policies }: Concluded): Diagnosis {
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
    summary: printable(summaryOf(conclusion)),
    refusal,
    ...rest,
    legs: legs.map((verdict) => ({ ...verdict, because: printable(becauseOf(verdict, conclusion)) })),
    evidence: evidence.map((piece) => ({ ...piece, says: printable(evidenceSentence(piece)) })),
    remedies: [...tried, ...general].map((remedy) => worded(remedy, conclusion)),
  };
}

function worded(remedy: ProposedRemedy, conclusion: Conclusion): Remedy {
  const { policy: mended, resource = conclusion.refusal.resource } = remedy.about ?? {};
  const refusal = { ...conclusion.refusal, ...(resource === undefined ? {} : { resource }) };
  const { title, steps, links } = remedyWords(remedy, mended ? { ...conclusion, policy: mended, refusal } : conclusion);
  const { code, who, breadth, policy, edits, opens, confidence, verified = false } = remedy;
  return {
    code,
    who,
    title: printable(title),
    steps: steps.map(printable),
    breadth,
    ...(policy ? { policy } : {}),
    ...(edits ? { edits } : {}),
    ...(opens && opens.length > 0 ? { opens } : {}),
    links,
    confidence,
    verified,
  };
}
