import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import type { LegEvaluation } from "../policy/evaluate.js";
import { applyTo, type CompiledKnowledge, evaluateLegs, withUnseen } from "../policy/knowledge.js";
import { isWhole, type Principal, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type AuthorizationLeg, actionOf, type LegStage } from "../resolve/legs.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import { legsOf } from "./call-legs.js";
import type {
  BareEvidence,
  BareVerdict,
  Conclusion,
  Confidence,
  DecidingPolicy,
  EvidenceSource,
  Finding,
} from "./evidence.js";
import type { CallerIdentity, Gathered, Probed } from "./gathered.js";
import type { RefusedCall } from "./refused-call.js";
import { decisionIn, isBlind } from "./simulation.js";
import { type Traces, unseenPolicies } from "./unseen-policies.js";
import { type LegTestimony, type Testimony, verdictOf } from "./verdict.js";

/** A conclusion, and the policies that it rests on: those at hand, those that were read, and those that are known to be there. */
export interface Concluded {
  conclusion: Conclusion;
  policies: CompiledKnowledge | undefined;
}

/**
 * Turns the evidence into a conclusion. Claims no more than the evidence: the leg that AWS named is blocked. A refusal names
 * one failing evaluation and is silent about the rest, so every other leg is what the policies at hand say, else unknown.
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
  const planned = legsOf(call, refusal, principalArn ?? known.given?.principalArn, gathered.profile);
  const named = namedLeg(planned, refusal, call);
  const isPlanned = named === undefined || planned.includes(named);
  const legs = isPlanned ? planned : [...planned, named];
  const evaluated = evaluatedBy(call, known, principalArn, legs, { refusal, named, ...gathered });
  const verdicts = legs.map((leg, at) =>
    verdictOf(told(leg, call, evaluated?.evaluations?.[at], evaluated?.disputed !== undefined, named, gathered, known)),
  );
  const blocked = verdicts.filter(({ verdict }) => verdict === "blocked");
  const regions = [...(named ? [named] : []), ...blocked.map(({ leg }) => leg)].map(({ region }) => region);
  const policy = policyOf(refusal, blocked, named);
  const conclusion: Conclusion = {
    kind: refusal.kind,
    refusal,
    operation: call.operation,
    ...(action === undefined ? {} : { action }),
    modelId: call.modelId,
    ...(gathered.profile ? { profile: ownProfile(gathered.profile, legs) } : {}),
    sourceRegion: call.sourceRegion,
    blockedRegions: [...new Set(regions)],
    ...(principal ? { principal } : {}),
    ...(policy ? { policy } : {}),
    legs: verdicts,
    // A leg that AWS knows and we do not shows that there may be more.
    legsComplete: isPlanned && (needsProfile(call) ? gathered.profile !== undefined : isAllThereIs(call)),
    alternatives: gathered.alternatives,
    evidence: evaluated ? [...gathered.evidence, policyEvidence(evaluated, gathered)] : gathered.evidence,
    confidence: confidenceOf(refusal, gathered),
    complete: gathered.complete,
  };
  return { conclusion, policies: evaluated?.policies ?? known.policies };
}

/** What stands behind a prompt, a router or a Marketplace model is authorized as well, and is not known here. */
const isAllThereIs = ({ reference }: RefusedCall) =>
  !["prompt", "prompt-router", "default-prompt-router", "marketplace-endpoint"].includes(reference.kind);

/** A profile of AWS's own is the caller's, whoever looked it up. */
function ownProfile(profile: InferenceProfile, legs: readonly AuthorizationLeg[]): InferenceProfile {
  const { resource } = legs.find(({ stage }) => stage === "profile") ?? {};
  const isKnown = resource !== undefined && isAccount(parseArn(resource)?.accountId ?? "");
  return profile.type === "SYSTEM_DEFINED" && isKnown ? { ...profile, arn: resource } : profile;
}

