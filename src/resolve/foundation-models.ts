import { defined } from "../defined.js";
import type { Sharing } from "./cache.js";
import { type LookupFailure, MalformedAnswer } from "./lookup-failure.js";
import { Resolver, type ResolverLimits } from "./resolver.js";

/** A foundation model as one Region offers it (Amazon Bedrock API Reference, "FoundationModelDetails"). */
export interface FoundationModel {
  id: string;
  region: string;
  /** `ON_DEMAND`, `PROVISIONED`, `INFERENCE_PROFILE`, and any value that the service adds later. */
  inferenceTypes: string[];
  /** `ACTIVE`, `LEGACY`, and any value that the service adds later. */
  lifecycle?: string;
  /** The end-of-life date of the model: ISO 8601. */
  endOfLife?: string;
}

/** The port that looks up one model in one Region. Rejects with the service's error. */
export interface FoundationModelSource {
  lookUpModel(modelId: string, region: string, signal: AbortSignal): Promise<FoundationModel>;
}

/** A foundation model and its source, or the reason why the lookup failed. */
export interface ModelLookup {
  via: "api" | "bundled-catalog" | "none";
  model?: FoundationModel;
  /**
   * When the API responded (ISO 8601), or the date of the catalog. It's also present if the catalog doesn't contain the
   * model.
   */
  asOf?: string;
  failure?: LookupFailure;
}

/** The part of the bundled catalog that a lookup falls back to. */
export interface KnownModels {
  knownModel(modelId: string, region: string): { model: FoundationModel; asOf: string } | undefined;
  /** The catalog's date. */
  asOf?: string;
}

export interface ModelResolverOptions extends ResolverLimits {
  source: FoundationModelSource;
  /** Loads the bundled catalog. Called only if the API doesn't respond. */
  catalog: () => Promise<KnownModels>;
}

/** Looks up foundation models with GetFoundationModel, and in the catalog. */
export class ModelResolver {
  readonly #options: ModelResolverOptions;
  readonly #resolver: Resolver<FoundationModel>;

  constructor(options: ModelResolverOptions) {
    this.#options = options;
    this.#resolver = new Resolver(options);
  }

  /** Returns the model in one Region. Never rejects. If the lookup fails, the result contains the reason. */
  async resolve(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup> {
    const { source, catalog } = this.#options;
    const wanted = {
      key: `${region} ${modelId}`,
      lookUp: async (flight: AbortSignal) => usableModel(await source.lookUpModel(modelId, region, flight), modelId),
      sharing: sharingOf(modelId, region),
      inCatalog: async () => {
        const { knownModel, asOf } = await catalog();
        const known = knownModel(modelId, region);
        return { value: known?.model, asOf: known?.asOf ?? asOf };
      },
    };
    const { value, cached: _, ...lookup } = await this.#resolver.resolve(wanted, signal);
    return { ...lookup, ...defined({ model: value }) };
  }

  /** Ends all lookups in progress and clears the cache. */
  destroy(): void {
    this.#resolver.clear();
  }
}

/** A model is offered to every account in the same way. */
const sharingOf = (modelId: string, region: string): Sharing<FoundationModel> => ({
  key: `model:${region}:${modelId}`,
  revive: (stored) => {
    const model = usableModel(stored as FoundationModel, modelId);
    return model.region === region ? model : undefined;
  },
});

function usableModel(answer: FoundationModel | undefined, modelId: string): FoundationModel {
  if (answer?.id === modelId && Array.isArray(answer.inferenceTypes)) return answer;
  throw new MalformedAnswer("The response isn't about the requested foundation model.");
}
