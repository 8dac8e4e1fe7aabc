import type { AuthorizationLeg } from "../authorization.js";
import type { BareVerdict, EvidenceSource, LikelyVerdict } from "../diagnosis.js";
import type { LegEvaluation } from "../policy/evaluation/evaluate.js";
import type { LegEvidence, LegReport } from "./sources/source.js";
import { SOURCES } from "./sources.js";

/** What one source reports on one leg, or what several report together. */
type Reported = LegReport & { sources: readonly EvidenceSource[] };

/**
 * Returns the verdict of the source with the highest precedence that is conclusive. Sources that report another verdict
 * are listed. A verdict that isn't conclusive doesn't decide, and is reported as likely.
 */
export function verdictOn(leg: AuthorizationLeg, known: LegEvidence): BareVerdict {
  const reports = SOURCES.flatMap((source): Reported[] => {
    const report = source.verdictOn?.(leg, known);
    return report ? [{ ...report, sources: report.sources ?? [source.name] }] : [];
  });
  const evaluation = reports.find((report) => report.evaluation)?.evaluation;
  const simulated = reports.find((report) => report.simulated)?.simulated;
  const shown = simulated ? { simulated } : {};
  const determined = reports.filter(({ verdict }) => verdict !== "unknown");
  const decisive = determined.find(({ isConclusive }) => isConclusive);
  const verdict = decisive ? decidedBy(decisive, leg, evaluation) : openVerdict(leg, reports, evaluation);
  const evidence = decisive
    ? determined.filter((report) => report.isConclusive && report.verdict === decisive.verdict)
    : reports.filter(({ isConclusive }) => isConclusive);
  // If a source may be wrong here, it contradicts no other source.
  const against = decisive
    ? determined.filter((report) => report.isConclusive && report.verdict !== decisive.verdict).flatMap(sourcesOf)
    : [];
  return {
    ...verdict,
    ...(against.length > 0 ? { contradictedBy: against } : {}),
    ...shown,
    evidence: evidence.flatMap(sourcesOf),
  };
}

const sourcesOf = ({ sources }: Reported) => sources;

const isGuess = (evaluation: LegEvaluation | undefined) => evaluation?.assumedPrincipalArn !== undefined;

/** Returns the deciding verdict, with the statement if the policies show it. */
function decidedBy(
  { verdict, decidedBy: decision }: Reported,
  leg: AuthorizationLeg,
  evaluation: LegEvaluation | undefined,
): Omit<BareVerdict, "evidence"> {
  if (evaluation?.verdict === verdict && !isGuess(evaluation)) return evaluation;
  return { leg, verdict, ...(decision ? { decidedBy: decision } : {}) };
}

/** Returns that the verdict is unknown, why, and what is likely. */
function openVerdict(
  leg: AuthorizationLeg,
  reports: readonly Reported[],
  evaluation: LegEvaluation | undefined,
): Omit<BareVerdict, "evidence"> {
  const guess = reports.find(({ verdict }) => verdict !== "unknown");
  const likely = likelyBy(guess, evaluation);
  const isOpen = evaluation?.verdict === "unknown" && !isGuess(evaluation);
  return { ...(isOpen ? evaluation : { leg, verdict: "unknown" as const }), ...(likely ? { likely } : {}) };
}

function likelyBy(guess: Reported | undefined, evaluation: LegEvaluation | undefined): LikelyVerdict | undefined {
  const [source] = guess?.sources ?? [];
  if (guess === undefined || source === undefined || guess.verdict === "unknown") return undefined;
  const { assumedPrincipalArn, decidedBy: decision } = evaluation ?? {};
  const isOfPolicies = source === "policies" || source === "organization";
  return {
    verdict: guess.verdict,
    source,
    ...(isOfPolicies && decision ? { decidedBy: decision } : {}),
    ...(isOfPolicies && assumedPrincipalArn ? { assumedPrincipalArn } : {}),
  };
}
