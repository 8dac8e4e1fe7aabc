import { buildArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import { defined } from "../defined.js";
import { ANYWHERE, type ProfileData } from "./catalog-format.js";
import { destinationRegions, type InferenceProfile, type ProfileModel } from "./profile-source.js";

/** A system-defined inference profile as a catalog describes it, from one source Region. */
export interface KnownProfile {
  profile: InferenceProfile;
  /** The date of the source for this source Region: `2026-10-07`, or a month if the day is unknown. */
  asOf: string;
  /** The kind of source: `scan` of an account, `model-card`, or `documentation`. */
  source: string;
  /** True if newer sources no longer list the profile. */
  likelyRetired: boolean;
}

/** The profiles of one catalog. All functions are pure. */
export interface ProfileCatalog {
  /** The date of the newest source. */
  readonly asOf: string;
  /**
   * Returns a profile as called from one source Region, or undefined if the catalog doesn't list it from there. The
   * destinations of a geographic profile never change (Amazon Bedrock User Guide, "Supported Regions and models for
   * inference profiles"), so an old row is still correct. A row that is missing may be new.
   */
  knownProfile(profileId: string, sourceRegion: string): KnownProfile | undefined;
  /** Returns the profiles of a model that can be called from a source Region, the narrowest first and global last. */
  knownProfilesOf(modelId: string, sourceRegion: string): KnownProfile[];
  /** Returns every profile that can be called from a source Region. */
  knownProfilesFrom(sourceRegion: string): KnownProfile[];
  /** Returns the source Regions of a profile, or an empty list if the catalog doesn't contain the profile. */
  knownSourceRegions(profileId: string): string[];
  /** Returns the prefixes of profiles that can be called from a source Region: `us`, `global`. */
  knownGeographies(sourceRegion: string): string[];
  /**
   * Returns the profile IDs that may exist for a model in a source Region, starting with the narrowest geography and
   * ending with global. Includes the profiles that the catalog lists, and `<geography>.<modelId>` for each geography of
   * that Region. A caller must check each ID with GetInferenceProfile.
   */
  candidateProfileIds(modelId: string, sourceRegion: string): string[];
  /** Returns true if a profile of the catalog routes to the model, from any source Region. */
  containsModel(modelId: string): boolean;
  /** Returns the model IDs that an invalid ID may stand for, such as one with a wrong prefix or version suffix. */
  similarModelIds(id: string): string[];
}

/** `[source, source Regions, destination Regions]`, as indexes. */
type RouteRow = readonly [source: number, from: number, to: number];
type ProfileRow = readonly [routes: number, name?: string, retired?: number];

/** The part after the prefix is the model ID in every profile of a catalog. */
const modelOf = (profileId: string) => profileId.slice(profileId.indexOf(".") + 1);
const geographyOfProfile = (profileId: string) => profileId.slice(0, profileId.indexOf("."));

/** Makes a catalog searchable. */
export function profileCatalog(data: ProfileData): ProfileCatalog {
  const rows = new Map(Object.entries(data.profiles as unknown as Record<string, ProfileRow>));
  const regionsIn = (set: number) => data.regionSets[set]?.split(" ") ?? [];
  const routesOf = (profileId: string) => {
    const row = rows.get(profileId);
    return (row === undefined ? [] : (data.routes[row[0]] ?? [])) as readonly RouteRow[];
  };
  const routeFrom = (profileId: string, sourceRegion: string) =>
    routesOf(profileId).find(([, from]) => regionsIn(from).includes(sourceRegion));

  const knownProfile = (profileId: string, sourceRegion: string): KnownProfile | undefined => {
    const route = routeFrom(profileId, sourceRegion);
    if (route === undefined) return undefined;
    const [, name, retired] = rows.get(profileId) ?? [];
    const [asOf = "", source = ""] = data.sources[route[0]] ?? [];
    const to = data.regionSets[route[2]] === ANYWHERE ? [UNSPECIFIED_REGION, sourceRegion] : regionsIn(route[2]);
    const partition = partitionOfRegion(sourceRegion);
    const models = to.map((region) => profileModel(modelOf(profileId), region, partition));
    const id = profileId;
    const profile: InferenceProfile = {
      id,
      ...defined({ name: name || undefined }),
      type: "SYSTEM_DEFINED",
      sourceRegion,
      models,
    };
    return { profile, asOf, source, likelyRetired: retired === 1 };
  };
  const idsByModel = new Map<string, string[]>();
  for (const id of rows.keys()) idsByModel.set(modelOf(id), [...(idsByModel.get(modelOf(id)) ?? []), id]);
  const knownProfilesOf = (modelId: string, sourceRegion: string) =>
    (idsByModel.get(modelId) ?? [])
      .flatMap((id) => knownProfile(id, sourceRegion) ?? [])
      .sort((a, b) => compareNumbers(profileBreadth(a.profile), profileBreadth(b.profile)));

  const knownProfilesFrom = (sourceRegion: string) =>
    [...rows.keys()].flatMap((id) => knownProfile(id, sourceRegion) ?? []);

  // Cached, because each call by model ID alone may need this.
  const geographies = new Map<string, ReadonlyMap<string, number>>();
  const geographiesFrom = (sourceRegion: string): ReadonlyMap<string, number> => {
    const remembered = geographies.get(sourceRegion);
    if (remembered) return remembered;
    const breadths = new Map<string, number>();
    for (const id of rows.keys()) {
      const known = knownProfile(id, sourceRegion);
      if (known === undefined) continue;
      const geography = geographyOfProfile(id);
      const breadth = breadths.get(geography) ?? Number.POSITIVE_INFINITY;
      breadths.set(geography, Math.min(breadth, profileBreadth(known.profile)));
    }
    geographies.set(sourceRegion, breadths);
    return breadths;
  };

  return {
    asOf: data.asOf,
    knownProfile,
    knownProfilesOf,
    knownProfilesFrom,
    knownSourceRegions: (profileId) => [...new Set(routesOf(profileId).flatMap(([, from]) => regionsIn(from)))],
    knownGeographies: (sourceRegion) => [...geographiesFrom(sourceRegion).keys()],
    candidateProfileIds: (modelId, sourceRegion) => {
      const breadths = new Map(
        [...geographiesFrom(sourceRegion)].map(([geography, breadth]) => [`${geography}.${modelId}`, breadth]),
      );
      // A listed profile is ranked by its own destinations, and any other by the narrowest profile of its geography.
      for (const { profile } of knownProfilesOf(modelId, sourceRegion))
        breadths.set(profile.id, profileBreadth(profile));
      return [...breadths].sort(([, a], [, b]) => compareNumbers(a, b)).map(([id]) => id);
    },
    containsModel: (modelId) => idsByModel.has(modelId),
    similarModelIds: (id) => similarIds(id, [...idsByModel.keys()]),
  };
}

/** Returns how many Regions may process a request. Global routing is broader than every geography. */
const profileBreadth = (profile: InferenceProfile) => {
  const regions = destinationRegions(profile);
  return regions.includes(UNSPECIFIED_REGION) ? Number.POSITIVE_INFINITY : regions.length;
};

/** Subtracting two infinities gives NaN, so equal values are compared first. */
const compareNumbers = (a: number, b: number) => (a === b ? 0 : a - b);

/** The maximum length of a model ID (Amazon Bedrock API Reference, "FoundationModelDetails", `modelId`). */
const LONGEST_ID = 140;

function similarIds(id: string, modelIds: readonly string[]): string[] {
  if (id.length > LONGEST_ID) return [];
  const lowered = id.toLowerCase();
  const endsWith = (text: string, end: string) =>
    text.endsWith(end) && !/[a-z0-9]/.test(text.charAt(text.length - end.length - 1));
  const exact = modelIds.filter((modelId) => endsWith(lowered, modelId));
  if (exact.length > 0) return exact;
  const name = modelNameOf(lowered);
  const withoutProvider = (modelId: string) => name !== "" && modelNameOf(modelId).endsWith(`.${name}`);
  return modelIds.filter((modelId) => endsWith(name, modelNameOf(modelId)) || withoutProvider(modelId));
}

/** Returns a model ID without its version and date, which are the parts that are most often wrong. */
const modelNameOf = (modelId: string) => modelId.replace(/(?:-v\d{1,3})?(?::\d{1,3})?$/, "").replace(/-\d{8}$/, "");

function profileModel(modelId: string, region: string, partition: string): ProfileModel {
  const inArn = region === UNSPECIFIED_REGION ? "" : region;
  const resource = `foundation-model/${modelId}`;
  return { arn: buildArn({ partition, service: "bedrock", region: inArn, accountId: "", resource }), modelId, region };
}
