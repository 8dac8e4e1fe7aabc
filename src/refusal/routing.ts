import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import type { ParsedRefusal } from "./parse.js";

/** A foundation model, and the Region in which it was denied; `unspecified` for global routing. */
export interface DeniedModel {
  modelId: string;
  region: string;
}

const MODEL_TYPE = "foundation-model/";

/** The foundation model that was denied, as the denial's resource shows. */
export function deniedModelOf({ resource }: ParsedRefusal): DeniedModel | undefined {
  const arn = resource === undefined ? undefined : parseArn(resource);
  if (arn?.service !== "bedrock" || !arn.resource.startsWith(MODEL_TYPE)) return undefined;
  return { modelId: arn.resource.slice(MODEL_TYPE.length), region: arn.region || UNSPECIFIED_REGION };
}

/**
 * True if Bedrock's routing was denied: a foundation model in a Region that isn't the source Region, or in none (Amazon
 * Bedrock User Guide, "Geographic cross-Region inference" and "Global cross-Region inference"). A retry would be denied
 * again.
 */
export function isAboutRouting(refusal: ParsedRefusal, sourceRegion: string): boolean {
  const isInvoke = /^bedrock:InvokeModel/i.test(refusal.action ?? "");
  const region = deniedModelOf(refusal)?.region;
  return refusal.kind === "iam-denied" && isInvoke && region !== undefined && region !== sourceRegion;
}
