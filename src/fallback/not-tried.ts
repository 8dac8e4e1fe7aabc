import type { Call } from "../call/call.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { isAboutRouting } from "../refusal/routing.js";
import type { NotTried } from "./report.js";

/**
 * Operations with one request and one response. A call that is denied before the first byte can be sent again to
 * another target.
 */
const REPLAYABLE: ReadonlySet<string> = new Set([
  "Converse",
  "ConverseStream",
  "InvokeModel",
  "InvokeModelWithResponseStream",
]);

/** Returns why a call can never fall back, whatever it fails with. Undefined if it can. */
export function whyNever({ operation, reference }: Pick<Call, "operation" | "reference">): NotTried | undefined {
  if (!REPLAYABLE.has(operation)) return "operation-not-replayable";
  return "profileId" in reference ? undefined : "not-a-profile";
}

/**
 * Returns why a fallback isn't tried after this denial. Undefined if it is. Only a denial of Bedrock's routing leads to
 * a fallback.
 */
export function whyNot(
  refusal: ParsedRefusal,
  call: Pick<Call, "operation" | "reference" | "sourceRegion">,
): NotTried | undefined {
  const never = whyNever(call);
  if (never !== undefined) return never;
  if (!isAboutRouting(refusal, call.sourceRegion)) return "not-about-routing";
  return refusal.policyType === "vpc-endpoint-policy" ? "vpc-endpoint-policy" : undefined;
}