/** Who calls: AWS's message says it, unless it was hidden; then another source may. */
function callerIn({ principal }: ParsedRefusal, { identity }: Gathered): string | undefined {
  return principal !== undefined && isWhole(parsePrincipal(principal))
    ? principal
    : (identity?.principalArn ?? principal);
}

/** The policies that are known. */
export interface KnownPolicies {
  /** What the application described, as it gave it. */
  given?: CompiledKnowledge | undefined;
  /** The same with what was read besides, and the sources that all this comes from. */
  policies?: CompiledKnowledge | undefined;
  from?: EvidenceSource[];
  /** True where the organization was to be read, and nothing came of it. */
  isOrganizationUnread?: boolean;
}

/** What the policies say about each leg, or why they cannot be asked. */
interface Evaluated {
  source: EvidenceSource;
  names: string[];
  /** With what is known to be there besides. */
  policies?: CompiledKnowledge;
  evaluations?: LegEvaluation[];
  /** What AWS refused, where they allow it: what else they allow is not sure then. */
  disputed?: AuthorizationLeg;
  /** They are another caller's. */
  othersArn?: string;
}

function evaluatedBy(
  { keys = [] }: RefusedCall,
  { policies, from = [], isOrganizationUnread = false }: KnownPolicies,
  principalArn: string | undefined,
  legs: AuthorizationLeg[],
  traces: Omit<Traces, "simulation" | "isOrganizationUnread"> & Pick<Gathered, "simulation">,
): Evaluated | undefined {
  if (policies === undefined) return undefined;
  const [source = "policies"] = from;
  const names = [...new Set(policies.layers.flatMap((layer) => layer.policies.map(({ name }) => name)))];
  const caller = policies.principalArn ?? principalArn;
  // Neither the application nor the message nor the credentials show who calls.
  if (caller === undefined || !isWhole(parsePrincipal(caller))) return { source, names };
  if (isAnother(caller, principalArn)) return { source, names, othersArn: caller };
  const { refusal, named, simulation } = traces;
  const context = new Map([...keys.map((key) => [key, undefined] as const), ...policies.context]);
  const unseen = unseenPolicies(policies, caller, { refusal, named, simulation, isOrganizationUnread });
  const described = { ...policies, context };
  const all = withUnseen(described, unseen);
  const evaluations = evaluateLegs(applyTo(all, caller), legs);
  const [refused] = evaluateLegs(applyTo(described, caller), named ? [named] : []);
  const isDisputed = refused?.verdict === "allowed" && !refused.assumedPrincipalArn;
  return { source, names, policies: all, evaluations, ...(isDisputed ? { disputed: refused.leg } : {}) };
}

/** Whether AWS names someone else than the application does: another account, role or user. */
function isAnother(describedArn: string, principalArn: string | undefined): boolean {
  const [described, named] = [parsePrincipal(describedArn), parsePrincipal(principalArn ?? describedArn)];
  const sortOf = ({ type }: Principal) => (type === "assumed-role" ? "role" : type);
  const isSame =
    described.accountId === named.accountId && described.name === named.name && sortOf(described) === sortOf(named);
  return isWhole(named) && !isSame;
}

