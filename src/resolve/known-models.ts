import type { FoundationModel } from "./foundation-models.js";
import data from "./known-models.data.json" with { type: "json" };

// Loaded by import() only, where GetFoundationModel does not answer.

/** The Regions where the bare id can be called, and the lifecycle where it is not ACTIVE. */
type Row = [onDemand: string, lifecycle?: string];

const ROWS: ReadonlyMap<string, Row> = new Map(Object.entries(data.models as unknown as Record<string, Row>));

/**
 * What the catalog knows of a model in one Region; undefined for a model that it does not know. A Region that it does not
 * list may offer the model since: no fallback goes there on its word.
 */
export function knownModel(modelId: string, region: string): { model: FoundationModel; asOf: string } | undefined {
  const row = ROWS.get(modelId);
  if (row === undefined) return undefined;
  const [onDemand, lifecycle = "ACTIVE"] = row;
  const inferenceTypes = onDemand.split(" ").includes(region)
    ? ["ON_DEMAND", "INFERENCE_PROFILE"]
    : ["INFERENCE_PROFILE"];
  return { model: { id: modelId, region, inferenceTypes, lifecycle }, asOf: data.asOf };
}
