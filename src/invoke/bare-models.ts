import { UNSPECIFIED_REGION } from "../arn.js";
import { type ModelLookup, onDemandAvailability } from "../resolve/foundation-models.js";
import type { KnownProfile } from "../resolve/known-profiles.js";
import { type ModelReference, parseModelId } from "../resolve/model-id.js";
import { destinationRegions, type InferenceProfile } from "../resolve/profile-source.js";
import type { ProfileLookup } from "../resolve/resolve.js";

/** The reads that it takes to find a bare model's profile. */
export interface BareModelPorts {
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  resolveProfile(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup>;
  catalog(): Promise<{
    knownProfilesOf(modelId: string, sourceRegion: string): KnownProfile[];
    knownGeographies(sourceRegion: string): string[];
  }>;
}

/** What the application asked for; see the option `resolve.bareModels`. */
export type BareModels = "geographic" | "global" | Readonly<Record<string, string>>;

/**
 * The inference profile that a bare model id is to be called through from a source Region; undefined where it can be
 * called as it is, where nobody can tell, and where there is no such profile.
 */
export async function profileOfBareModel(
  modelId: string,
  sourceRegion: string,
  route: BareModels,
  ports: BareModelPorts,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { model } = await ports.resolveModel(modelId, sourceRegion, signal);
  if (model === undefined || onDemandAvailability(model, Date.now()) !== "profile-only") return undefined;
  if (typeof route === "object") return route[modelId];
  const ids = await profileIds(modelId, sourceRegion, route, ports);
  const lookups = await Promise.all(ids.map((id) => ports.resolveProfile(parseModelId(id), sourceRegion, signal)));
  const profiles = lookups.flatMap(({ profile }) => (profile ? [profile] : []));
  return profiles
    .filter((profile) => isOf(modelId, profile) && isGlobal(profile) === (route === "global"))
    .sort((a, b) => destinationRegions(a).length - destinationRegions(b).length)[0]?.id;
}

/** Those of the catalog that are not retired, and, for models newer than it, what they would be called by the Region's prefixes. */
async function profileIds(
  modelId: string,
  sourceRegion: string,
  route: string,
  ports: BareModelPorts,
): Promise<string[]> {
  const catalog = await ports.catalog();
  const known = catalog.knownProfilesOf(modelId, sourceRegion);
  if (known.length === 0) return catalog.knownGeographies(sourceRegion).map((geography) => `${geography}.${modelId}`);
  return known
    .filter(({ profile, likelyRetired }) => !likelyRetired && isGlobal(profile) === (route === "global"))
    .map(({ profile }) => profile.id);
}

const isOf = (modelId: string, { models }: InferenceProfile) => models.every((model) => model.modelId === modelId);
const isGlobal = (profile: InferenceProfile) => destinationRegions(profile).includes(UNSPECIFIED_REGION);
