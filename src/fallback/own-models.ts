import { UNSPECIFIED_REGION } from "../arn.js";
import type { DeniedModel } from "../refusal/routing.js";
import type { ModelReference } from "../resolve/model-id.js";
import type { ProfileModel } from "../resolve/profile-source.js";
import type { ProfileLookup } from "../resolve/resolve.js";

/** The models that a call's inference profile routes to. */
export interface OwnModels {
  readonly modelIds: readonly string[];
  /** The models with their Regions. Absent if only the model is known. */
  readonly models?: readonly ProfileModel[];
}

/** The prefixes of system-defined profiles. An ID with another prefix may be a model's, with a dot in its name. */
const PROFILE_PREFIXES: ReadonlySet<string> = new Set(["us", "us-gov", "ca", "eu", "apac", "in", "jp", "au", "global"]);

/**
 * Returns the profile's own models, as looked up. If the lookup failed, a system-defined profile of a known geography
 * shows its model by its prefix (`us.M` routes to M). Undefined if neither shows them. A fallback then can't use the
 * profile's own models.
 */
export function ownModelsOf(reference: ModelReference, lookup: ProfileLookup | undefined): OwnModels | undefined {
  const { profile, failure } = lookup ?? {};
  if (profile) return { modelIds: profile.models.map(({ modelId }) => modelId), models: profile.models };
  const isByPrefix = reference.kind === "inference-profile" && PROFILE_PREFIXES.has(reference.geography);
  // If the profile doesn't exist, its prefix doesn't matter.
  if (!isByPrefix || failure?.reason === "not-found") return undefined;
  return { modelIds: [reference.modelId] };
}

/** Whether the profile routes to what was denied. Global routing may end in any Region. */
export function routesTo({ modelIds, models }: OwnModels, denied: DeniedModel): boolean {
  if (models === undefined) return modelIds.includes(denied.modelId);
  const regions = models.filter(({ modelId }) => modelId === denied.modelId).map(({ region }) => region);
  return regions.includes(denied.region) || regions.includes(UNSPECIFIED_REGION);
}
