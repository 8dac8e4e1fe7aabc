import { LookupCache } from "./cache.js";
import { failureOf, type LookupFailure, MalformedAnswer } from "./lookup-failure.js";
import type { SharedStore } from "./shared-store.js";

/** A foundation model as one Region offers it (Amazon Bedrock API Reference, "FoundationModelDetails"). */
export interface FoundationModel {
  id: string;
  region: string;
  /** `ON_DEMAND`, `PROVISIONED`, `INFERENCE_PROFILE`, and what the service may say next. */
  inferenceTypes: string[];
  /** `ACTIVE`, `LEGACY`, and what the service may say next. */
  lifecycle?: string;
  /** When the model ends: ISO 8601. */
  endOfLife?: string;
}

/** The port through which one model is looked up in one Region. Rejects with the service's error. */
export interface FoundationModelSource {
  lookUpModel(modelId: string, region: string, signal: AbortSignal): Promise<FoundationModel>;
}

/** A foundation model and how we know it, or why we do not. */
export interface ModelLookup {
  via: "api" | "bundled-catalog" | "none";
  model?: FoundationModel;
  /** When the API answered (ISO 8601), or the date of the catalog, which may also not contain the model. */
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
  /** Loads the bundled catalog; called only where the API does not answer. */
  catalog: () => Promise<KnownModels>;
  /** How long an answer is kept, in milliseconds. */
  cacheTtlMs: number;
  /** How long one lookup may take, in milliseconds. */
  timeoutMs: number;
  /** Where models are shared with other processes. @default nowhere */
  store?: SharedStore | undefined;
}

/** Looks foundation models up: GetFoundationModel first, and where it is denied, slow or out of reach, the bundled catalog. */
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

  /** The model in one Region. Never rejects: what could not be found out is in the answer. */
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
    // "No such model here" is an answer of the service's own: an older list does not overrule it.
    if (failure.reason === "not-found") return { via: "none", failure };
    const { known, asOf: catalogDate } = await this.#known(modelId, region);
    if (known) return { via: "bundled-catalog", ...known, failure };
    return { via: "none", ...(catalogDate ? { asOf: catalogDate } : {}), failure };
  }

  /** Ends what is under way and forgets what was learned. */
  destroy(): void {
    this.#cache.clear();
  }

  async #known(modelId: string, region: string) {
    try {
      const catalog = await this.#options.catalog();
      return { known: catalog.knownModel(modelId, region), asOf: catalog.asOf };
    } catch {
      return {}; // A catalog that can't be loaded, as in a bundle without it, contains nothing.
    }
  }
}

function usable(answer: FoundationModel | undefined, modelId: string): FoundationModel {
  if (answer?.id === modelId && Array.isArray(answer.inferenceTypes)) return answer;
  throw new MalformedAnswer("The answer is no such foundation model.");
}

/** What calls a model by its bare id (Amazon Bedrock API Reference, "FoundationModelDetails", `inferenceTypesSupported`). */
const ON_DEMAND = "ON_DEMAND";

/** Whether a model can be called by its bare id in the Region it was looked up in; the reason where not. */
export function onDemandAvailability(
  { inferenceTypes, endOfLife }: FoundationModel,
  now: number,
): "available" | "profile-only" | "end-of-life" {
  if (endOfLife !== undefined && Date.parse(endOfLife) <= now) return "end-of-life";
  return inferenceTypes.includes(ON_DEMAND) ? "available" : "profile-only";
}
