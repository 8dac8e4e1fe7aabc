import type { AlternativeProfile, Finding, ListedProfiles } from "../diagnosis.js";
import { type FoundProfile, findProfilesOf } from "../resolve/alternatives.js";
import { destinationRegions } from "../resolve/profile-source.js";
import type { Question } from "./gathered.js";
import { modelIdIn } from "./plan.js";
import type { DiagnosisPorts } from "./ports.js";

/** The inference profiles that the call could use instead. */
export interface Alternatives {
  alternatives: AlternativeProfile[];
  finding: Finding;
  /** False if a lookup didn't finish in time. */
  complete: boolean;
}

/** Finds the inference profiles of the call's model, or of the models that an invalid ID may refer to. */
export async function findAlternatives(
  { call: { reference, sourceRegion }, refusal }: Pick<Question, "call" | "refusal">,
  ports: Pick<DiagnosisPorts, "catalog" | "resolveProfile">,
  signal: AbortSignal,
): Promise<Alternatives> {
  const modelId = modelIdIn(reference) ?? reference.id;
  const catalog = await ports.catalog();
  const isInvalid = refusal?.kind === "invalid-model-id";
  const similarModelIds = isInvalid ? catalog.similarModelIds(reference.id) : [];
  // If an ID doesn't have the form of a model ID, it has no profile, whatever the prefix.
  const modelIds = similarModelIds.length === 0 && reference.kind !== "unknown" ? [modelId] : similarModelIds;
  const own = "profileId" in reference ? reference.profileId : undefined;
  const resolveProfile: DiagnosisPorts["resolveProfile"] = (...args) => ports.resolveProfile(...args);
  const found = await Promise.all(
    modelIds.map((id) =>
      findProfilesOf(id, sourceRegion, { catalog, resolveProfile }, signal, (profileId) => profileId !== own),
    ),
  );
  const profiles = found.flatMap((each) => each.profiles);
  const listed = { ...listedProfiles(profiles), asOf: catalog.asOf };
  // AWS rejected the ID, so its absence from the catalog doesn't suggest that it is new.
  const inCatalog = isInvalid ? {} : { isInCatalog: catalog.containsModel(modelId) };
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
      : { code: "profiles-of-model", modelId, ...listed, ...inCatalog },
    complete: found.every(({ complete }) => complete),
  };
}

function listedProfiles(profiles: readonly FoundProfile[]): ListedProfiles {
  const idsOf = (those: readonly FoundProfile[]) => those.map(({ profile }) => profile.id);
  return { profileIds: idsOf(profiles), confirmedIds: idsOf(profiles.filter(({ via }) => via === "api")) };
}
