import { actionOf } from "../authorization.js";
import type { Call, Layer } from "../call/call.js";
import { type AlternativeLookups, findProfilesOf, isGlobal } from "../resolve/alternatives.js";
import type { ModelLookup } from "../resolve/foundation-models.js";
import { onDemandAvailability } from "../resolve/model-availability.js";
import type { BareModels } from "../resolve/options.js";
import { Allowance } from "./allowance.js";
import type { FallbackReport } from "./report.js";

/** The lookups that find a bare model's profile. */
export interface ProfileLookups extends Pick<AlternativeLookups, "resolveProfile"> {
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  catalog(): Promise<AlternativeLookups["catalog"]>;
}

/** How a bare model's profile is found and reported. */
export interface ProfileRouting {
  route: BareModels;
  lookups: ProfileLookups;
  /** The time for the lookups, in milliseconds. */
  timeoutMs: number;
  /** Returns the text for a catalog of this date. */
  catalogOf(date: string): string;
}

/** An inference profile. If only the catalog shows that it is needed, also the catalog's date. */
export interface ProfileOfModel {
  profileId: string;
  catalogDate?: string;
}

/** If a bare model can only be called through an inference profile, sends it through one. */
export function throughProfile({ route, lookups, timeoutMs, catalogOf }: ProfileRouting): Layer {
  return (next) => async (call) => {
    const found = isBareModel(call) ? await profileWithin(timeoutMs, call, route, lookups) : undefined;
    if (found === undefined) return next(call);
    const { profileId, catalogDate } = found;
    const result = await next(call.withInput({ ...call.input, modelId: profileId }));
    // A fallback's report contains more, so it is kept.
    if ("error" in result || result.report) return result;
    const source = catalogDate === undefined ? "" : ` (${catalogOf(catalogDate)})`;
    return { output: result.output, report: reportOn(call, profileId, source) };
  };
}

function isBareModel({ operation, reference }: Call): boolean {
  const isInvoke = actionOf(operation)?.startsWith("bedrock:InvokeModel") ?? false;
  return isInvoke && reference.kind === "foundation-model" && reference.arn === undefined;
}

function profileWithin(
  timeoutMs: number,
  { modelId, sourceRegion, signal }: Call,
  route: BareModels,
  lookups: ProfileLookups,
): Promise<ProfileOfModel | undefined> {
  const allowance = new Allowance(timeoutMs, signal);
  return allowance.lookUp((ends) => profileOfBareModel(modelId, sourceRegion, route, lookups, ends));
}

function reportOn({ modelId, sourceRegion, requested }: Call, profileId: string, source: string): FallbackReport {
  return {
    reason: "profile-only-model",
    requested,
    used: { modelId: profileId, region: sourceRegion },
    why: `${modelId} can only be called through an inference profile in ${sourceRegion}${source}.`,
    remembered: false,
    considered: [],
    dropped: [],
  };
}

/**
 * Returns the inference profile to call for a bare model ID in a source Region. Returns undefined if the model can be
 * called directly, if no source can determine that, or if there is no such profile.
 */
export async function profileOfBareModel(
  modelId: string,
  sourceRegion: string,
  route: BareModels,
  ports: ProfileLookups,
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
