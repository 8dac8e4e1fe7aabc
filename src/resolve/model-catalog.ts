import { defined } from "../defined.js";
import type { ModelData } from "./catalog-format.js";
import type { FoundationModel, KnownModels } from "./foundation-models.js";

/** `[source, lifecycle, on-demand Regions, other Regions]`. All items except the lifecycle are indexes. */
type ModelRow = readonly [source: number, lifecycle: string, onDemand: number, other: number];

/** Makes the models of a catalog searchable. */
export function modelCatalog(data: ModelData): KnownModels & { asOf: string } {
  const models = new Map(Object.entries(data.models as unknown as Record<string, readonly ModelRow[]>));
  const has = (set: number, region: string) => data.regionSets[set]?.split(" ").includes(region) === true;
  return {
    asOf: data.asOf,
    /**
     * Returns a model as one Region offers it, or undefined if the catalog doesn't contain the model. A Region that the
     * catalog doesn't list may offer the model by now. A fallback never uses such a Region, because the catalog doesn't
     * confirm it.
     */
    knownModel: (modelId, region) => {
      const rows = models.get(modelId);
      if (rows === undefined) return undefined;
      const row = rows.find(([, , onDemand, other]) => has(onDemand, region) || has(other, region));
      const [source, lifecycle, onDemand] = row ?? [];
      const isOnDemand = onDemand !== undefined && has(onDemand, region);
      const inferenceTypes = isOnDemand ? ["ON_DEMAND", "INFERENCE_PROFILE"] : ["INFERENCE_PROFILE"];
      const model: FoundationModel = { id: modelId, region, inferenceTypes, ...defined({ lifecycle }) };
      return { model, asOf: (source === undefined ? undefined : data.sources[source]?.[0]) ?? data.asOf };
    },
  };
}
