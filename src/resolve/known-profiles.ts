import { buildArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import data from "./known-profiles.data.json" with { type: "json" };
import type { InferenceProfile, ProfileModel } from "./profile-source.js";

/** A system-defined profile as the bundled catalog knows it. */
export interface KnownProfile {
  profile: InferenceProfile;
  /** The date of the knowledge: `2026-08-21`, or a month where no day is known. */
  asOf: string;
  /** Where it is known from: a scan of the API, AWS's documentation, a model card. */
  source: string;
  /** True where newer sources no longer have the profile. */
  likelyRetired: boolean;
}

/** Date, source, name, destinations by source Regions, and a mark for a profile that is probably gone. */
type Row = [asOf: string, source: string, name: string, routes: Record<string, string>, retired?: string];

const ROWS = data.profiles as unknown as Record<string, Row>;
const DESTINATIONS = data.destinations.map((regions) => regions.split(" "));

/** In the data, the destinations of global profiles: anywhere, and the source Region. */
const ANYWHERE = "*";

/**
 * What the catalog knows of a profile, seen from one source Region; undefined where it does not know the profile, or not
 * from there. Destinations of a geographic profile never change (Amazon Bedrock User Guide, "Supported Regions and models
 * for inference profiles"), so what it knows stays true; what it does not know may be new.
 */
export function knownProfile(profileId: string, sourceRegion: string): KnownProfile | undefined {
  const row = Object.hasOwn(ROWS, profileId) ? ROWS[profileId] : undefined;
  const route = row && Object.entries(row[3]).find(([, sources]) => sources.split(" ").includes(sourceRegion))?.[0];
  if (row === undefined || route === undefined) return undefined;
  const [asOf, source, name, , retired] = row;
  const modelId = profileId.slice(profileId.indexOf(".") + 1);
  const regions = route === ANYWHERE ? [UNSPECIFIED_REGION, sourceRegion] : (DESTINATIONS[Number(route)] ?? []);
  const models = regions.map((region) => model(modelId, region, partitionOfRegion(sourceRegion)));
  const profile: InferenceProfile = { id: profileId, name, type: "SYSTEM_DEFINED", sourceRegion, models };
  return { profile, asOf, source, likelyRetired: retired !== undefined };
}

/** The profiles through which a bare model can be called from a source Region: geographic ones first, then global. */
export function knownProfilesOf(modelId: string, sourceRegion: string): KnownProfile[] {
  const ids = Object.keys(ROWS).filter((id) => id.slice(id.indexOf(".") + 1) === modelId);
  const known = ids.map((id) => knownProfile(id, sourceRegion)).filter((found) => found !== undefined);
  const global = (found: KnownProfile) => Number(found.profile.id.startsWith("global."));
  return known.sort((a, b) => global(a) - global(b));
}

/** The source Regions from which the catalog knows a profile; empty where it does not know the profile at all. */
export function knownSourceRegions(profileId: string): string[] {
  const row = Object.hasOwn(ROWS, profileId) ? ROWS[profileId] : undefined;
  return row === undefined ? [] : Object.values(row[3]).flatMap((sources) => sources.split(" "));
}

function model(modelId: string, region: string, partition: string): ProfileModel {
  const inArn = region === UNSPECIFIED_REGION ? "" : region;
  const resource = `foundation-model/${modelId}`;
  return { arn: buildArn({ partition, service: "bedrock", region: inArn, accountId: "", resource }), modelId, region };
}
