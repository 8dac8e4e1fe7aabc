import type { AuthorizationLeg } from "../../authorization.js";
import type { LegEvaluation } from "../../policy/evaluation/evaluate.js";
import { applyTo, type CompiledPolicies, evaluateLegs, withImplied } from "../../policy/evaluation/policy-set.js";
import { type Principal, parsePrincipal } from "../../principal.js";
import type { ParsedRefusal } from "../../refusal/parse.js";
import { type DeniedLeg, impliedPolicies } from "../implied-policies.js";
import { isOtherCaller } from "../question.js";
import type { Simulation } from "./simulated.js";
import type { LegEvidence, LegReport, Source } from "./source.js";

export type PoliciesFinding =
  | { code: "policies-evaluated"; policyNames: string[]; allowed: number; blocked: number; unknown: number }
  /** The provided policies allow the leg that AWS denied. They are incomplete or out of date. */
  | { code: "policies-disagree"; policyNames: string[]; resource: string }
  | { code: "policies-without-principal" }
  /** The application stated another principal than the one in the error message. */
  | { code: "policies-of-another-caller"; principalArn: string };

/** The policies that are known, and where they are from. */
export interface KnownPolicies {
  /** Those that the application provided and those that were read, together. */
  set: CompiledPolicies;
  from: readonly ("policies" | "organization")[];
}

/** The result of evaluating the policies for each leg, or why they can't be evaluated. */
export interface EvaluatedPolicies {
  from: KnownPolicies["from"];
  names: string[];
  /** Includes the policies that are known to exist in addition. */
  set?: CompiledPolicies;
  /** By leg, because a profile may have many legs. */
  byLeg?: ReadonlyMap<AuthorizationLeg, LegEvaluation>;
  /** The leg that AWS denied although the policies allow it. What else they allow isn't certain then. */
  disputed?: AuthorizationLeg;
  /** The other caller that the policies are for. */
  othersArn?: string;
}

/**
 * The policies that the application provided, together with the organization's. Without any lookup. The evaluation
 * needs the results of all lookups, so `conclude` starts it.
 */
export const policies: Source<"policies", PoliciesFinding, EvaluatedPolicies> = {
  name: "policies",

  verdictOn(leg, { results }) {
    const evaluated = results.of(policies);
    const evaluation = evaluated?.byLeg?.get(leg);
    return evaluated && evaluation ? reportOn(leg, evaluation, evaluated) : undefined;
  },

  readResults({ results, legs }, report) {
    const evaluated = results.of(policies);
    const [name = "policies"] = evaluated?.from ?? [];
    if (evaluated && legs.length > 0) report.finding(findingOf(evaluated), { name });
  },
};

function reportOn(
  leg: AuthorizationLeg,
  evaluation: LegEvaluation,
  { from, disputed }: EvaluatedPolicies,
): LegReport<"policies"> {
  const { verdict, decidedBy, assumedPrincipalArn } = evaluation;
  // If a verdict depends on the path of a role whose path is unknown, it is a guess. If the policies are incomplete,
  // only their explicit denies are conclusive.
  const isDenied = verdict === "blocked" && decidedBy?.denyKind === "explicit";
  const isGuess = assumedPrincipalArn !== undefined || isProfileUnknown(leg);
  const isConclusive = !isGuess && (disputed === undefined || isDenied);
  // If AWS denied the leg for another reason, the policies don't show which statement it is.
  return { verdict, isConclusive, sources: from, evaluation: leg === disputed ? undefined : evaluation };
}

function findingOf({ names, byLeg, disputed, othersArn }: EvaluatedPolicies): PoliciesFinding {
  if (othersArn !== undefined) return { code: "policies-of-another-caller", principalArn: othersArn };
  if (byLeg === undefined) return { code: "policies-without-principal" };
  if (disputed) return { code: "policies-disagree", policyNames: names, resource: disputed.resource };
  const sure = [...byLeg.values()].map(({ verdict, assumedPrincipalArn }) =>
    assumedPrincipalArn ? "unknown" : verdict,
  );
  const count = (verdict: LegEvaluation["verdict"]) => sure.filter((each) => each === verdict).length;
  const counts = { allowed: count("allowed"), blocked: count("blocked"), unknown: count("unknown") };
  return { code: "policies-evaluated", policyNames: names, ...counts };
}

/** What an evaluation depends on, in addition to the policies and the legs. */
interface Circumstances {
  caller: Principal | undefined;
  /** The legs that AWS certainly denied. */
  denied: readonly DeniedLeg[];
  simulation: Simulation | undefined;
  /** True if the organization was to be read, but couldn't be. */
  isOrganizationUnread: boolean;
}

/** Evaluates the policies for each leg, together with those that are known to exist in addition. */
export function evaluatePolicies(
  { set, from }: KnownPolicies,
  { legs, context: { absent, unknown } }: Pick<LegEvidence, "legs" | "context">,
  { caller: actual, ...traces }: Circumstances,
): EvaluatedPolicies {
  const names = [...new Set(set.layers.flatMap((layer) => layer.policies.map(({ name }) => name)))];
  const caller = set.principalArn === undefined ? actual : parsePrincipal(set.principalArn);
  // Neither the application, the message, nor the credentials show the caller.
  if (!caller?.isComplete) return { from, names };
  if (isOtherCaller(caller, actual)) return { from, names, othersArn: caller.arn };
  const context = new Map([
    ...unknown.map((key) => [key, undefined] as const),
    ...set.context,
    // The call's own input shows that it doesn't set these.
    ...absent.map((key) => [key, null] as const),
  ]);
  const described = { ...set, context };
  const all = withImplied(described, impliedPolicies(described, caller.arn, traces));
  const evaluations = evaluateLegs(applyTo(all, caller.arn), legs);
  const byLeg = new Map(evaluations.map((evaluation) => [evaluation.leg, evaluation]));
  const disputed = disputedLeg(described, caller.arn, traces.denied);
  return { from, names, set: all, byLeg, ...(disputed ? { disputed } : {}) };
}

/** Returns the denied leg that the policies allow. */
function disputedLeg(
  described: CompiledPolicies,
  callerArn: string,
  denied: readonly DeniedLeg[],
): AuthorizationLeg | undefined {
  const certain = denied.filter(({ leg }) => !isProfileUnknown(leg));
  const evaluations = evaluateLegs(
    applyTo(described, callerArn),
    certain.map(({ leg }) => leg),
  );
  return evaluations.find(
    (evaluation, index) => !evaluation.assumedPrincipalArn && isDisputed(evaluation, certain[index]?.refusal),
  )?.leg;
}

/**
 * Whether the provided policies lack a policy that AWS evaluated: they allow what AWS denied. A resource of another
 * account needs a policy of its own, but that doesn't explain a denial by another type of policy.
 */
function isDisputed({ verdict, decidedBy, alsoBlockedBy }: LegEvaluation, refusal: ParsedRefusal | undefined): boolean {
  if (verdict !== "blocked") return verdict === "allowed";
  const isOfOwner = decidedBy?.policyType === "resource-based-policy" && alsoBlockedBy === undefined;
  return isOfOwner && refusal?.policyType !== undefined && refusal.policyType !== "resource-based-policy";
}

/**
 * True for a model that AWS evaluates with an inference profile that isn't known, such as one that a prompt selects. A
 * policy may depend on it.
 */
const isProfileUnknown = ({ stage, inferenceProfileArn }: AuthorizationLeg): boolean =>
  inferenceProfileArn === undefined && ["source-model", "destination-model", "global-model"].includes(stage);
