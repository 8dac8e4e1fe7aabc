import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { LookupCache, type Sharing } from "./cache.js";
import type { KnownProfile } from "./known-profiles.js";
import { failureOf, type LookupFailure, MalformedAnswer } from "./lookup-failure.js";
import type { ModelReference } from "./model-id.js";
import type { InferenceProfile, ProfileModel, ProfileSource } from "./profile-source.js";
import type { SharedStore } from "./shared-store.js";

/** An inference profile and how we know it, or why we do not. */
export interface ProfileLookup {
  via: "api" | "bundled-catalog" | "none";
  profile?: InferenceProfile;
  /** True when the API had answered an earlier lookup. */
  cached: boolean;
  /** When the API answered (ISO 8601), or the catalog's date. */
  asOf?: string;
  /** Why the API did not answer; present also where the catalog did. */
  failure?: LookupFailure;
}

/** The part of the bundled catalog that a lookup falls back to. */
interface KnownProfiles {
  knownProfile(profileId: string, sourceRegion: string): KnownProfile | undefined;
}

export interface ResolverOptions {
  source: ProfileSource;
  /** Loads the bundled catalog; called only where the API does not answer. */
  catalog: () => Promise<KnownProfiles>;
  /** How long a profile is kept, in milliseconds. */
  cacheTtlMs: number;
  /** How long one lookup may take, in milliseconds. */
  timeoutMs: number;
  /** How long a failed lookup is not repeated, in milliseconds. @default 30000 */
  failureTtlMs?: number;
  /** How many profiles are kept, each once per source Region. @default 1000 */
  maxEntries?: number;
  /** The clock: milliseconds since the epoch. @default Date.now */
  now?: () => number;
  /** Where profiles are shared with other processes. @default nowhere */
  store?: SharedStore | undefined;
}

/** Looks inference profiles up: the API first, and where it is denied, slow or out of reach, the bundled catalog. */
export class ProfileResolver {
  readonly #options: ResolverOptions;
  readonly #cache: LookupCache<InferenceProfile, Omit<LookupFailure, "at">>;
  readonly #now: () => number;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#cache = new LookupCache({
      ttlMs: options.cacheTtlMs,
      failureTtlMs: options.failureTtlMs ?? 30_000,
      timeoutMs: options.timeoutMs,
      maxEntries: options.maxEntries ?? 1_000,
      now: this.#now,
      describe: failureOf,
      store: options.store,
    });
  }

  /**
   * The profile behind a reference, seen from one source Region. Never rejects: what could not be found out is in the
   * answer. Cached by profile and source Region, never by profile alone: destinations differ between source Regions.
   *
   * @param signal ends this caller's waiting, which is the reason `timeout`; others who wait for the same lookup go on
   */
  async resolve(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup> {
    if (!("profileId" in reference)) return { via: "none", cached: false };
    const idOrArn = reference.arn ?? reference.profileId;
    const lookUp = async (flight: AbortSignal) =>
      usable(await this.#options.source.lookUp(idOrArn, sourceRegion, flight), reference, sourceRegion);
    const answer = await this.#cache
      .get(`${sourceRegion} ${idOrArn}`, lookUp, signal, sharingOf(reference, sourceRegion))
      .catch(() => undefined);
    const at = new Date(answer?.at ?? this.#now()).toISOString();
    if (answer === undefined) return this.#withoutApi(reference.profileId, sourceRegion, { reason: "timeout", at });
    if ("value" in answer) return { via: "api", profile: copy(answer.value), cached: answer.cached, asOf: at };
    return this.#withoutApi(reference.profileId, sourceRegion, { ...answer.failure, at });
  }

  /** Ends what is under way and forgets what was learned. */
  destroy(): void {
    this.#cache.clear();
  }

  async #withoutApi(profileId: string, sourceRegion: string, failure: LookupFailure): Promise<ProfileLookup> {
    // "No such profile here" is an answer of the service's own: an older list does not overrule it.
    const known = failure.reason === "not-found" ? undefined : await this.#known(profileId, sourceRegion);
    if (!known) return { via: "none", cached: false, failure };
    return { via: "bundled-catalog", profile: known.profile, cached: false, asOf: known.asOf, failure };
  }

  async #known(profileId: string, sourceRegion: string): Promise<KnownProfile | undefined> {
    try {
      return (await this.#options.catalog()).knownProfile(profileId, sourceRegion);
    } catch {
      return undefined; // A catalog that cannot be loaded, as in a bundle without it, knows nothing.
    }
  }
}

type ProfileReference = Extract<ModelReference, { profileId: string }>;

/**
 * A profile of AWS's own routes alike for every account, and its ARN holds the account of whoever looked it up: it is left
 * out. What a store holds must be the model that the profile's id says, since a fallback may call it. What an application
 * profile routes to can't be checked like that, so it isn't shared.
 */
function sharingOf(reference: ProfileReference, sourceRegion: string): Sharing<InferenceProfile> | undefined {
  if (reference.kind !== "inference-profile" || reference.geography === "") return undefined;
  const { profileId, modelId } = reference;
  return {
    key: `profile:${sourceRegion}:${reference.arn ?? profileId}`,
    strip: ({ arn: _, ...profile }) => profile,
    revive: (stored) => {
      const profile = usable(stored as InferenceProfile, reference, sourceRegion);
      const isTheOne = profile.type === "SYSTEM_DEFINED" && profile.id === profileId && profile.arn === undefined;
      return isTheOne && profile.models.every((model) => isModel(model, modelId)) ? profile : undefined;
    },
  };
}

const isModel = ({ arn, modelId }: ProfileModel, id: string) =>
  modelId === id && parseArn(arn)?.resource === `foundation-model/${id}`;

/** What is handed out is the caller's own, down to its models: a change to it is not seen by the next caller. */
const copy = (profile: InferenceProfile): InferenceProfile => ({
  ...profile,
  models: profile.models.map((model) => ({ ...model })),
});

/**
 * The answer, if it is about this profile, and every model in it can be told: one that is dropped would be a Region that
 * nobody checks. The API reference's own constraints are not applied, since real answers break them: at most 5 models, each
 * with a Region.
 */
function usable(
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
    throw new MalformedAnswer("The answer is not the inference profile that was requested.");
  }
  return answer;
}

/**
 * A profile has one id in all the forms of its name. The ARN of a system-defined profile holds the account of whoever
 * looks it up, whatever account was in the request; an application profile's holds its owner's.
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

/** Whether a model is one that a leg can be made of. */
function isUsable(model: Partial<ProfileModel> | undefined): boolean {
  const arn = typeof model?.arn === "string" ? parseArn(model.arn) : undefined;
  return (
    arn?.service === "bedrock" &&
    Boolean(model?.modelId) &&
    arn.resource === `foundation-model/${model?.modelId}` &&
    model?.region === (arn.region || UNSPECIFIED_REGION)
  );
}
