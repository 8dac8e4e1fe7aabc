import type { AuthorizationLeg } from "../authorization.js";
import type { BareVerdict, EvidenceSource, LikelyVerdict } from "../diagnosis.js";
import type { Decision, LegEvaluation } from "../policy/evaluation/evaluate.js";
import type { SimulatedDecision } from "./simulation.js";

/** What one source reports about one leg. */
export interface Testimony {
  /** More than one source if their policies are evaluated together. */
  sources: EvidenceSource[];
  verdict: LegEvaluation["verdict"];
  /** False for a guess. It doesn't decide, and is reported as a guess. */
  isSure: boolean;
  /** The type of policy that decides, if the source reports no more than that. */
  decidedBy?: Decision | undefined;
}

/** Everything that is known about one leg. */
export interface LegTestimony {
  leg: AuthorizationLeg;
  /** The source with the highest precedence first. */
  testimonies: Testimony[];
  evaluation?: LegEvaluation | undefined;
  simulated?: SimulatedDecision | undefined;
}

/**
 * Returns the verdict of the source with the highest precedence that is sure. Sources that report another verdict are
 * listed, and a guess stays a guess.
 */
export function verdictOf({ leg, testimonies, evaluation, simulated }: LegTestimony): BareVerdict {
  const told = testimonies.filter(({ verdict }) => verdict !== "unknown");
  const decisive = told.find(({ isSure }) => isSure);
  const isGuess = evaluation?.assumedPrincipalArn !== undefined;
  const shown = simulated ? { simulated } : {};
  if (decisive === undefined) {
    const asked = testimonies.filter(({ isSure }) => isSure).flatMap(({ sources }) => sources);
    const likely = likelyBy(told[0], evaluation);
    const open = evaluation?.verdict === "unknown" && !isGuess ? evaluation : undefined;
    return { ...(open ?? { leg, verdict: "unknown" }), ...(likely ? { likely } : {}), ...shown, evidence: asked };
  }
  const agreeing = told.filter(({ verdict, isSure }) => isSure && verdict === decisive.verdict);
  // If a source may be wrong here, it contradicts no other source.
  const against = told
    .filter(({ verdict, isSure }) => isSure && verdict !== decisive.verdict)
    .flatMap(({ sources }) => sources);
  const isShownByPolicies = evaluation?.verdict === decisive.verdict && !isGuess;
  const { verdict, decidedBy } = decisive;
  return {
    ...(isShownByPolicies ? evaluation : { leg, verdict, ...(decidedBy ? { decidedBy } : {}) }),
    ...(against.length > 0 ? { contradictedBy: against } : {}),
    ...shown,
    evidence: agreeing.flatMap(({ sources }) => sources),
  };
}

function likelyBy(guess: Testimony | undefined, evaluation: LegEvaluation | undefined): LikelyVerdict | undefined {
  const [source] = guess?.sources ?? [];
  if (guess === undefined || source === undefined || guess.verdict === "unknown") return undefined;
  const { assumedPrincipalArn, decidedBy } = evaluation ?? {};
  const isOfPolicies = source === "policies" || source === "organization";
  return {
    verdict: guess.verdict,
    source,
    ...(isOfPolicies && decidedBy ? { decidedBy } : {}),
    ...(isOfPolicies && assumedPrincipalArn ? { assumedPrincipalArn } : {}),
  };
}
