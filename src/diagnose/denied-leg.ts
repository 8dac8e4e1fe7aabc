import { isAccount, parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { asciiLower } from "../ascii.js";
import {
  type AuthorizationLeg,
  COUNT_TOKENS_ACTION,
  INVOKE_ACTIONS,
  isModelLeg,
  type LegStage,
} from "../authorization.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type DiagnosedCall, hidesModels, isThroughProfile } from "./diagnosed-call.js";

/**
 * Returns the leg that the denial identifies. If no planned leg matches, the leg is derived from the resource in the
 * message.
 */
export function deniedLeg(
  legs: readonly AuthorizationLeg[],
  refusal: ParsedRefusal,
  call: DiagnosedCall,
): AuthorizationLeg | undefined {
  const { resource, action } = refusal;
  if (resource === undefined || action === undefined) return undefined;
  const planned = legs.find((leg) => identifies(refusal, leg));
  if (planned) return planned;
  if (asciiLower(action) === "bedrock:applyguardrail") return guardrailLeg(resource, action, call);
  if (!isOnModels(action)) return undefined;
  return legs.find((leg) => sameResource(leg.resource, resource)) ?? legFromResource(resource, action, legs, call);
}

/**
 * Whether an action is evaluated on models and inference profiles. A denial of another action is about something else.
 */
const isOnModels = (action: string) =>
  [...INVOKE_ACTIONS, COUNT_TOKENS_ACTION].some((each) => asciiLower(each) === asciiLower(action));

/** Whether the ARNs are equal. The account fields may differ if one side hides the account or doesn't have it. */
function sameResource(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const a = parseArn(ours);
  const b = parseArn(theirs);
  if (!a || !b || (isAccount(a.accountId) && isAccount(b.accountId))) return false;
  return (
    a.service === b.service && a.region === b.region && a.resource === b.resource && a.resource.includes("profile/")
  );
}

function legFromResource(
  resource: string,
  action: string,
  legs: readonly AuthorizationLeg[],
  call: DiagnosedCall,
): AuthorizationLeg | undefined {
  const arn = parseArn(resource);
  if (arn?.service !== "bedrock") return undefined;
  const region = arn.region === "" ? UNSPECIFIED_REGION : arn.region;
  const stage = stageOf(arn.resource, region, call);
  const profileArn = legs.find((leg) => leg.stage === "profile")?.resource;
  const isOfModel = stage !== "profile" && stage !== "model" && isModelLeg({ stage });
  const throughProfile = isOfModel && profileArn !== undefined;
  return { stage, action, resource, region, ...(throughProfile ? { inferenceProfileArn: profileArn } : {}) };
}

/** Returns the leg of a guardrail that the request doesn't include. The account or the organization enforces it. */
function guardrailLeg(resource: string, action: string, { sourceRegion }: DiagnosedCall): AuthorizationLeg | undefined {
  const arn = parseArn(resource);
  if (arn?.service !== "bedrock") return undefined;
  const stage = arn.resource.startsWith("guardrail-profile/") ? "guardrail-profile" : "guardrail";
  return { stage, action, resource, region: arn.region || sourceRegion };
}

/** Returns which evaluation failed, by the resource's type and Region. */
function stageOf(resource: string, region: string, call: DiagnosedCall): LegStage {
  if (resource.startsWith("inference-profile/") || resource.startsWith("application-inference-profile/")) {
    return "profile";
  }
  if (resource.startsWith("async-invoke/")) return "async-invoke";
  if (!resource.startsWith("foundation-model/")) return "model";
  if (region === UNSPECIFIED_REGION) return "global-model";
  // If the source Region is unknown, only what the call invokes shows that the model isn't called directly.
  const isIndirect = isThroughProfile(call) || hidesModels(call);
  if (region !== call.sourceRegion && (call.sourceRegion !== "unknown" || isIndirect)) return "destination-model";
  return isIndirect ? "source-model" : "model";
}

/** Whether a denial is about this leg, by its resource and its action. */
export function identifies({ resource, action }: ParsedRefusal, leg: AuthorizationLeg): boolean {
  return (
    resource !== undefined &&
    action !== undefined &&
    asciiLower(action) === asciiLower(leg.action) &&
    sameResource(leg.resource, resource)
  );
}
