import type { FoundationModel } from "./foundation-models.js";

/**
 * The inference type that allows calls by model ID alone (Amazon Bedrock API Reference, "FoundationModelDetails",
 * `inferenceTypesSupported`).
 */
const ON_DEMAND = "ON_DEMAND";

/**
 * Returns whether a model can be called by its model ID alone in the Region in which it was looked up, and the reason
 * if it can't.
 */
export function onDemandAvailability(
  { inferenceTypes, endOfLife }: FoundationModel,
  now: number,
): "available" | "profile-only" | "end-of-life" {
  if (endOfLife !== undefined && Date.parse(endOfLife) <= now) return "end-of-life";
  return inferenceTypes.includes(ON_DEMAND) ? "available" : "profile-only";
}
