import type { RefusalKind } from "../../refusal/kinds.js";
import { type FoundProfile, type FoundProfiles, findProfilesOf, listedProfilesOf } from "../../resolve/alternatives.js";
import type { ModelReference } from "../../resolve/model-id.js";
import type { ProfileCatalog } from "../../resolve/profile-catalog.js";
import { destinationRegions } from "../../resolve/profile-source.js";
import { type DiagnosedCall, modelIdOfReference, takesModelsOnly } from "../diagnosed-call.js";
import type { DiagnosisPorts } from "../ports.js";
import type { Question } from "../question.js";
import { isAboutRouting } from "./profile.js";
import type { Source } from "./source.js";

export type AlternativesFinding =
  | ({ code: "profiles-of-model"; modelId: string } & ListedProfiles)
  /** An ID that Bedrock doesn't accept, and the profiles of the models that it may refer to. */
  | ({ code: "profiles-of-similar-models"; modelId: string; similarModelIds: string[] } & ListedProfiles);

/** Inference profiles, and how it is known that they exist. */
export interface ListedProfiles {
  /** The narrowest first, and global profiles last. */
  profileIds: string[];
  /** Those that GetInferenceProfile returned. The others are from the catalog. */
  confirmedIds?: string[];
  /** The catalog's date. */
  asOf?: string;
  /** False if the catalog doesn't contain the model, which may be newer than the catalog. */
  isInCatalog?: boolean;
}

/** An inference profile of the same model that can be called from the same source Region. */
export interface AlternativeProfile {
  profileId: string;
  destinationRegions: string[];
  /** The date of this information, not of the profile. */
  asOf: string;
  /** Whether GetInferenceProfile returned the profile, or the catalog lists it. */
  via: "api" | "bundled-catalog";
}

/** The inference profiles that the call could use instead. */
export const alternatives: Source<"profile", AlternativesFinding, AlternativeProfile[]> = {
  name: "profile",

  appliesTo(question) {
    const { call, refusal } = question;
    const { reference } = call;
    if (takesModelsOnly(call)) return false;
    // A geographic profile of the same model is narrower than global routing, so it is worth suggesting. The reverse
    // isn't.
    const isGlobal = reference.kind === "inference-profile" && reference.geography === "global";
    if (isGlobal && isAboutRouting(question)) return true;
    const isBare = reference.kind === "foundation-model";
    if (refusal?.kind === "on-demand-unsupported" && isBare) return true;
    return refusal?.kind === "invalid-model-id" && MISTYPED.has(reference.kind);
  },

  async read({ question, ports, signal }, report) {
    const found = await findAlternatives(question, ports, signal);
    report.result(found.alternatives);
    if (!found.complete) report.incomplete();
    report.finding(found.finding);
  },

  readCatalog({ call, refusal }, catalog, report) {
    const search = searchOf(call, refusal?.kind, catalog);
    const found = search.modelIds.map((id) => listedProfilesOf(id, call.sourceRegion, catalog, search.isWanted));
    const { alternatives: listed, finding } = alternativesIn(search, [{ profiles: found.flat(), complete: true }]);
    report.result(listed);
    report.finding(finding);
  },
};

/** The kinds of ID that may be a mistyped model or profile ID. */
const MISTYPED: ReadonlySet<ModelReference["kind"]> = new Set(["inference-profile", "foundation-model", "unknown"]);

/** The inference profiles that the call could use instead, and whether every lookup finished in time. */
export interface Alternatives {
  alternatives: AlternativeProfile[];
  finding: AlternativesFinding;
  complete: boolean;
}

/** Finds the inference profiles of the call's model, or of the models that an invalid ID may refer to. */
export async function findAlternatives(
  { call, refusal }: Pick<Question, "call" | "refusal">,
  ports: Pick<DiagnosisPorts, "catalog" | "resolveProfile">,
  signal: AbortSignal,
): Promise<Alternatives> {
  const catalog = await ports.catalog();
  const search = searchOf(call, refusal?.kind, catalog);
  const resolveProfile: DiagnosisPorts["resolveProfile"] = (...args) => ports.resolveProfile(...args);
  const found = await Promise.all(
    search.modelIds.map((id) =>
      findProfilesOf(id, call.sourceRegion, { catalog, resolveProfile }, signal, search.isWanted),
    ),
  );
  return alternativesIn(search, found);
}

/** What to search for. */
interface Search {
  reference: ModelReference;
  modelId: string;
  similarModelIds: string[];
  modelIds: string[];
  isWanted(profileId: string): boolean;
  listing: Pick<ListedProfiles, "asOf" | "isInCatalog">;
}

function searchOf({ reference }: DiagnosedCall, kind: RefusalKind | undefined, catalog: ProfileCatalog): Search {
  const modelId = modelIdOfReference(reference) ?? reference.id;
  const isInvalid = kind === "invalid-model-id";
  const similarModelIds = isInvalid ? catalog.similarModelIds(reference.id) : [];
  const own = "profileId" in reference ? reference.profileId : undefined;
  const { asOf } = catalog;
  return {
    reference,
    modelId,
    similarModelIds,
    // If an ID doesn't have the form of a model ID, it has no profile, whatever the prefix.
    modelIds: similarModelIds.length === 0 && reference.kind !== "unknown" ? [modelId] : similarModelIds,
    isWanted: (profileId) => profileId !== own,
    // AWS rejected the ID, so its absence from the catalog doesn't suggest that it is new.
    listing: isInvalid ? { asOf } : { asOf, isInCatalog: catalog.containsModel(modelId) },
  };
}

function alternativesIn(
  { reference, modelId, similarModelIds, listing }: Search,
  found: readonly FoundProfiles[],
): Alternatives {
  const profiles = found.flatMap((each) => each.profiles);
  const listed = { ...listedProfiles(profiles), ...listing };
  const isOther = similarModelIds.length > 0 && !similarModelIds.includes(modelId);
  return {
    alternatives: profiles.map(({ profile, via, asOf }) => ({
      profileId: profile.id,
      destinationRegions: destinationRegions(profile),
      asOf,
      via,
    })),
    finding: isOther
      ? { code: "profiles-of-similar-models", modelId: reference.id, similarModelIds, ...listed }
      : { code: "profiles-of-model", modelId, ...listed },
    complete: found.every(({ complete }) => complete),
  };
}

function listedProfiles(profiles: readonly FoundProfile[]): ListedProfiles {
  const idsOf = (those: readonly FoundProfile[]) => those.map(({ profile }) => profile.id);
  return { profileIds: idsOf(profiles), confirmedIds: idsOf(profiles.filter(({ via }) => via === "api")) };
}
