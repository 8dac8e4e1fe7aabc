import { parseArn } from "../arn.js";
import { INVOKE_ACTIONS, isModelLeg } from "../authorization.js";
import type { Conclusion, DecidingPolicy } from "../diagnosis.js";

/** Whether AWS attached this policy because it found an access key in public. */
export const isQuarantine = ({ arn }: Pick<DecidingPolicy, "arn">): boolean =>
  arn?.includes("AWSCompromisedKeyQuarantine") === true;

/** Whether AWS denied something other than the model: another action, or what the call needs in addition. */
export function isOfAnotherAction({ action, legs, refusal }: Conclusion): boolean {
  if (!refusal?.raw || action === undefined) return false;
  const denied = legs.find(({ evidence }) => evidence.includes("message"));
  if (denied !== undefined) return !isModelLeg(denied.leg);
  const ofModel = legs.filter(({ leg }) => isModelLeg(leg));
  return ofModel.length > 0 ? !ofModel.some(({ leg }) => leg.action === action) : !INVOKE_ACTIONS.includes(action);
}

/**
 * Whether AWS denied a foundation model, which has no resource-based policy, and the call isn't through an inference
 * profile of another account, which may have one.
 */
export function isModelOnly({ refusal, legs, principal }: Pick<Conclusion, "refusal" | "legs" | "principal">): boolean {
  if (!parseArn(refusal?.resource ?? "")?.resource.startsWith("foundation-model/")) return false;
  const profile = legs.find(({ leg }) => leg.stage === "profile")?.leg.resource ?? "";
  const owner = parseArn(profile)?.accountId;
  return principal?.accountId === undefined || owner === undefined || owner === principal.accountId;
}
