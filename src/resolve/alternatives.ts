import { untilAborted } from "../abort.js";
import { UNSPECIFIED_REGION } from "../arn.js";
import { type ModelReference, parseModelId } from "./model-id.js";
import type { ProfileCatalog } from "./profile-catalog.js";
import { destinationRegions, type InferenceProfile } from "./profile-source.js";
import type { ProfileLookup } from "./resolve.js";

/** What is required to find the inference profiles of a model. */
export interface AlternativeLookups {
  catalog: Pick<ProfileCatalog, "candidateProfileIds" | "knownProfile">;
  resolveProfile(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup>;
}

/** A profile that exists, and the source of that information. */
export interface FoundProfile {
  profile: InferenceProfile;
  via: "api" | "bundled-catalog";
  /** When GetInferenceProfile responded (ISO 8601), or the date of the catalog's row. */
  asOf: string;
}

/** The inference profiles of a model in a source Region. */
export interface FoundProfiles {
  /** The profile with the fewest destination Regions first, and global profiles last. */
  profiles: FoundProfile[];
  /** False if a lookup didn't finish in time. */
  complete: boolean;
}

/**
 * Looks up each profile that may exist for a model in a source Region with GetInferenceProfile. If a lookup fails, the
 * profile is included only if the catalog lists it and doesn't mark it as retired. A failed lookup never rejects the
 * promise.
 *
 * @param signal ends the lookups. The catalog is then used for the remaining profiles
 * @param isWanted returns false for candidates that don't need to be looked up
 */
export async function findProfilesOf(
  modelId: string,
  sourceRegion: string,
  { catalog, resolveProfile }: AlternativeLookups,
  signal: AbortSignal | undefined,
  isWanted: (profileId: string) => boolean = () => true,
): Promise<FoundProfiles> {
  const lookUp = async (profileId: string): Promise<FoundProfile[] | "late"> => {
    const lookup = resolveProfile(parseModelId(profileId), sourceRegion, signal);
    const answer = await untilAborted(lookup, signal).catch(() => undefined);
    const { via, profile, asOf = "", failure } = answer ?? {};
    if (via === "api" && profile) return [{ via, profile, asOf }];
    // If the service returns that the profile doesn't exist, an older catalog doesn't override that.
    if (failure?.reason === "not-found") return [];
    const known = listed(profileId, sourceRegion, catalog);
    if (known.length > 0) return known;
    return failure?.reason === "timeout" || signal?.aborted ? "late" : [];
  };
  const ids = catalog.candidateProfileIds(modelId, sourceRegion).filter(isWanted);
  const found = await Promise.all(ids.map(lookUp));
  const profiles = found.flatMap((each) => (each === "late" ? [] : each));
  return { profiles: ofModel(profiles, modelId), complete: !found.includes("late") };
}

/** Returns the profiles that the catalog lists for a model in a source Region, without any lookup. */
export function listedProfilesOf(
  modelId: string,
  sourceRegion: string,
  catalog: AlternativeLookups["catalog"],
  isWanted: (profileId: string) => boolean = () => true,
): FoundProfile[] {
  const ids = catalog.candidateProfileIds(modelId, sourceRegion).filter(isWanted);
  return ofModel(
    ids.flatMap((id) => listed(id, sourceRegion, catalog)),
    modelId,
  );
}

/** Returns a profile that the catalog lists and doesn't mark as retired. */
function listed(profileId: string, sourceRegion: string, catalog: AlternativeLookups["catalog"]): FoundProfile[] {
  const known = catalog.knownProfile(profileId, sourceRegion);
  return known === undefined || known.likelyRetired
    ? []
    : [{ via: "bundled-catalog", profile: known.profile, asOf: known.asOf }];
}

/** Returns the profiles that route to this model only, the narrowest first. */
const ofModel = (profiles: FoundProfile[], modelId: string) =>
  profiles
    .filter(({ profile }) => profile.models.every((model) => model.modelId === modelId))
    .sort((a, b) => byBreadth(a.profile, b.profile));

/** Global routing is broader than any number of Regions. */
function byBreadth(a: InferenceProfile, b: InferenceProfile): number {
  const [global, other] = [isGlobal(a), isGlobal(b)];
  return Number(global) - Number(other) || destinationRegions(a).length - destinationRegions(b).length;
}

/** Returns true if a profile may process requests in any commercial Region. */
export const isGlobal = (profile: InferenceProfile): boolean =>
  destinationRegions(profile).includes(UNSPECIFIED_REGION);