/** What AWS says goes before our own evaluation, that before IAM's simulator, and what a probe suggests comes last. */
function told(
  leg: AuthorizationLeg,
  { keys: keysOfCall = [] }: RefusedCall,
  evaluation: LegEvaluation | undefined,
  isDisputed: boolean,
  named: AuthorizationLeg | undefined,
  { simulation, probe, identity }: Gathered,
  { given, from = [] }: KnownPolicies,
): LegTestimony {
  const simulated = simulation?.legs.find(
    (each) => each.leg.resource === leg.resource && each.leg.region === leg.region,
  )?.simulated;
  const probed = probe && probedVerdict(leg, probe, identity);
  const testimonies: Testimony[] = [];
  if (leg === named) testimonies.push({ sources: ["message"], verdict: "blocked", isSure: true });
  if (probed?.verdict === "blocked") testimonies.push({ sources: ["probe"], ...probed });
  // A verdict that hangs on the path of a role whose path is not known is a guess.
  const isSure = evaluation?.assumedPrincipalArn === undefined && !(isDisputed && evaluation?.verdict === "allowed");
  if (evaluation) testimonies.push({ sources: [...from], verdict: evaluation.verdict, isSure });
  if (simulation && simulated) {
    testimonies.push({
      sources: ["simulation"],
      verdict: simulated.decision === "allowed" ? "allowed" : "blocked",
      isSure: !isBlind(simulated, { leg, simulation, given, evaluation, keysOfCall }),
      decidedBy: decisionIn(simulated),
    });
  }
  if (probed?.verdict === "allowed") testimonies.push({ sources: ["probe"], ...probed });
  return { leg, testimonies, evaluation, simulated };
}

/** A refusal names a leg for certain; a complaint about the request itself shows that the source side likely let it in. */
function probedVerdict(
  leg: AuthorizationLeg,
  { refusal, passed }: Probed,
  identity: CallerIdentity | undefined,
): Omit<Testimony, "sources"> | undefined {
  const isOthers = identity && refusal?.principal && isAnother(identity.principalArn, refusal.principal);
  if (refusal && !isOthers && names(refusal, leg)) return { verdict: "blocked", isSure: true };
  const isSourceSide = leg.stage === "profile" || leg.stage === "source-model" || leg.stage === "model";
  return passed && isSourceSide ? { verdict: "allowed", isSure: false } : undefined;
}

/** Whether a refusal is of this leg: its resource, and its action. */
function names({ resource, action }: ParsedRefusal, leg: AuthorizationLeg): boolean {
  return (
    resource !== undefined && action?.toLowerCase() === leg.action.toLowerCase() && sameResource(leg.resource, resource)
  );
}

