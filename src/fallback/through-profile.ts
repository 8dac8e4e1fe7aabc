import { type AlternativeLookups, findProfilesOf, isGlobal } from "../resolve/alternatives.js";
import { type ModelLookup, onDemandAvailability } from "../resolve/foundation-models.js";

/** The reads that it takes to find a bare model's profile. */
export interface BareModelPorts extends Pick<AlternativeLookups, "resolveProfile"> {
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  catalog(): Promise<AlternativeLookups["catalog"]>;
}

/** What the application asked for; see the option `resolve.bareModels`. */
export type BareModels = "geographic" | "global" | Readonly<Record<string, string>>;

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
): Promise<string | undefined> {
  const { model } = await ports.resolveModel(modelId, sourceRegion, signal);
  if (model === undefined || onDemandAvailability(model, Date.now()) !== "profile-only") return undefined;
  if (typeof route === "object") return route[modelId];
  const lookups: AlternativeLookups = {
    catalog: await ports.catalog(),
    resolveProfile: (...args) => ports.resolveProfile(...args),
  };
  const wantsGlobal = route === "global";
  const isWanted = (profileId: string) => profileId.startsWith("global.") === wantsGlobal;
  const { profiles } = await findProfilesOf(modelId, sourceRegion, lookups, signal, isWanted);
  return profiles.find(({ profile }) => isGlobal(profile) === wantsGlobal)?.profile.id;
}
