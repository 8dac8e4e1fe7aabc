import type { Decision, LegEvaluation } from "../policy/evaluate.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import type { BareVerdict, EvidenceSource, LikelyVerdict } from "./evidence.js";
import type { SimulatedDecision } from "./simulation.js";

/** What one source says of one leg. */
export interface Testimony {
  /** More than one where they are evaluated together. */
  sources: EvidenceSource[];
  verdict: LegEvaluation["verdict"];
  /** False for a guess: it decides nothing, and is told as a guess. */
  isSure: boolean;
  /** The kind of policy that decides, where the source tells no more. */
  decidedBy?: Decision | undefined;
}

/** All that is known of one leg. */
export interface LegTestimony {
  leg: AuthorizationLeg;
  /** The strongest source first. */
  testimonies: Testimony[];
  evaluation?: LegEvaluation | undefined;
  simulated?: SimulatedDecision | undefined;
}

/** The strongest source that is sure decides. Who says otherwise is named, and a guess stays one. */
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
  // A source that may be wrong here contradicts nobody.
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
