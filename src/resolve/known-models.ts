import type { ModelData } from "./catalog-format.js";
import data from "./known-models.data.json" with { type: "json" };
import { modelCatalog } from "./model-catalog.js";

// Loaded only by import(), and only if GetFoundationModel doesn't respond.

/** The bundled catalog of foundation models. `scripts/refresh-catalog.ts` generates its data. */
export const { knownModel, asOf } = modelCatalog(data as unknown as ModelData);
