import { lastSegment } from "../../arn.js";
import type { Conclusion } from "../../diagnose/evidence.js";
import { parseModelId } from "../../resolve/model-id.js";
import type { LeftOut } from "../diagnosis.js";
import { list } from "./words.js";

/** The Regions to approve: all that the call needs, not only the one that AWS happened to name. */
export function regionsOf({ legs, blockedRegions }: Pick<Conclusion, "legs" | "blockedRegions">): string[] {
  const regions = [...new Set(legs.map(({ leg }) => leg.region))].filter((region) => region !== "unspecified");
  return regions.length > 0 ? regions : blockedRegions;
}

/** `the us. inference profiles`, or the one that is the application's own. */
export function profilesOf({ legs, modelId }: Conclusion): string {
  const resource = legs.find(({ leg }) => leg.stage === "profile")?.leg.resource ?? modelId;
  const id = lastSegment(resource);
  const reference = parseModelId(id);
  if (resource.includes(":application-inference-profile/")) return `the inference profile ${id}`;
  // A prompt or a router doesn't show which profile the call uses.
  return reference.kind === "inference-profile"
    ? `the ${reference.geography}. inference profiles`
    : "the inference profile of the call";
}

/** Where a call is processed: `us-east-1 and by global routing`. */
export function regionWords(conclusion: Pick<Conclusion, "legs" | "blockedRegions">): string {
  const isGlobal = conclusion.legs.some(({ leg }) => leg.region === "unspecified");
  return `${list(regionsOf(conclusion))}${isGlobal ? " and by global routing" : ""}`;
}

const LEFT_OUT: Record<LeftOut, string> = {
  guardrail: "bedrock:ApplyGuardrail on the call's guardrail",
  "api-key": "bedrock:CallWithBearerToken of the API key",
};

export const leftOutWords = (leftOut: readonly LeftOut[]): string => list(leftOut.map((each) => LEFT_OUT[each]));
