import { type Observation, regionsIn } from "./observation.js";

/** A catalog before it is encoded. */
export interface MergedCatalog {
  /** The oldest first. */
  sources: { date: string; kind: string }[];
  profiles: Map<string, MergedProfile>;
  models: Map<string, Map<string, MergedModel>>;
}

/** A profile by source Region. */
export interface MergedProfile {
  name: string | undefined;
  routes: Map<string, MergedRoute>;
  /** True if newer scans of each of its source Regions don't list the profile. */
  isRetired: boolean;
}

interface MergedRoute {
  source: number;
  /** `*` for global profiles. */
  destinations: string;
}

/** A model in one Region. */
export interface MergedModel {
  source: number;
  lifecycle: string;
  isOnDemand: boolean;
}

/** A geographic profile whose destinations differ between two observations. */
export interface ChangedDestination {
  profileId: string;
  sourceRegion: string;
  before: string;
  after: string;
}

/** A merged catalog and what the guards check. */
export interface MergeResult {
  catalog: MergedCatalog;
  changed: ChangedDestination[];
  /** Profiles without a route. They aren't in the catalog, because no lookup would find them. */
  empty: string[];
}

/**
 * Merges observations, which must be sorted by date. For each profile and source Region, and for each model and Region, the
 * newest observation decides. A newer scan of a Region that doesn't list a profile or model ends it there.
 */
export function merge(observations: readonly Observation[]): MergeResult {
  const changed: ChangedDestination[] = [];
  const profiles = new Map<string, MergedProfile>();
  for (const [source, { profiles: observed }] of observations.entries()) {
    for (const [profileId, { name, routes }] of Object.entries(observed)) {
      const profile = profiles.get(profileId) ?? { name: undefined, routes: new Map(), isRetired: false };
      profile.name = name ?? profile.name;
      profiles.set(profileId, profile);
      for (const { from, to } of routes) {
        for (const sourceRegion of regionsIn(from)) {
          const before = profile.routes.get(sourceRegion)?.destinations;
          if (before !== undefined && before !== to) changed.push({ profileId, sourceRegion, before, after: to });
          profile.routes.set(sourceRegion, { source, destinations: to });
        }
      }
    }
  }
  const empty = [...profiles].filter(([, { routes }]) => routes.size === 0).map(([id]) => id);
  for (const id of empty) profiles.delete(id);
  for (const profile of profiles.values()) endRoutes(profile, observations);
  const models = mergeModels(observations, new Set([...profiles.keys()].map(modelOf)));
  return { catalog: { sources: observations.map(({ source }) => source), profiles, models }, changed, empty };
}

/** What follows the prefix of a profile ID. */
const modelOf = (profileId: string) => profileId.slice(profileId.indexOf(".") + 1);

/** True if a scan that is newer than a source read the Region completely. */
const isEnded = (observations: readonly Observation[], source: number, region: string) =>
  observations.some(({ source: newer }, at) => at > source && regionsIn(newer.regions ?? "").includes(region));

function endRoutes(profile: MergedProfile, observations: readonly Observation[]): void {
  const current = [...profile.routes].filter(([region, { source }]) => !isEnded(observations, source, region));
  profile.isRetired = current.length === 0;
  // The last routes of a retired profile still explain a denial in an account that has access to it.
  if (!profile.isRetired) profile.routes = new Map(current);
}

function mergeModels(observations: readonly Observation[], wanted: ReadonlySet<string>): MergedCatalog["models"] {
  const models: MergedCatalog["models"] = new Map();
  for (const [source, { models: observed }] of observations.entries()) {
    for (const [modelId, rows] of Object.entries(observed)) {
      if (!wanted.has(modelId)) continue;
      const regions = models.get(modelId) ?? new Map<string, MergedModel>();
      models.set(modelId, regions);
      for (const { lifecycle, onDemand, profileOnly } of rows) {
        for (const region of regionsIn(profileOnly)) regions.set(region, { source, lifecycle, isOnDemand: false });
        for (const region of regionsIn(onDemand)) regions.set(region, { source, lifecycle, isOnDemand: true });
      }
    }
  }
  for (const regions of models.values()) endModel(regions, observations);
  return models;
}

function endModel(regions: Map<string, MergedModel>, observations: readonly Observation[]): void {
  for (const [region, { source, lifecycle }] of [...regions]) {
    if (!isEnded(observations, source, region)) continue;
    // An ended model keeps a lifecycle such as LEGACY, because it explains why the model is gone.
    if (lifecycle === "ACTIVE") regions.delete(region);
    else regions.set(region, { source, lifecycle, isOnDemand: false });
  }
}
