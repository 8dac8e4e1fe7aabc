import type { Call, Layer } from "../call/call.js";
import { type AlternativeLookups, findProfilesOf, isGlobal } from "../resolve/alternatives.js";
import { type ModelLookup, onDemandAvailability } from "../resolve/foundation-models.js";
import { actionOf } from "../resolve/legs.js";
import { Allowance } from "./allowance.js";
import type { BareModels } from "./options.js";
import type { FallbackReport } from "./report.js";

/** The lookups that find a bare model's profile. */
export interface ProfileLookups extends Pick<AlternativeLookups, "resolveProfile"> {
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  catalog(): Promise<AlternativeLookups["catalog"]>;
}

/**
 * Sends a bare model that can only be called through an inference profile through one.
 *
 * @param timeoutMs how long the lookups may take, in milliseconds
 */
export function throughProfile(route: BareModels, lookups: ProfileLookups, timeoutMs: number): Layer {
  return (next) => async (call) => {
    const profileId = isBareModel(call) ? await profileWithin(timeoutMs, call, route, lookups) : undefined;
    if (profileId === undefined) return next(call);
    const result = await next(call.withInput({ ...call.input, modelId: profileId }));
    // A fallback's report says more.
    if ("error" in result || result.report) return result;
    return { output: result.output, report: reportOn(call, profileId) };
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
): Promise<string | undefined> {
  const allowance = new Allowance(timeoutMs, signal);
  return allowance.lookUp((ends) => profileOfBareModel(modelId, sourceRegion, route, lookups, ends));
}

function reportOn({ modelId, sourceRegion, requested }: Call, profileId: string): FallbackReport {
  return {
    reason: "profile-only-model",
    requested,
    used: { modelId: profileId, region: sourceRegion },
    why: `${modelId} can only be called through an inference profile in ${sourceRegion}.`,
    remembered: false,
    considered: [],
    dropped: [],
  };
}

/**
 * Returns the inference profile to call for a bare model ID in a source Region. Returns undefined if the model can be
 * called as it is, if no source can determine that, and if there is no such profile.
 */
export async function profileOfBareModel(
  modelId: string,
  sourceRegion: string,
  route: BareModels,
  ports: ProfileLookups,
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
