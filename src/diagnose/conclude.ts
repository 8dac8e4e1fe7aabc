import { isAccount, parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { type AuthorizationLeg, actionOf, isModelLeg } from "../authorization.js";
import { defined } from "../defined.js";
import type { BareVerdict, Conclusion, Confidence } from "../diagnosis.js";
import type { CompiledPolicies } from "../policy/evaluation/policy-set.js";
import { type Principal, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { LeftOut } from "../resolve/call-facts.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import { authorizationsOf, type CallAuthorizations } from "./call-legs.js";
import { decidingPolicy } from "./deciding-policy.js";
import { deniedLeg } from "./denied-leg.js";
import { type DiagnosedCall, hidesModels, isThroughProfile } from "./diagnosed-call.js";
import { type Gathered, reportInto } from "./gathered.js";
import type { DeniedLeg } from "./implied-policies.js";
import { knownPolicies } from "./known-policies.js";
import { type DenialQuestion, deniedCaller, type Question } from "./question.js";
import { isNeverAuthorized } from "./rejected-call.js";
import { reportedAccess } from "./reported-access.js";
import { alternatives } from "./sources/alternatives.js";
import { callerOfQuestion } from "./sources/organization.js";
import { evaluatePolicies, policies } from "./sources/policies.js";
import { legDeniedInProbe } from "./sources/probe.js";
import { profile } from "./sources/profile.js";
import { simulation } from "./sources/simulation.js";
import type { LegEvidence } from "./sources/source.js";
import { SOURCES } from "./sources.js";
import { verdictOn } from "./verdict.js";

/**
 * A conclusion, and the policies that it is based on: those that were provided, those that were read, and those that
 * are known to exist.
 */
export interface Concluded {
  conclusion: Conclusion;
  policies: CompiledPolicies | undefined;
}

/** The conclusion on a denial. */
export interface ConcludedDenial extends Concluded {
  conclusion: Conclusion & { refusal: ParsedRefusal };
}

/**
 * Turns the evidence into a conclusion. It states only what the evidence shows. The leg that AWS identified is blocked.
 * An error message identifies one failed evaluation and contains nothing about the others. So the verdict on every
 * other leg comes from the other sources. If they don't determine it, the verdict is `unknown`.
 */
export function conclude(question: DenialQuestion, gathered: Gathered): ConcludedDenial;
export function conclude(question: Question, gathered: Gathered): Concluded;
export function conclude(question: Question, gathered: Gathered): Concluded {
  const caller = principalOf(question, gathered);
  const authorized = authorizationsFor(question, gathered, caller);
  const known = evidenceOn(question, gathered, authorized, caller);
  const verdicts = known.legs.map((leg) => verdictOn(leg, known));
  const conclusion = conclusionOf(question, { gathered, caller, authorized, known, verdicts });
  return { conclusion, policies: known.results.of(policies)?.set ?? knownPolicies(question, gathered)?.set };
}

/**
 * Returns the caller: the one in AWS's message, unless the message hides it. Otherwise, the one that another source
 * returned.
 */
function principalOf(question: Question, { results }: Gathered): Principal | undefined {
  const denied = deniedCaller(question);
  return denied?.isComplete ? denied : (callerOfQuestion(question, results)?.principal ?? denied);
}

/** Returns what the call is authorized on. Empty for a call that AWS rejects whatever the policies allow. */
function authorizationsFor(
  question: Question,
  gathered: Gathered,
  caller: Principal | undefined,
): CallAuthorizations & { isNever: boolean } {
  // If the message hides the account, the application may state the caller.
  const { principalArn } = question.policies ?? {};
  const isHidden = caller?.accountId === undefined && principalArn !== undefined;
  const owner = isHidden ? parsePrincipal(principalArn) : caller;
  const possible = authorizationsOf(question, owner, gathered.results.of(profile));
  const isNever = isNeverAuthorized(question, gathered);
  return isNever ? { ...possible, legs: [], leftOut: [], foreign: [], isNever } : { ...possible, isNever };
}

/** Returns everything that the verdicts are determined from, including the evaluation of the policies. */
function evidenceOn(
  question: Question,
  gathered: Gathered,
  { legs: planned, context, isNever }: CallAuthorizations & { isNever: boolean },
  caller: Principal | undefined,
): LegEvidence {
  const { call, refusal } = question;
  const { results } = gathered;
  const denied = refusal && !isNever ? deniedLeg(planned, refusal, call) : undefined;
  const legs = denied === undefined || planned.includes(denied) ? planned : [...planned, denied];
  const known: LegEvidence = { question, results, context, planned, legs, deniedLeg: denied };
  const provided = knownPolicies(question, gathered);
  if (provided === undefined) return known;
  const inProbe = legDeniedInProbe(known);
  const deniedLegs: DeniedLeg[] = [
    ...(denied && refusal ? [{ leg: denied, refusal }] : []),
    ...(inProbe ? [inProbe] : []),
  ];
  const { isOrganizationUnread } = provided;
  const traces = { denied: deniedLegs, simulation: results.of(simulation), isOrganizationUnread };
  const evaluated = evaluatePolicies(provided, known, { caller, ...traces });
  return { ...known, results: results.with(policies, evaluated) };
}

/** What a conclusion is made of. */
interface Parts {
  gathered: Gathered;
  caller: Principal | undefined;
  authorized: CallAuthorizations & { isNever: boolean };
  known: LegEvidence;
  verdicts: BareVerdict[];
}

function conclusionOf(question: Question, { gathered, caller, authorized, known, verdicts }: Parts): Conclusion {
  const { call, refusal } = question;
  const { planned, legs, deniedLeg: denied } = known;
  const action = refusal?.action ?? actionOf(call.operation);
  const found = gathered.results.of(profile);
  const blocked = verdicts.filter(({ verdict }) => verdict === "blocked");
  const isPlanned = planned.length === legs.length;
  return {
    // A preflight is about what IAM authorizes.
    kind: refusal?.kind ?? "iam-denied",
    ...defined({ refusal }),
    operation: call.operation,
    ...defined({ action }),
    modelId: call.modelId,
    ...(found ? { profile: ownProfile(found, legs) } : {}),
    sourceRegion: call.sourceRegion,
    ...defined({ regionFrom: call.regionFrom }),
    ...sentGuardrail(call),
    blockedRegions: blockedRegions(refusal, denied, blocked),
    ...defined({ principal: caller, policy: decidingPolicy(question, blocked, denied) }),
    legs: verdicts,
    // If AWS evaluated a leg that wasn't planned, there may be more of them.
    legsComplete: authorized.isNever || (planned.length > 0 && isPlanned && isAllThereIs(call, gathered)),
    leftOut: leftOutOf(authorized, verdicts, known),
    alternatives: gathered.results.of(alternatives) ?? [],
    evidence: withConcluded(gathered, known),
    confidence: confidenceOf(question, gathered),
    complete: gathered.complete,
  };
}

/** Returns the gathered evidence, and what follows from all of it. This takes no lookup. */
function withConcluded(gathered: Gathered, known: LegEvidence): Conclusion["evidence"] {
  const concluded = { ...gathered, evidence: [...gathered.evidence] };
  const [first] = gathered.evidence;
  const at = first === undefined ? Date.now() : Date.parse(first.at);
  for (const source of SOURCES)
    source.readResults?.(
      known,
      reportInto(concluded, source, () => at),
    );
  return concluded.evidence;
}

/** Returns the guardrail that the call sends, or null. Returns nothing if that isn't known. */
function sentGuardrail({ facts }: DiagnosedCall): Pick<Conclusion, "guardrail"> {
  if (facts?.guardrail) return { guardrail: facts.guardrail.identifier };
  const isKnown = facts !== undefined && !facts.isPartial && !facts.unread?.includes("guardrail");
  return isKnown ? { guardrail: null } : {};
}

const isAllThereIs = (call: DiagnosedCall, gathered: Gathered) =>
  isThroughProfile(call) ? isProfileWhole(call, gathered) : !hidesModels(call);

function isProfileWhole({ reference }: DiagnosedCall, { results, evidence }: Gathered): boolean {
  const found = results.of(profile);
  if (found === undefined) return false;
  // AWS can change where a global profile routes to, but it always evaluates the ARN without a Region.
  const isGlobal = reference.kind === "inference-profile" && reference.geography === "global";
  if (isGlobal && !found.models.some(({ region }) => region === UNSPECIFIED_REGION)) return false;
  // If the service lists a destination that can't be parsed, the catalog may not contain it either.
  return !evidence.some(
    ({ finding }) =>
      finding.code === "profile-from-bundled-catalog" && finding.failure?.errorName === "MalformedAnswer",
  );
}

function blockedRegions(
  refusal: ParsedRefusal | undefined,
  denied: AuthorizationLeg | undefined,
  blocked: readonly BareVerdict[],
): string[] {
  const routed = [...(denied ? [denied] : []), ...blocked.map(({ leg }) => leg)].filter(isModelLeg);
  return [...new Set([...routed.map(({ region }) => region), ...guardrailRegions(refusal)])];
}

/**
 * Returns the destination Region of a guardrail profile that AWS denies, even if it isn't known which guardrail the
 * call has.
 */
function guardrailRegions({ kind, resource }: Partial<ParsedRefusal> = {}): string[] {
  const arn = kind === "guardrail-denied" && resource !== undefined ? parseArn(resource) : undefined;
  return arn?.resource.startsWith("guardrail-profile/") && arn.region !== "" ? [arn.region] : [];
}

/**
 * Returns what wasn't checked. For another account's resource, only an evaluation that includes its own policy is a
 * full check.
 */
function leftOutOf(
  { leftOut, foreign }: CallAuthorizations,
  verdicts: readonly BareVerdict[],
  { results }: LegEvidence,
): LeftOut[] {
  const layers = results.of(policies)?.set?.layers ?? [];
  const hasResourcePolicy = layers.some(({ type, provided }) => type === "resource-based-policy" && provided);
  const isCovered = ({ leg, verdict, evidence }: BareVerdict) =>
    !foreign.includes(leg) || verdict === "blocked" || (hasResourcePolicy && evidence.includes("policies"));
  return [...new Set([...leftOut, ...(verdicts.every(isCovered) ? [] : (["other-account"] as const))])];
}

/** Puts the caller's account into the ARN of an AWS profile, whichever account looked it up. */
function ownProfile(found: InferenceProfile, legs: readonly AuthorizationLeg[]): InferenceProfile {
  const { resource } = legs.find(({ stage }) => stage === "profile") ?? {};
  const isKnown = resource !== undefined && isAccount(parseArn(resource)?.accountId);
  return found.type === "SYSTEM_DEFINED" && isKnown ? { ...found, arn: resource } : found;
}

function confidenceOf({ refusal }: Question, { evidence }: Gathered): Confidence {
  if (refusal === undefined) return "likely";
  if (refusal.kind === "unknown") return "possible";
  if (refusal.confidence !== undefined) return refusal.confidence;
  if (refusal.kind === "iam-denied" && refusal.resource === undefined) return "likely";
  // The message alone doesn't contain the reason why the ID is invalid. The catalog shows that the source Region is
  // likely wrong.
  if (evidence.some(({ finding }) => finding.code === "profile-not-offered-here")) return "likely";
  // Each was seen once with a cause that differs from its wording.
  if (refusal.sentence === "prompt-operation-not-authorized") return "possible";
  if (refusal.kind === "model-access-not-granted" && reportedAccess(evidence) !== undefined) return "possible";
  return "certain";
}
