import type { AlternativeProfile, ListedProfiles } from "../../diagnosis.js";
import { catalogOf } from "./catalog-text.js";
import { list } from "./phrases.js";

/** Returns the source that shows that a profile exists: `GetInferenceProfile`, or `catalog of 2026-10-07`. */
export const sourceText = ({ via, asOf }: Pick<AlternativeProfile, "via" | "asOf">): string =>
  via === "api" ? "GetInferenceProfile" : catalogOf(asOf);

/** Returns `us.M and global.M (catalog of 2026-10-07)`. If the sources differ, each ID has its own. */
export function alternativesText(alternatives: readonly AlternativeProfile[]): string {
  return sourced(alternatives.map((alternative) => [alternative.profileId, sourceText(alternative)]));
}

/** Returns the same for the profiles of a finding. */
export function listedText({ profileIds, confirmedIds = [], asOf }: ListedProfiles): string {
  const catalog = catalogOf(asOf);
  return sourced(profileIds.map((id) => [id, confirmedIds.includes(id) ? "GetInferenceProfile" : catalog]));
}

function sourced(items: readonly (readonly [id: string, source: string])[]): string {
  const sources = new Set(items.map(([, source]) => source));
  const ids = items.map(([id]) => id);
  if (sources.size === 1) return `${list(ids)} (${[...sources][0]})`;
  return list(items.map(([id, source]) => `${id} (${source})`));
}
