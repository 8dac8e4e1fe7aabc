import { type AlternativeLookups, findProfilesOf, isGlobal } from "../resolve/alternatives.js";
import { type ModelLookup, onDemandAvailability } from "../resolve/foundation-models.js";

/** The reads that it takes to find a bare model's profile. */
export interface BareModelPorts extends Pick<AlternativeLookups, "resolveProfile"> {
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  catalog(): Promise<AlternativeLookups["catalog"]>;
}

/** What the application asked for; see the option `resolve.bareModels`. */
export type BareModels = "geographic" | "global" | Readonly<Record<string, string>>;

/** An inference profile, and the date of the catalog if the catalog is what shows that it has to be called. */
export interface ProfileOfModel {
  profileId: string;
  catalogDate?: string;
}

/**
 * Returns the inference profile to call for a bare model ID in a source Region. Returns undefined if the model can be
 * called as it is, if no source can determine that, and if there is no such profile.
 */
export async function profileOfBareModel(
  modelId: string,
  sourceRegion: string,
  route: BareModels,
  ports: BareModelPorts,
  signal: AbortSignal | undefined,
): Promise<ProfileOfModel | undefined> {
  const { model, via, asOf } = await ports.resolveModel(modelId, sourceRegion, signal);
  if (model === undefined || onDemandAvailability(model, Date.now()) !== "profile-only") return undefined;
  const date = via === "bundled-catalog" ? { catalogDate: asOf ?? "an unknown date" } : {};
  if (typeof route === "object") {
    const profileId = route[modelId];
    return profileId === undefined ? undefined : { profileId, ...date };
  }
  const lookups: AlternativeLookups = {
    catalog: await ports.catalog(),
    resolveProfile: (...args) => ports.resolveProfile(...args),
  };
  const wantsGlobal = route === "global";
  const isWanted = (profileId: string) => profileId.startsWith("global.") === wantsGlobal;
  const { profiles } = await findProfilesOf(modelId, sourceRegion, lookups, signal, isWanted);
  const found = profiles.find(({ profile }) => isGlobal(profile) === wantsGlobal);
  if (found === undefined) return undefined;
  const ofCatalog = found.via === "bundled-catalog" ? { catalogDate: found.asOf } : {};
  return { profileId: found.profile.id, ...ofCatalog, ...date };
}
