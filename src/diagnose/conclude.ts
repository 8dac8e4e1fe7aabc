import { isAccount, lastSegment, parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { type AuthorizationLeg, actionOf, isModelLeg, type PolicyType } from "../authorization.js";
import type { BareEvidence, BareVerdict, Conclusion, Confidence, DecidingPolicy, Finding } from "../diagnosis.js";
import type { LegEvaluation } from "../policy/evaluation/evaluate.js";
import type { CompiledKnowledge } from "../policy/evaluation/policy-set.js";
import { isWhole, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { LeftOut } from "../resolve/call-facts.js";
import { areGuardrailsEnforcedOn } from "../resolve/guardrail-needs.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import { authorizationsOf, type CallAuthorizations } from "./call-legs.js";
import type { Gathered } from "./gathered.js";
import { hidesModels, namedLeg, needsProfile } from "./named-leg.js";
import type { RefusedCall } from "./refused-call.js";
import { isProfileAbsent, isRejected, modelsOnlyFinding } from "./rejected-call.js";
import { reportedAccess } from "./reported-access.js";
import { type Evaluated, evaluatedBy, type KnownPolicies, refusedLegs, simulatedByPlace, told } from "./testimonies.js";
import { verdictOf } from "./verdict.js";

/**
 * A conclusion, and the policies that it is based on: those that were provided, those that were read, and those that
 * are known to exist.
 */
export interface Concluded {
  conclusion: Conclusion;
  policies: CompiledKnowledge | undefined;
}

/**
 * Turns the evidence into a conclusion. It states only what the evidence shows. The leg that AWS identified is blocked.
 * An error message identifies one failed evaluation and contains nothing about the others. So the verdict on every
 * other leg comes from the provided policies. If they don't determine it, the verdict is `unknown`.
 */
export function conclude(
  call: RefusedCall,
  refusal: ParsedRefusal,
  gathered: Gathered,
  known: KnownPolicies = {},
): Concluded {
  const principalArn = callerIn(refusal, gathered);
  const principal = principalArn === undefined ? undefined : parsePrincipal(principalArn);
  const action = refusal.action ?? actionOf(call.operation);
  // If the message hides the account, the application may state the caller.
  const callerArn = principal?.accountId === undefined ? (known.given?.principalArn ?? principalArn) : principalArn;
  const isNeverAuthorized = isRejected(call, refusal) || isProfileAbsent(refusal, gathered);
  const possible = authorizationsOf(call, refusal, callerArn, gathered.profile);
  const whole = isNeverAuthorized ? { ...possible, legs: [], leftOut: [], foreign: [] } : possible;
  const { legs: planned, context } = whole;
  const named = isNeverAuthorized ? undefined : namedLeg(planned, refusal, call);
  const isPlanned = named === undefined || planned.includes(named);
  const legs = isPlanned ? planned : [...planned, named];
  const refused = refusedLegs(legs, refusal, named, gathered);
  const evaluated = evaluatedBy(context, known, principalArn, legs, refused, gathered.simulation);
  const heard = { context, named, evaluated, simulated: simulatedByPlace(gathered), gathered, known };
  const verdicts = legs.map((leg) => verdictOf(told(leg, heard)));
  const blocked = verdicts.filter(({ verdict }) => verdict === "blocked");
  const routed = [...(named ? [named] : []), ...blocked.map(({ leg }) => leg)].filter(isModelLeg);
  const regions = routed.map(({ region }) => region);
  const policy = policyOf(refusal, blocked, named);
  const conclusion: Conclusion = {
    kind: refusal.kind,
    refusal,
    operation: call.operation,
    ...(action === undefined ? {} : { action }),
    modelId: call.modelId,
    ...(gathered.profile ? { profile: ownProfile(gathered.profile, legs) } : {}),
    sourceRegion: call.sourceRegion,
    ...(call.regionFrom ? { regionFrom: call.regionFrom } : {}),
    ...sentGuardrail(call),
    blockedRegions: [...new Set([...regions, ...guardrailRegions(refusal)])],
    ...(principal ? { principal } : {}),
    ...(policy ? { policy } : {}),
    legs: verdicts,
    // If AWS evaluated a leg that wasn't planned, there may be more of them.
    legsComplete: isNeverAuthorized || (planned.length > 0 && isPlanned && isAllThereIs(call, gathered)),
    leftOut: leftOutOf(whole, verdicts, evaluated),
    alternatives: gathered.alternatives,
    evidence: [
      ...gathered.evidence,
      ...rejectionEvidence(call, refusal, gathered),
      ...statedEvidence(call, planned, gathered),
      ...(evaluated && legs.length > 0 ? [policyEvidence(evaluated, gathered)] : []),
    ],
    confidence: confidenceOf(refusal, gathered),
    complete: gathered.complete,
  };
  return { conclusion, policies: evaluated?.policies ?? known.policies };
}

/** Returns the guardrail that the call sends, or null. Returns nothing if that isn't known. */
function sentGuardrail({ facts }: RefusedCall): Pick<Conclusion, "guardrail"> {
  if (facts?.guardrail) return { guardrail: facts.guardrail.identifier };
  const isKnown = facts !== undefined && !facts.isPartial && !facts.unread?.includes("guardrail");
  return isKnown ? { guardrail: null } : {};
}

const isAllThereIs = (call: RefusedCall, gathered: Gathered) =>
  needsProfile(call) ? isProfileWhole(call, gathered) : !hidesModels(call);

function isProfileWhole({ reference }: RefusedCall, { profile, evidence }: Gathered): boolean {
  if (profile === undefined) return false;
  // AWS can change where a global profile routes to, but it always evaluates the ARN without a Region.
  const isGlobal = reference.kind === "inference-profile" && reference.geography === "global";
  if (isGlobal && !profile.models.some(({ region }) => region === UNSPECIFIED_REGION)) return false;
  // If the service lists a destination that can't be parsed, the catalog may not contain it either.
  const isUnread = ({ finding }: BareEvidence) =>
    finding.code === "profile-from-bundled-catalog" && finding.failure?.errorName === "MalformedAnswer";
  return !evidence.some(isUnread);
}

/**
 * Returns the destination Region of a guardrail profile that AWS denies, even if it isn't known which guardrail the
 * call has.
 */
function guardrailRegions({ kind, resource }: ParsedRefusal): string[] {
  const arn = kind === "guardrail-denied" && resource !== undefined ? parseArn(resource) : undefined;
  return arn?.resource.startsWith("guardrail-profile/") && arn.region !== "" ? [arn.region] : [];
}

function rejectionEvidence(call: RefusedCall, refusal: ParsedRefusal, gathered: Gathered): BareEvidence[] {
  const finding = modelsOnlyFinding(call, refusal);
  return finding ? [{ source: "profile", finding, at: timeOf(gathered), durationMs: 0 }] : [];
}

/** Returns a time for evidence that took no lookup: that of the other evidence. */
const timeOf = ({ evidence }: Gathered) => evidence[0]?.at ?? new Date().toISOString();

/**
 * Returns what wasn't checked. For another account's resource, only an evaluation that includes its own policy is a
 * full check.
 */
function leftOutOf(
  { leftOut, foreign }: CallAuthorizations,
  verdicts: readonly BareVerdict[],
  evaluated: Evaluated | undefined,
): LeftOut[] {
  const hasResourcePolicy =
    evaluated?.policies?.layers.some(({ type, given }) => type === OF_RESOURCE && given) ?? false;
  const isCovered = ({ leg, verdict, evidence }: BareVerdict) =>
    !foreign.includes(leg) || verdict === "blocked" || (hasResourcePolicy && evidence.includes("policies"));
  return [...new Set([...leftOut, ...(verdicts.every(isCovered) ? [] : (["other-account"] as const))])];
}

const OF_RESOURCE: PolicyType = "resource-based-policy";

/** Returns what the application states about guardrails, as far as this call depends on it. */
function statedEvidence(call: RefusedCall, legs: readonly AuthorizationLeg[], gathered: Gathered): BareEvidence[] {
  const at = timeOf(gathered);
  const { enforcedGuardrails, guardrailProfiles } = call;
  const isEnforced = enforcedGuardrails !== undefined && areGuardrailsEnforcedOn(call.operation);
  const stated = Object.entries(guardrailProfiles ?? {}).filter(([guardrail]) =>
    legs.some(({ stage, resource }) => stage === "guardrail" && `/${resource}`.endsWith(`/${guardrail}`)),
  );
  const findings: Finding[] = [
    ...(isEnforced ? [{ code: "enforced-guardrails" as const, guardrailArns: [...enforcedGuardrails] }] : []),
    ...stated.map(([guardrail, profileArns]) => ({
      code: "guardrail-profiles" as const,
      guardrail,
      profileArns: [...profileArns],
    })),
  ];
  return findings.map((finding) => ({ source: "application", finding, at, durationMs: 0 }));
}

/** Puts the caller's account into the ARN of an AWS profile, whichever account looked it up. */
function ownProfile(profile: InferenceProfile, legs: readonly AuthorizationLeg[]): InferenceProfile {
  const { resource } = legs.find(({ stage }) => stage === "profile") ?? {};
  const isKnown = resource !== undefined && isAccount(parseArn(resource)?.accountId);
  return profile.type === "SYSTEM_DEFINED" && isKnown ? { ...profile, arn: resource } : profile;
}

/**
 * Returns the caller: the one in AWS's message, unless the message hides it. Otherwise, the one that another source
 * returned.
 */
function callerIn({ principal }: ParsedRefusal, { identity }: Gathered): string | undefined {
  return principal !== undefined && isWhole(parsePrincipal(principal))
    ? principal
    : (identity?.principalArn ?? principal);
}

function policyEvidence(
  { source, names, evaluations, disputed, othersArn }: Evaluated,
  gathered: Gathered,
): BareEvidence {
  const finding: Finding = evaluations
    ? policyFinding(names, evaluations, disputed)
    : othersArn === undefined
      ? { code: "policies-without-principal" }
      : { code: "policies-of-another-caller", principalArn: othersArn };
  return { source, finding, at: timeOf(gathered), durationMs: 0 };
}

function policyFinding(
  policyNames: string[],
  evaluations: LegEvaluation[],
  disputed: AuthorizationLeg | undefined,
): Finding {
  if (disputed) return { code: "policies-disagree", policyNames, resource: disputed.resource };
  const sure = evaluations.map(({ verdict, assumedPrincipalArn }) => (assumedPrincipalArn ? "unknown" : verdict));
  const count = (verdict: LegEvaluation["verdict"]) => sure.filter((each) => each === verdict).length;
  const counts = { allowed: count("allowed"), blocked: count("blocked"), unknown: count("unknown") };
  return { code: "policies-evaluated", policyNames, ...counts };
}

/**
 * Returns the policy that AWS reports, and the statement if the provided policies show it. Without an error message,
 * returns what the policies alone show.
 */
function policyOf(
  refusal: ParsedRefusal,
  blocked: readonly BareVerdict[],
  named: AuthorizationLeg | undefined,
): DecidingPolicy | undefined {
  // Of several blocked legs, only the one that AWS identified belongs to the denial. Without a denial, the policy must
  // decide on all of them.
  const shownBy = refusal.raw === "" ? alike(blocked) : blocked.find(({ leg }) => leg === named);
  const { decidedBy, alsoBlockedBy = [] } = shownBy ?? {};
  const said = policySaid(refusal);
  const decisions = decidedBy ? [decidedBy, ...alsoBlockedBy] : [];
  const shown = decisions.find(({ policyType, denyKind, policyArn }) => {
    if (said === undefined) return true;
    // A provided policy is the one that AWS identified by ARN only if it has that ARN.
    const isSame = said.arn === undefined || policyArn === said.arn;
    return policyType === said.type && isSame && (said.denyKind === undefined || said.denyKind === denyKind);
  });
  if (shown === undefined) return said;
  const { policyName, level, statementIndex, sid, path, denyKind, policyType, policyArn } = shown;
  return {
    type: policyType,
    ...(policyArn === undefined ? {} : { arn: policyArn }),
    ...(denyKind === undefined ? {} : { denyKind }),
    ...said,
    ...(policyName === undefined ? {} : { name: policyName }),
    ...(level === undefined ? {} : { level }),
    ...(statementIndex === undefined || path === undefined
      ? {}
      : { statement: { index: statementIndex, path, ...(sid === undefined ? {} : { sid }) } }),
  };
}

/** Returns one of the legs, if the same policy decides on all of them. */
function alike([first, ...others]: readonly BareVerdict[]): BareVerdict | undefined {
  const nameOf = ({ decidedBy }: BareVerdict) =>
    JSON.stringify([decidedBy?.policyType, decidedBy?.denyKind, decidedBy?.policyName, decidedBy?.level]);
  return first && others.every((other) => nameOf(other) === nameOf(first)) ? first : undefined;
}

function policySaid(refusal: ParsedRefusal): DecidingPolicy | undefined {
  const { policyType, policyArn, denyKind } = refusal;
  if (policyType === undefined) return undefined;
  const id = policyArn && lastSegment(policyArn);
  return {
    type: policyType,
    ...(policyArn === undefined ? {} : { arn: policyArn }),
    ...(id ? { id } : {}),
    ...(denyKind === undefined ? {} : { denyKind }),
  };
}

function confidenceOf(refusal: ParsedRefusal, { evidence }: Gathered): Confidence {
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
