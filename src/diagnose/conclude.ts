import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { type Principal, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type AuthorizationLeg, actionOf, authorizationLegs, type LegStage } from "../resolve/legs.js";
import type { Conclusion, Confidence, DecidingPolicy } from "./evidence.js";
import type { Gathered } from "./gather.js";
import type { RefusedCall } from "./refused-call.js";

/**
 * Turns the evidence into a conclusion. Claims no more than the evidence: the leg that AWS named is blocked, every
 * other leg is unknown, because a refusal names one failing evaluation and is silent about the rest.
 */
export function conclude(call: RefusedCall, refusal: ParsedRefusal, gathered: Gathered): Conclusion {
  const principal = refusal.principal === undefined ? undefined : parsePrincipal(refusal.principal);
  const action = refusal.action ?? actionOf(call.operation);
  const planned = legsOf(call, accountOf(principal, refusal, call), gathered);
  const named = namedLeg(planned, refusal, call);
  const legs = named && !planned.includes(named) ? [...planned, named] : planned;
  const policy = policyOf(refusal);
  return {
    kind: refusal.kind,
    refusal,
    operation: call.operation,
    ...(action === undefined ? {} : { action }),
    modelId: call.modelId,
    ...(gathered.profile ? { profile: gathered.profile } : {}),
    sourceRegion: call.sourceRegion,
    blockedRegions: named ? [named.region] : [],
    ...(principal ? { principal } : {}),
    ...(policy ? { policy } : {}),
    legs: legs.map((leg) =>
      leg === named ? { leg, verdict: "blocked", evidence: ["message"] } : { leg, verdict: "unknown", evidence: [] },
    ),
    legsComplete: !needsProfile(call) || gathered.profile !== undefined,
    alternatives: gathered.alternatives,
    evidence: gathered.evidence,
    confidence: confidenceOf(refusal, gathered),
    complete: gathered.complete,
  };
}

const needsProfile = ({ reference }: RefusedCall) =>
  reference.kind === "inference-profile" || reference.kind === "application-inference-profile";

function legsOf(call: RefusedCall, accountId: string | undefined, { profile }: Gathered): AuthorizationLeg[] {
  if (call.sourceRegion === "unknown" || call.modelId === "") return [];
  return authorizationLegs({
    operation: call.operation,
    modelId: call.modelId,
    sourceRegion: call.sourceRegion,
    ...(accountId === undefined ? {} : { accountId }),
    ...(profile ? { profile } : {}),
  });
}

/** The caller's own account: the one in a profile's ARN, also a system-defined one (Service Authorization Reference, "Amazon Bedrock"). */
function accountOf(principal: Principal | undefined, refusal: ParsedRefusal, call: RefusedCall): string | undefined {
  if (principal?.accountId) return principal.accountId;
  const inResource = refusal.resource === undefined ? undefined : parseArn(refusal.resource)?.accountId;
  if (inResource && /^\d{12}$/.test(inResource)) return inResource;
  return "accountId" in call.reference ? call.reference.accountId : undefined;
}

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
  if (resource === undefined || action === undefined || !INVOKE_ACTIONS.has(action.toLowerCase())) return undefined;
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

function policyOf(refusal: ParsedRefusal): DecidingPolicy | undefined {
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
