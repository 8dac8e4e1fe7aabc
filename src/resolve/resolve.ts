import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { defined } from "../defined.js";
import type { Sharing } from "./cache.js";
import type { KnownProfile } from "./known-profiles.js";
import { type LookupFailure, MalformedAnswer } from "./lookup-failure.js";
import type { ModelReference } from "./model-id.js";
import type { InferenceProfile, ProfileModel, ProfileSource } from "./profile-source.js";
import { Resolver, type ResolverLimits } from "./resolver.js";

/** An inference profile and its source, or the reason why the lookup failed. */
export interface ProfileLookup {
  via: "api" | "bundled-catalog" | "none";
  profile?: InferenceProfile;
  /** True if the API answered an earlier lookup. */
  cached: boolean;
  /** When the API responded (ISO 8601), or the catalog's date. */
  asOf?: string;
  /** Why the API didn't provide an answer. It's also present if the catalog did. */
  failure?: LookupFailure;
}

/** The part of the bundled catalog that a lookup falls back to. */
interface KnownProfiles {
  knownProfile(profileId: string, sourceRegion: string): KnownProfile | undefined;
}

export interface ProfileResolverOptions extends ResolverLimits {
  source: ProfileSource;
  /** Loads the bundled catalog. Called only if the API doesn't respond. */
  catalog: () => Promise<KnownProfiles>;
}

/** Looks up inference profiles with GetInferenceProfile, and in the catalog. */
export class ProfileResolver {
  readonly #options: ProfileResolverOptions;
  readonly #resolver: Resolver<InferenceProfile>;

  constructor(options: ProfileResolverOptions) {
    this.#options = options;
    this.#resolver = new Resolver(options);
  }

  /**
   * Returns the profile that a reference identifies, as seen from one source Region. Never rejects. If the lookup
   * fails, the result contains the reason. Results are cached by profile and source Region, because destination Regions
   * differ between source Regions.
   *
   * @param signal ends this caller's waiting, with the reason `timeout`. Other callers that wait for the same lookup
   * continue
   */
  async resolve(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup> {
    if (!("profileId" in reference)) return { via: "none", cached: false };
    const { source, catalog } = this.#options;
    const idOrArn = reference.arn ?? reference.profileId;
    const wanted = {
      key: `${sourceRegion} ${idOrArn}`,
      lookUp: async (flight: AbortSignal) =>
        usableProfile(await source.lookUp(idOrArn, sourceRegion, flight), reference, sourceRegion),
      sharing: lookupSharing(reference, sourceRegion),
      inCatalog: async () => {
        const known = (await catalog()).knownProfile(reference.profileId, sourceRegion);
        return { value: known?.profile, asOf: known?.asOf };
      },
    };
    const { value, ...lookup } = await this.#resolver.resolve(wanted, signal);
    return { ...lookup, ...defined({ profile: value && copy(value) }) };
  }

  /** Ends all lookups in progress and clears the cache. */
  destroy(): void {
    this.#resolver.clear();
  }
}

type ProfileReference = Extract<ModelReference, { profileId: string }>;

/**
 * A system-defined profile has the same routes for every account. Its ARN contains the account that looked it up, so
 * the ARN isn't shared. The models in a store must match the profile's ID, because a fallback may call them. The models
 * of an application inference profile can't be checked like that, so it isn't shared.
 */
function lookupSharing(reference: ProfileReference, sourceRegion: string): Sharing<InferenceProfile> | undefined {
  if (reference.kind !== "inference-profile" || reference.geography === "") return undefined;
  const { profileId, modelId } = reference;
  return {
    key: `profile:${sourceRegion}:${reference.arn ?? profileId}`,
    strip: ({ arn: _, ...profile }) => profile,
    revive: (stored) => {
      const profile = usableProfile(stored as InferenceProfile, reference, sourceRegion);
      const isTheOne = profile.type === "SYSTEM_DEFINED" && profile.id === profileId && profile.arn === undefined;
      return isTheOne && profile.models.every((model) => isModel(model, modelId)) ? profile : undefined;
    },
  };
}

const isModel = ({ arn, modelId }: ProfileModel, id: string) =>
  modelId === id && parseArn(arn)?.resource === `foundation-model/${id}`;

/** Each caller receives its own copy, including the models. If it changes the copy, other callers aren't affected. */
const copy = (profile: InferenceProfile): InferenceProfile => ({
  ...profile,
  models: profile.models.map((model) => ({ ...model })),
});

/**
 * Returns the response if it's about this profile and every model in it can be parsed. If a model were dropped, its
 * Region wouldn't be checked. The API reference's own constraints (at most 5 models, each with a Region) aren't
 * applied, because actual responses violate them.
 */
function usableProfile(
  answer: InferenceProfile | undefined,
  reference: ProfileReference,
  sourceRegion: string,
): InferenceProfile {
  if (
    typeof answer?.id !== "string" ||
    answer.sourceRegion !== sourceRegion ||
    !isRequested(answer, reference, sourceRegion) ||
    !Array.isArray(answer.models) ||
    answer.models.length === 0 ||
    !answer.models.every(isUsable)
  ) {
    throw new MalformedAnswer("The response isn't about the requested inference profile.");
  }
  return answer;
}

/**
 * A profile has the same ID in all forms of its name. The ARN of a system-defined profile contains the account that
 * looks it up, whatever account was in the request. The ARN of an application inference profile contains the account of
 * its owner.
 */
function isRequested({ id, arn, type }: InferenceProfile, reference: ProfileReference, sourceRegion: string): boolean {
  const isOurs = reference.kind === "application-inference-profile";
  if (id !== reference.profileId || type !== (isOurs ? "APPLICATION" : "SYSTEM_DEFINED")) return false;
  if (arn === undefined) return true;
  const { service, region, accountId, resource } = parseArn(arn) ?? {};
  const isSameOwner = !isOurs || reference.accountId === undefined || accountId === reference.accountId;
  const isSamePlace = service === "bedrock" && region === (reference.region ?? sourceRegion);
  return isSamePlace && isSameOwner && resource === `${reference.kind}/${id}`;
}

/** Returns true if a leg can be created from a model. */
function isUsable(model: Partial<ProfileModel> | undefined): boolean {
  const arn = typeof model?.arn === "string" ? parseArn(model.arn) : undefined;
  return (
    arn?.service === "bedrock" &&
    Boolean(model?.modelId) &&
    arn.resource === `foundation-model/${model?.modelId}` &&
    model?.region === (arn.region || UNSPECIFIED_REGION)
  );
}
