import { buildArn, lastSegment, parseArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import type { FoundationModel } from "../resolve/foundation-models.js";
import { knownModel } from "../resolve/known-models.js";
import { knownProfile, knownProfilesFrom, knownProfilesOf, knownSourceRegions } from "../resolve/known-profiles.js";
import type { InferenceProfile, ProfileModel } from "../resolve/profile-source.js";
import {
  type CopiedProfile,
  checkModel,
  checkProfile,
  type VirtualModel,
  type VirtualProfile,
} from "./virtual-models.js";

/** A foundation model in one Region, and what a test specifies for it. */
export type RegionalModel = FoundationModel & Pick<VirtualModel, "access" | "dataRetentionModes">;

type AddedProfile = VirtualProfile | CopiedProfile;

/**
 * The inference profiles and models of the bundled catalog, and those that a test adds. Those that a test adds take
 * precedence.
 */
export class VirtualCatalog {
  readonly #models = new Map<string, VirtualModel>();
  readonly #profiles = new Map<string, AddedProfile>();

  constructor(models: readonly VirtualModel[], profiles: readonly AddedProfile[]) {
    for (const model of models) this.addModel(model);
    // A copy may be listed before the profile that it copies.
    for (const profile of profiles) if (!("copyFrom" in profile)) this.addProfile(profile);
    for (const profile of profiles) if ("copyFrom" in profile) this.addProfile(profile);
  }

  /** Adds a model. Returns a function that removes it. */
  addModel(model: VirtualModel): () => void {
    checkModel(model);
    return put(this.#models, model);
  }

  /** Adds a profile. Returns a function that removes it. */
  addProfile(profile: AddedProfile): () => void {
    checkProfile(profile);
    if ("copyFrom" in profile && !this.#canCopy(profile.copyFrom)) {
      const wanted = "the id or ARN of a system-defined inference profile or of a foundation model that is known";
      throw new TypeError(`copyFrom must be ${wanted}; it is ${JSON.stringify(profile.copyFrom)}.`);
    }
    return put(this.#profiles, profile);
  }

  /** Returns the profile with this ID or ARN, as seen from a source Region, or undefined if it isn't offered there. */
  profile(idOrArn: string, sourceRegion: string, accountId: string): InferenceProfile | undefined {
    const arn = parseArn(idOrArn);
    const id = arn ? arn.resource.slice(arn.resource.indexOf("/") + 1) : idOrArn;
    const profile = this.#profileById(id, sourceRegion, accountId);
    return arn === undefined || profile?.arn === idOrArn ? profile : undefined;
  }

  /** Returns every profile that is offered from a source Region, starting with those that the test added. */
  profiles(sourceRegion: string, accountId: string): InferenceProfile[] {
    const known = knownProfilesFrom(sourceRegion).map(({ profile }) => profile.id);
    const ids = new Set([...this.#profiles.keys(), ...known]);
    return [...ids]
      .map((id) => this.#profileById(id, sourceRegion, accountId))
      .filter((profile) => profile !== undefined);
  }

  /** Returns the model with this ID, or with this foundation model ARN in this Region. */
  model(idOrArn: string, region: string): RegionalModel | undefined {
    const arn = parseArn(idOrArn);
    const isElsewhere = arn?.resource.startsWith("foundation-model/") && arn.region !== region;
    const id = arn ? lastSegment(idOrArn) : idOrArn;
    return isElsewhere ? undefined : this.#modelById(id, region);
  }

  /** Returns the other source Regions of a profile, for hints to the test's author. */
  sourceRegions(profileId: string): string[] {
    const added = this.#profiles.get(profileId);
    return added && "routes" in added ? Object.keys(added.routes) : knownSourceRegions(profileId);
  }

  #modelById(id: string, region: string): RegionalModel | undefined {
    const added = this.#models.get(id);
    if (added === undefined) {
      const known = knownModel(id, region)?.model;
      // The catalog has no separate entry for a few of the models that its profiles route to.
      const isBehindProfile = known === undefined && knownProfilesOf(id, region).length > 0;
      return isBehindProfile ? { id, region, inferenceTypes: ["INFERENCE_PROFILE"], lifecycle: "ACTIVE" } : known;
    }
    const { onDemandRegions, lifecycle = "ACTIVE", ...rest } = added;
    const inferenceTypes = [...(onDemandRegions.includes(region) ? ["ON_DEMAND"] : []), "INFERENCE_PROFILE"];
    return { ...rest, region, inferenceTypes, lifecycle };
  }

  #profileById(id: string, sourceRegion: string, accountId: string): InferenceProfile | undefined {
    const added = this.#profiles.get(id);
    const models = added ? this.#modelsOf(added, sourceRegion) : knownProfile(id, sourceRegion)?.profile.models;
    if (models === undefined) return undefined;
    const name = added ? (added.name ?? id) : (knownProfile(id, sourceRegion)?.profile.name ?? id);
    const type = added === undefined ? "SYSTEM_DEFINED" : profileTypeOf(added);
    const resource = `${type === "APPLICATION" ? "application-" : ""}inference-profile/${id}`;
    const partition = partitionOfRegion(sourceRegion);
    const arn = buildArn({ partition, service: "bedrock", region: sourceRegion, accountId, resource });
    return { id, arn, name, type, sourceRegion, models };
  }

  #modelsOf(profile: AddedProfile, sourceRegion: string): ProfileModel[] | undefined {
    if (!("copyFrom" in profile)) {
      return profile.routes[sourceRegion]?.map((region) => modelInRegion(profile.modelId, region, sourceRegion));
    }
    const arn = parseArn(profile.copyFrom);
    if (arn && arn.region !== sourceRegion) return undefined;
    const id = lastSegment(profile.copyFrom);
    const copied = this.#profiles.get(id);
    if (copied) return this.#modelsOf(copied, sourceRegion);
    const known = knownProfile(id, sourceRegion);
    if (known) return known.profile.models;
    const isOnDemand = this.#modelById(id, sourceRegion)?.inferenceTypes.includes("ON_DEMAND");
    return isOnDemand ? [modelInRegion(id, sourceRegion, sourceRegion)] : undefined;
  }

  /** A copy of a copy is rejected, as in the service, so that no two copies copy each other. */
  #canCopy(idOrArn: unknown): boolean {
    if (typeof idOrArn !== "string") return false;
    const id = lastSegment(idOrArn);
    const added = this.#profiles.get(id);
    if (added) return profileTypeOf(added) === "SYSTEM_DEFINED";
    return knownSourceRegions(id).length > 0 || this.#modelById(id, parseArn(idOrArn)?.region ?? "") !== undefined;
  }
}

const profileTypeOf = (profile: AddedProfile) =>
  "copyFrom" in profile ? "APPLICATION" : (profile.type ?? "SYSTEM_DEFINED");

function modelInRegion(modelId: string, region: string, sourceRegion: string): ProfileModel {
  const partition = partitionOfRegion(sourceRegion);
  const inArn = region === UNSPECIFIED_REGION ? "" : region;
  const resource = `foundation-model/${modelId}`;
  return { arn: buildArn({ partition, service: "bedrock", region: inArn, accountId: "", resource }), modelId, region };
}

/** Adds an item under its ID. The function that it returns removes this item, but not one that replaced it. */
function put<T extends { id: string }>(all: Map<string, T>, item: T): () => void {
  all.set(item.id, item);
  return () => {
    if (all.get(item.id) === item) all.delete(item.id);
  };
}
