import type { ProfileData } from "./catalog-format.js";
import data from "./known-profiles.data.json" with { type: "json" };
import { parseModelId } from "./model-id.js";
import { type ProfileCatalog, profileCatalog } from "./profile-catalog.js";
import type { InferenceProfile } from "./profile-source.js";

/** An inference profile of the bundled catalog. Accepted as the `profile` of `authorizationLegs`. */
export interface CatalogProfile extends InferenceProfile {
  /** The date of the source: `2026-10-07`, or a month if the day is unknown. A newer profile may be missing. */
  asOf: string;
  /** True if newer sources no longer list the profile. */
  likelyRetired: boolean;
}

let catalog: ProfileCatalog | undefined;

/**
 * Returns a system-defined inference profile as the bundled catalog lists it from a source Region, without a call to
 * AWS. To look it up, use `resolveInferenceProfile`.
 *
 * @param modelId the ID or ARN of a system-defined inference profile
 * @param sourceRegion the Region of the client. From another Region, the same ID has other destination Regions
 * @returns undefined if the catalog doesn't list it from there, which doesn't mean that it doesn't exist
 * @throws TypeError that identifies the argument, its value, and the allowed values
 */
export function inferenceProfile(modelId: string, sourceRegion: string): CatalogProfile | undefined {
  filled("modelId", modelId, 'the ID or ARN of an inference profile, such as "us.amazon.nova-pro-v1:0"');
  filled("sourceRegion", sourceRegion, 'the Region of the client, such as "us-east-1"');
  const reference = parseModelId(modelId);
  if (reference.kind !== "inference-profile") return undefined;
  // Reading the data takes longer than importing this module, so it's done on the first call.
  catalog ??= profileCatalog(data as unknown as ProfileData);
  const known = catalog.knownProfile(reference.profileId, sourceRegion);
  if (known === undefined) return undefined;
  return { ...known.profile, asOf: known.asOf, likelyRetired: known.likelyRetired };
}

function filled(name: string, value: unknown, allowed: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new TypeError(
    `${name} must be ${allowed}; it is ${typeof value === "string" ? '""' : `${value && typeof value}`}.`,
  );
}
