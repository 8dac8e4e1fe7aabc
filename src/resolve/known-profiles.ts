import { buildArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import data from "./known-profiles.data.json" with { type: "json" };
import type { InferenceProfile, ProfileModel } from "./profile-source.js";

// Loaded by import() only, with the first refusal that needs it.

/** A system-defined profile as the bundled catalog knows it. */
export interface KnownProfile {
  profile: InferenceProfile;
  /** The date of the knowledge: `2026-08-21`, or a month where no day is known. */
  asOf: string;
  /** Where it is known from: `scan` of the API, `documentation` (AWS's table), `model-card`. */
  source: string;
  /** True where newer sources no longer have the profile. */
  likelyRetired: boolean;
}

/** Indexes of the profile's source and routes, its name, and a mark where it is probably gone. */
type Row = [source: number, routes: number, name: string, retired?: number];
/** Source Regions by the index of the destinations that they route to, or by {@link ANYWHERE}. */
type Routes = Readonly<Record<string, string>>;

const ROWS: ReadonlyMap<string, Row> = new Map(Object.entries(data.profiles as unknown as Record<string, Row>));
const ROUTES: readonly Routes[] = data.routes;
const DESTINATIONS: readonly string[] = data.destinations;

/** In the data, the destinations of global profiles: anywhere, and the source Region. */
const ANYWHERE = "*";

/**
 * What the catalog knows of a profile, seen from one source Region; undefined where it does not know the profile, or not
 * from there. Destinations of a geographic profile never change (Amazon Bedrock User Guide, "Supported Regions and models
 * for inference profiles"), so what it knows stays true; what it does not know may be new.
 */
export function knownProfile(profileId: string, sourceRegion: string): KnownProfile | undefined {
  const row = ROWS.get(profileId);
  if (row === undefined) return undefined;
  const [source, routes, name, retired] = row;
  const regions = destinationsFrom(sourceRegion, ROUTES[routes] ?? {});
  if (regions === undefined) return undefined;
  const partition = partitionOfRegion(sourceRegion);
  const models = regions.map((region) => model(modelOf(profileId), region, partition));
  const profile: InferenceProfile = { id: profileId, name, type: "SYSTEM_DEFINED", sourceRegion, models };
  const [asOf = "", kind = ""] = data.sources[source] ?? [];
  return { profile, asOf, source: kind, likelyRetired: retired === 1 };
}

/** The profiles through which a bare model can be called from a source Region: geographic ones first, then global. */
export function knownProfilesOf(modelId: string, sourceRegion: string): KnownProfile[] {
  const ids = [...ROWS.keys()].filter((id) => modelOf(id) === modelId);
  const known = ids.map((id) => knownProfile(id, sourceRegion)).filter((found) => found !== undefined);
  const global = ({ profile }: KnownProfile) =>
    Number(profile.models.some(({ region }) => region === UNSPECIFIED_REGION));
  return known.sort((a, b) => global(a) - global(b));
}

/** Every profile that the catalog has for a source Region. */
export function knownProfilesFrom(sourceRegion: string): KnownProfile[] {
  return [...ROWS.keys()].map((id) => knownProfile(id, sourceRegion)).filter((known) => known !== undefined);
}

/** The source Regions from which the catalog knows a profile; empty where it knows none. */
export function knownSourceRegions(profileId: string): string[] {
  const row = ROWS.get(profileId);
  return row === undefined ? [] : Object.values(ROUTES[row[1]] ?? {}).flatMap((sources) => sources.split(" "));
}

/** The prefixes of profiles that can be called from a source Region: `us`, `global`. */
export function knownGeographies(sourceRegion: string): string[] {
  const offered = [...ROWS].filter(([, row]) => destinationsFrom(sourceRegion, ROUTES[row[1]] ?? {}) !== undefined);
  return [...new Set(offered.map(([id]) => id.slice(0, id.indexOf("."))))];
}

/** True of every profile in the data: what follows the prefix is the model's id. */
const modelOf = (profileId: string) => profileId.slice(profileId.indexOf(".") + 1);

function destinationsFrom(sourceRegion: string, routes: Routes): string[] | undefined {
  const route = Object.entries(routes).find(([, sources]) => sources.split(" ").includes(sourceRegion));
  if (route === undefined) return undefined;
  return route[0] === ANYWHERE ? [UNSPECIFIED_REGION, sourceRegion] : DESTINATIONS[Number(route[0])]?.split(" ");
}

function model(modelId: string, region: string, partition: string): ProfileModel {
  const inArn = region === UNSPECIFIED_REGION ? "" : region;
  const resource = `foundation-model/${modelId}`;
  return { arn: buildArn({ partition, service: "bedrock", region: inArn, accountId: "", resource }), modelId, region };
}
