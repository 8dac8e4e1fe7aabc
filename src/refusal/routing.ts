import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import type { ParsedRefusal } from "./parse.js";

/** A foundation model, and the Region in which it was denied. The Region is `unspecified` for global routing. */
export interface DeniedModel {
  modelId: string;
  region: string;
}

const MODEL_TYPE = "foundation-model/";

/** Returns the foundation model that was denied, according to the denial's resource. */
export function deniedModelOf({ resource }: ParsedRefusal): DeniedModel | undefined {
  const arn = resource === undefined ? undefined : parseArn(resource);
  if (arn?.service !== "bedrock" || !arn.resource.startsWith(MODEL_TYPE)) return undefined;
  return { modelId: arn.resource.slice(MODEL_TYPE.length), region: arn.region || UNSPECIFIED_REGION };
}

/**
 * Returns true if Bedrock's routing was denied: the resource is a foundation model in a Region that isn't the source
 * Region, or without a Region (Amazon Bedrock User Guide, "Geographic cross-Region inference" and "Global cross-Region
 * inference"). A retry would also be denied.
 */
export function isAboutRouting(refusal: ParsedRefusal, sourceRegion: string): boolean {
  const isInvoke = /^bedrock:InvokeModel/i.test(refusal.action ?? "");
  const region = deniedModelOf(refusal)?.region;
  return refusal.kind === "iam-denied" && isInvoke && region !== undefined && region !== sourceRegion;
}
