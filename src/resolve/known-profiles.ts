import type { ProfileData } from "./catalog-format.js";
import data from "./known-profiles.data.json" with { type: "json" };
import { profileCatalog } from "./profile-catalog.js";

// Loaded only by import(), with the first denial that needs it.

export type { KnownProfile } from "./profile-catalog.js";

/** The bundled catalog of inference profiles. `scripts/refresh-catalog.ts` generates its data. */
export const {
  asOf,
  knownProfile,
  knownProfilesFrom,
  knownProfilesOf,
  knownSourceRegions,
  knownGeographies,
  candidateProfileIds,
  containsModel,
  similarModelIds,
} = profileCatalog(data as unknown as ProfileData);
