import type { CatalogData } from "../../src/resolve/catalog-format.js";
import { profileCatalog } from "../../src/resolve/profile-catalog.js";
import { destinationRegions } from "../../src/resolve/profile-source.js";
import type { ChangedDestination, MergeResult } from "./merge.js";

/** A reason not to replace the current catalog. */
export interface Violation {
  guard: "empty-routes" | "changed-destination" | "lost-profiles";
  /** One sentence, with the profile IDs. */
  message: string;
}

/** A larger share of lost profiles means that a source was read incompletely. */
const LARGEST_LOSS = 0.1;

/**
 * Checks a new catalog against the one that it replaces.
 *
 * @param merged what merging the observations showed
 * @param previous the catalog that it replaces, if there is one
 */
export function violationsOf(
  next: CatalogData,
  { changed, empty }: Pick<MergeResult, "changed" | "empty">,
  previous: CatalogData | undefined,
): Violation[] {
  const before = previous === undefined ? [] : changesBetween(previous, next);
  const unique = new Map(
    [...changed, ...before].map((change) => [`${change.profileId} ${change.sourceRegion}`, change]),
  );
  return [
    ...emptyRoutes(empty),
    ...[...unique.values()].map(changedDestination),
    ...(previous === undefined ? [] : lostProfiles(previous, next)),
  ];
}

function emptyRoutes(ids: readonly string[]): Violation[] {
  if (ids.length === 0) return [];
  const message = `No source lists a source Region and its destination Regions for ${ids.join(", ")}.`;
  return [{ guard: "empty-routes", message }];
}

function changedDestination({ profileId, sourceRegion, before, after }: ChangedDestination): Violation {
  const message = `The destination Regions of ${profileId} from ${sourceRegion} changed from "${before}" to "${after}". Destinations of a geographic profile don't change, so one of the sources is wrong.`;
  return { guard: "changed-destination", message };
}

function changesBetween(previous: CatalogData, next: CatalogData): ChangedDestination[] {
  const [old, current] = [profileCatalog(previous.profiles), profileCatalog(next.profiles)];
  const destinations = (catalog: typeof old, profileId: string, region: string) => {
    const known = catalog.knownProfile(profileId, region);
    return known === undefined ? undefined : destinationRegions(known.profile).sort().join(" ");
  };
  return Object.keys(previous.profiles.profiles).flatMap((profileId) =>
    old.knownSourceRegions(profileId).flatMap((sourceRegion) => {
      const before = destinations(old, profileId, sourceRegion);
      const after = destinations(current, profileId, sourceRegion);
      if (before === undefined || after === undefined || before === after) return [];
      return [{ profileId, sourceRegion, before, after }];
    }),
  );
}

/** A profile is lost if it is absent, or no longer listed by any source Region. */
function lostProfiles(previous: CatalogData, next: CatalogData): Violation[] {
  const idsIn = ({ profiles: { profiles } }: CatalogData) =>
    Object.entries(profiles).flatMap(([id, [, , retired]]) => (retired === 1 ? [] : [id]));
  const kept = new Set(idsIn(next));
  const ids = idsIn(previous);
  const lost = ids.filter((id) => !kept.has(id));
  if (lost.length <= ids.length * LARGEST_LOSS) return [];
  const message = `${lost.length} of ${ids.length} profiles would be lost: ${lost.join(", ")}. Read the source again, or use an account with access to these models.`;
  return [{ guard: "lost-profiles", message }];
}