function policyEvidence(
  { source, names, evaluations, disputed, othersArn }: Evaluated,
  gathered: Gathered,
): BareEvidence {
  const at = gathered.evidence[0]?.at ?? new Date().toISOString();
  const finding: Finding = evaluations
    ? policyFinding(names, evaluations, disputed)
    : othersArn === undefined
      ? { code: "policies-without-principal" }
      : { code: "policies-of-another-caller", principalArn: othersArn };
  return { source, finding, at, durationMs: 0 };
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

const needsProfile = ({ reference }: RefusedCall) =>
  reference.kind === "inference-profile" || reference.kind === "application-inference-profile";

/** The actions that authorization legs are evaluated for; a refusal of another action is about something else. */
const INVOKE_ACTIONS: ReadonlySet<string> = new Set([
  "bedrock:invokemodel",
  "bedrock:invokemodelwithresponsestream",
  "bedrock:counttokens",
]);

/** The leg that the refusal names: one of ours, or, where AWS knows more than we do, a leg read off the resource. */
function namedLeg(
  legs: readonly AuthorizationLeg[],
  refusal: ParsedRefusal,
  call: RefusedCall,
): AuthorizationLeg | undefined {
  const { resource, action } = refusal;
  if (resource === undefined || action === undefined) return undefined;
  const planned = legs.find((leg) => names(refusal, leg));
  if (planned || !INVOKE_ACTIONS.has(action.toLowerCase())) return planned;
  return legs.find((leg) => sameResource(leg.resource, resource)) ?? legFromResource(resource, action, legs, call);
}

/** Equal ARNs, whatever stands in the account field where one side hides or does not know it. */
function sameResource(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const a = parseArn(ours);
  const b = parseArn(theirs);
  if (!a || !b || (isAccount(a.accountId) && isAccount(b.accountId))) return false;
  return (
    a.service === b.service && a.region === b.region && a.resource === b.resource && a.resource.includes("profile/")
  );
}

const isAccount = (text: string) => /^\d{12}$/.test(text);

function legFromResource(
  resource: string,
  action: string,
  legs: readonly AuthorizationLeg[],
  call: RefusedCall,
): AuthorizationLeg | undefined {
  const arn = parseArn(resource);
  if (arn?.service !== "bedrock") return undefined;
  const region = arn.region === "" ? UNSPECIFIED_REGION : arn.region;
  const stage = stageOf(arn.resource, region, call);
  const profileArn = legs.find((leg) => leg.stage === "profile")?.resource;
  const throughProfile = stage !== "profile" && stage !== "model" && profileArn !== undefined;
  return { stage, action, resource, region, ...(throughProfile ? { inferenceProfileArn: profileArn } : {}) };
}

/** The resource's type and Region say which evaluation failed. */
function stageOf(resource: string, region: string, call: RefusedCall): LegStage {
  if (resource.startsWith("inference-profile/") || resource.startsWith("application-inference-profile/")) {
    return "profile";
  }
  if (!resource.startsWith("foundation-model/")) return "model";
  if (region === UNSPECIFIED_REGION) return "global-model";
  if (region !== call.sourceRegion) return "destination-model";
  return needsProfile(call) ? "source-model" : "model";
}

/** What AWS says, and the statement where the policies at hand show it; without a word of AWS's, what they show alone. */
function policyOf(
  refusal: ParsedRefusal,
  blocked: readonly BareVerdict[],
  named: AuthorizationLeg | undefined,
): DecidingPolicy | undefined {
  // Of several blocked legs only the one that AWS named is the refusal's; without a refusal, what decides about all of them.
  const shownBy = refusal.raw === "" ? alike(blocked) : blocked.find(({ leg }) => leg === named);
  const { decidedBy, alsoBlockedBy = [] } = shownBy ?? {};
  const said = policySaid(refusal);
  const decisions = decidedBy ? [decidedBy, ...alsoBlockedBy] : [];
  const fitting = decisions.filter(({ policyType, denyKind, policyArn }) => {
    if (said === undefined) return true;
    const sameArn = said.arn === undefined || policyArn === undefined || policyArn === said.arn;
    return policyType === said.type && sameArn && (said.denyKind === undefined || said.denyKind === denyKind);
  });
  // Of several without an ARN, nobody can say which one it is whose ARN AWS names.
  const shown =
    said?.arn === undefined
      ? fitting[0]
      : (fitting.find(({ policyArn }) => policyArn !== undefined) ?? (fitting.length === 1 ? fitting[0] : undefined));
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

/** One of the legs, where the same policy decides about each of them. */
function alike([first, ...others]: readonly BareVerdict[]): BareVerdict | undefined {
  const nameOf = ({ decidedBy }: BareVerdict) =>
    JSON.stringify([decidedBy?.policyType, decidedBy?.denyKind, decidedBy?.policyName, decidedBy?.level]);
  return first && others.every((other) => nameOf(other) === nameOf(first)) ? first : undefined;
}

function policySaid(refusal: ParsedRefusal): DecidingPolicy | undefined {
  const { policyType, policyArn, denyKind } = refusal;
  if (policyType === undefined) return undefined;
  const id = policyArn?.slice(policyArn.lastIndexOf("/") + 1);
  return {
    type: policyType,
    ...(policyArn === undefined ? {} : { arn: policyArn }),
    ...(id ? { id } : {}),
    ...(denyKind === undefined ? {} : { denyKind }),
  };
}

function confidenceOf(refusal: ParsedRefusal, { evidence }: Gathered): Confidence {
  if (refusal.kind === "unknown") return "possible";
  if (refusal.kind === "iam-denied" && refusal.resource === undefined) return "likely";
  // The message alone does not say why the id is invalid; the catalog's table makes the wrong source Region likely.
  if (evidence.some(({ finding }) => finding.code === "profile-not-offered-here")) return "likely";
  return "certain";
}
