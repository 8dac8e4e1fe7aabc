import type { AuthorizationLeg, PolicyType } from "../authorization.js";
import type { EvidenceSource } from "../diagnosis.js";
import type { Decision, LegEvaluation } from "../policy/evaluation/evaluate.js";
import { applyTo, type CompiledKnowledge, evaluateLegs, withUnseen } from "../policy/evaluation/policy-set.js";
import { isWhole, type Principal, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { CallContext } from "../resolve/call-context.js";
import type { CallerIdentity, Gathered, Probed } from "./gathered.js";
import { names } from "./named-leg.js";
import { decisionIn, isBlind, type SimulatedDecision } from "./simulation.js";
import { type RefusedLeg, unseenPolicies } from "./unseen-policies.js";
import type { LegTestimony, Testimony } from "./verdict.js";

/** The policies that are known. */
export interface KnownPolicies {
  /** The policies that the application provided, unchanged. */
  given?: CompiledKnowledge | undefined;
  /** The same policies with those that were also read, and the sources of all of them. */
  policies?: CompiledKnowledge | undefined;
  from?: EvidenceSource[];
  /** True if the organization was to be read, but couldn't be. */
  isOrganizationUnread?: boolean;
}

/** The result of the policies for each leg, or why they can't be evaluated. */
export interface Evaluated {
  source: EvidenceSource;
  names: string[];
  /** Includes the policies that are known to exist in addition. */
  policies?: CompiledKnowledge;
  evaluations?: LegEvaluation[];
  /** The same by leg, because a profile may have many legs. */
  byLeg?: ReadonlyMap<AuthorizationLeg, LegEvaluation>;
  /** The leg that AWS denied although the policies allow it. What else they allow isn't certain then. */
  disputed?: AuthorizationLeg;
  /** The other caller that the policies are for. */
  othersArn?: string;
}

export function evaluatedBy(
  { absent, unknown }: CallContext,
  { policies, from = [], isOrganizationUnread = false }: KnownPolicies,
  principalArn: string | undefined,
  legs: AuthorizationLeg[],
  refused: readonly RefusedLeg[],
  simulation: Gathered["simulation"],
): Evaluated | undefined {
  if (policies === undefined) return undefined;
  const [source = "policies"] = from;
  const names = [...new Set(policies.layers.flatMap((layer) => layer.policies.map(({ name }) => name)))];
  const caller = policies.principalArn ?? principalArn;
  // Neither the application, the message, nor the credentials show the caller.
  if (caller === undefined || !isWhole(parsePrincipal(caller))) return { source, names };
  if (isAnother(caller, principalArn)) return { source, names, othersArn: caller };
  const context = new Map([
    ...unknown.map((key) => [key, undefined] as const),
    ...policies.context,
    // The call's own input shows that it doesn't set these.
    ...absent.map((key) => [key, null] as const),
  ]);
  const described = { ...policies, context };
  const all = withUnseen(described, unseenPolicies(described, caller, { refused, simulation, isOrganizationUnread }));
  const evaluations = evaluateLegs(applyTo(all, caller), legs);
  const certain = refused.filter(({ leg }) => !lacksProfile(leg));
  const disputed = evaluateLegs(
    applyTo(described, caller),
    certain.map(({ leg }) => leg),
  ).find((evaluation, index) => !evaluation.assumedPrincipalArn && isDisputed(evaluation, certain[index]?.refusal));
  const byLeg = new Map(evaluations.map((evaluation) => [evaluation.leg, evaluation]));
  return { source, names, policies: all, evaluations, byLeg, ...(disputed ? { disputed: disputed.leg } : {}) };
}

/**
 * Whether the provided policies lack a policy that AWS evaluated: they allow what AWS denied. A resource of another
 * account needs a policy of its own, but that doesn't explain a denial by another type of policy.
 */
function isDisputed({ verdict, decidedBy, alsoBlockedBy }: LegEvaluation, refusal: ParsedRefusal | undefined): boolean {
  if (verdict !== "blocked") return verdict === "allowed";
  const isOfOwner = decidedBy?.policyType === OF_RESOURCE && alsoBlockedBy === undefined;
  return isOfOwner && refusal?.policyType !== undefined && refusal.policyType !== OF_RESOURCE;
}

const OF_RESOURCE: PolicyType = "resource-based-policy";

/** Returns the legs that AWS certainly denied: in the call, and in a probe that this caller sent. */
export function refusedLegs(
  legs: readonly AuthorizationLeg[],
  refusal: ParsedRefusal,
  named: AuthorizationLeg | undefined,
  { probe, identity }: Gathered,
): RefusedLeg[] {
  const probed = probe && legs.find((leg) => probedVerdict(leg, probe, identity)?.verdict === "blocked");
  return [
    ...(named ? [{ leg: named, refusal }] : []),
    ...(probed && probe.refusal ? [{ leg: probed, refusal: probe.refusal }] : []),
  ];
}

/** Whether AWS and the application identify different callers: another account, role, or user. */
function isAnother(describedArn: string, principalArn: string | undefined): boolean {
  const [described, named] = [parsePrincipal(describedArn), parsePrincipal(principalArn ?? describedArn)];
  const sortOf = ({ type }: Principal) => (type === "assumed-role" ? "role" : type);
  const isSame =
    described.accountId === named.accountId && described.name === named.name && sortOf(described) === sortOf(named);
  return isWhole(named) && !isSame;
}

/**
 * True for a model that AWS evaluates with an inference profile that isn't known, such as one that a prompt selects. A
 * policy may depend on it.
 */
const lacksProfile = ({ stage, inferenceProfileArn }: AuthorizationLeg): boolean =>
  inferenceProfileArn === undefined && ["source-model", "destination-model", "global-model"].includes(stage);

/** Everything that the sources reported about a call's legs. */
export interface Heard {
  context: CallContext;
  /** The leg that AWS identified. */
  named: AuthorizationLeg | undefined;
  evaluated: Evaluated | undefined;
  simulated: ReadonlyMap<string, SimulatedDecision>;
  gathered: Gathered;
  known: KnownPolicies;
}

/** Distinguishes a leg from the others of its call, for the simulator. */
const placeOf = ({ action, resource, region }: AuthorizationLeg) => `${action} ${region} ${resource}`;

/** Returns the simulator's results by the place of the leg. */
export function simulatedByPlace({ simulation }: Gathered): Heard["simulated"] {
  return new Map(simulation?.legs.map(({ leg, simulated }) => [placeOf(leg), simulated]));
}

/** Returns the reports on a leg, by precedence: AWS's message, the policies, IAM's policy simulator, the probe. */
export function told(leg: AuthorizationLeg, heard: Heard): LegTestimony {
  const { context, named, evaluated, gathered, known } = heard;
  const { simulation, probe, identity } = gathered;
  const { given, from = [] } = known;
  const evaluation = evaluated?.byLeg?.get(leg);
  const hasDispute = evaluated?.disputed !== undefined;
  const simulated = heard.simulated.get(placeOf(leg));
  const probed = probe && probedVerdict(leg, probe, identity);
  const testimonies: Testimony[] = [];
  if (leg === named) testimonies.push({ sources: ["message"], verdict: "blocked", isSure: true });
  if (probed?.verdict === "blocked") testimonies.push({ sources: ["probe"], ...probed });
  // If a verdict depends on the path of a role whose path is unknown, it is a guess. If the policies are incomplete,
  // only their explicit denies are conclusive.
  const isDenied = evaluation?.verdict === "blocked" && evaluation.decidedBy?.denyKind === "explicit";
  const isGuess = evaluation?.assumedPrincipalArn !== undefined || lacksProfile(leg);
  const isSure = !isGuess && (!hasDispute || isDenied);
  if (evaluation) testimonies.push({ sources: [...from], verdict: evaluation.verdict, isSure });
  if (simulation && simulated) {
    testimonies.push({
      sources: ["simulation"],
      verdict: simulated.decision === "allowed" ? "allowed" : "blocked",
      isSure: !isBlind(simulated, { leg, simulation, given, evaluation, context }),
      decidedBy: decisionIn(simulated),
    });
  }
  if (probed?.verdict === "allowed") testimonies.push({ sources: ["probe"], ...probed });
  // If AWS denied the leg for another reason, the policies don't show which statement it is.
  return { leg, testimonies, evaluation: leg === evaluated?.disputed ? undefined : evaluation, simulated };
}

/**
 * Returns the verdict of a probe. A denial identifies a leg for certain. An error about the request itself shows that
 * the source side is likely allowed.
 */
function probedVerdict(
  leg: AuthorizationLeg,
  { refusal, passed }: Probed,
  identity: CallerIdentity | undefined,
): Omit<Testimony, "sources"> | undefined {
  const isOthers = identity && refusal?.principal && isAnother(identity.principalArn, refusal.principal);
  if (refusal && !isOthers && names(refusal, leg)) {
    return { verdict: "blocked", isSure: true, decidedBy: decisionSaid(refusal) };
  }
  const isSourceSide = leg.stage === "profile" || leg.stage === "source-model" || leg.stage === "model";
  return passed && isSourceSide ? { verdict: "allowed", isSure: false } : undefined;
}

function decisionSaid({ policyType, denyKind, policyArn }: ParsedRefusal): Decision | undefined {
  if (policyType === undefined) return undefined;
  return { policyType, ...(denyKind ? { denyKind } : {}), ...(policyArn ? { policyArn } : {}) };
}
