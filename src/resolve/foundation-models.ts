import { LookupCache } from "./cache.js";
import { failureOf, type LookupFailure, MalformedAnswer } from "./lookup-failure.js";
import type { SharedStore } from "./shared-store.js";

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

export interface ModelResolverOptions {
  source: FoundationModelSource;
  /** Loads the bundled catalog. Called only if the API doesn't respond. */
  catalog: () => Promise<KnownModels>;
  /** How long an answer is cached, in milliseconds. */
  cacheTtlMs: number;
  /** The time limit of one lookup, in milliseconds. */
  timeoutMs: number;
  /** The store that shares models with other processes. @default no store */
  store?: SharedStore | undefined;
}

/**
 * Looks up foundation models with GetFoundationModel. If that request is denied, slow, or can't reach the service, uses
 * the bundled catalog.
 */
export class ModelResolver {
  readonly #options: ModelResolverOptions;
  readonly #cache: LookupCache<FoundationModel, Omit<LookupFailure, "at">>;

  constructor(options: ModelResolverOptions) {
    this.#options = options;
    const { cacheTtlMs: ttlMs, timeoutMs, store } = options;
    this.#cache = new LookupCache({
      ttlMs,
      timeoutMs,
      store,
      failureTtlMs: 30_000,
      maxEntries: 1_000,
      now: Date.now,
      describe: failureOf,
    });
  }

  /** Returns the model in one Region. Never rejects. If the lookup fails, the result contains the reason. */
  async resolve(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup> {
    const lookUp = async (flight: AbortSignal) =>
      usable(await this.#options.source.lookUpModel(modelId, region, flight), modelId);
    const sharing = {
      key: `model:${region}:${modelId}`,
      revive: (stored: unknown) => {
        const model = usable(stored as FoundationModel, modelId);
        return model.region === region ? model : undefined;
      },
    };
    const answer = await this.#cache.get(`${region} ${modelId}`, lookUp, signal, sharing).catch(() => undefined);
    const at = new Date(answer?.at ?? Date.now()).toISOString();
    if (answer !== undefined && "value" in answer) return { via: "api", model: answer.value, asOf: at };
    const failure: LookupFailure = { ...(answer?.failure ?? { reason: "timeout" }), at };
    // If the service returns that the model doesn't exist, an older catalog doesn't override that.
    if (failure.reason === "not-found") return { via: "none", failure };
    const { known, asOf: catalogDate } = await this.#known(modelId, region);
    if (known) return { via: "bundled-catalog", ...known, failure };
    return { via: "none", ...(catalogDate ? { asOf: catalogDate } : {}), failure };
  }

  /** Ends all lookups in progress and clears the cache. */
  destroy(): void {
    this.#cache.clear();
  }

  async #known(modelId: string, region: string) {
    try {
      const catalog = await this.#options.catalog();
      return { known: catalog.knownModel(modelId, region), asOf: catalog.asOf };
    } catch {
      return {}; // If the catalog can't be loaded, as in a bundle without it, it's treated as empty.
    }
  }
}

function usable(answer: FoundationModel | undefined, modelId: string): FoundationModel {
  if (answer?.id === modelId && Array.isArray(answer.inferenceTypes)) return answer;
  throw new MalformedAnswer("The response isn't the requested foundation model.");
}

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
