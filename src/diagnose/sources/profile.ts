import { asciiLower } from "../../ascii.js";
import { actionOf } from "../../authorization.js";
import { defined } from "../../defined.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import type { LookupFailure } from "../../resolve/lookup-failure.js";
import type { ModelReference } from "../../resolve/model-id.js";
import { destinationRegions, type InferenceProfile } from "../../resolve/profile-source.js";
import type { ProfileLookup } from "../../resolve/resolve.js";
import { isThroughProfile, takesModelsOnly } from "../diagnosed-call.js";
import type { DiagnosisPorts } from "../ports.js";
import type { Question } from "../question.js";
import type { Source } from "./source.js";

export type ProfileFinding =
  | { code: "profile-from-api"; profileId: string; destinationRegions: string[]; cached: boolean; asOf?: string }
  | {
      code: "profile-from-bundled-catalog";
      profileId: string;
      destinationRegions: string[];
      asOf?: string;
      failure?: LookupFailure;
    }
  /** `notInCatalogOf` is the catalog's date, if the catalog doesn't contain the profile either. */
  | { code: "profile-unresolved"; modelId: string; failure?: LookupFailure; notInCatalogOf?: string }
  /** `foundationModelId` is absent if the profile's ID doesn't show it. */
  | { code: "takes-foundation-models-only"; operation: string; modelId: string; foundationModelId?: string };

/** The call's inference profile: from GetInferenceProfile, or else from the bundled catalog. */
export const profile: Source<"profile", ProfileFinding, InferenceProfile> = {
  name: "profile",

  appliesTo: (question) =>
    isThroughProfile(question.call) && isAboutRouting(question) && !takesModelsOnly(question.call),

  async read({ question: { call }, ports, signal }, report) {
    const { reference, sourceRegion } = call;
    const lookup = await ports.resolveProfile(reference, sourceRegion, signal);
    const isAbsent = lookup.profile === undefined && lookup.failure?.reason !== "not-found";
    const notInCatalogOf = isAbsent ? await catalogWithout(reference, ports) : undefined;
    if (lookup.profile) report.result(lookup.profile);
    if (lookup.failure?.reason === "timeout") report.incomplete();
    report.finding(profileFinding(reference.id, lookup, notInCatalogOf));
  },

  readCatalog({ call: { reference, sourceRegion } }, catalog, report) {
    const isAwsProfile = reference.kind === "inference-profile";
    const known = isAwsProfile ? catalog.knownProfile(reference.profileId, sourceRegion) : undefined;
    if (known) report.result(known.profile);
    const isUnknown = isAwsProfile && catalog.knownSourceRegions(reference.profileId).length === 0;
    const lookup: ProfileLookup = known
      ? { via: "bundled-catalog", profile: known.profile, cached: false, asOf: known.asOf }
      : { via: "none", cached: false };
    report.finding(profileFinding(reference.id, lookup, isUnknown ? catalog.asOf : undefined));
  },

  readResults({ question }, report) {
    const finding = modelsOnlyFinding(question);
    if (finding) report.finding(finding);
  },
};

/** Denials that depend on where a request is routed. The destination Regions are looked up only for these. */
export const isAboutRouting = ({ preflight, refusal }: Question): boolean =>
  preflight === true || refusal?.kind === "iam-denied" || refusal?.kind === "unknown";

/** Returns the catalog's date if the catalog doesn't contain a system-defined profile. The profile may be newer. */
async function catalogWithout(reference: ModelReference, ports: DiagnosisPorts): Promise<string | undefined> {
  if (reference.kind !== "inference-profile") return undefined;
  const catalog = await ports.catalog().catch(() => undefined);
  return catalog?.knownSourceRegions(reference.profileId).length === 0 ? catalog.asOf : undefined;
}

function profileFinding(
  modelId: string,
  { via, profile: found, cached, asOf, failure }: ProfileLookup,
  notInCatalogOf: string | undefined,
): ProfileFinding {
  if (!found) return { code: "profile-unresolved", modelId, ...defined({ failure, notInCatalogOf }) };
  const routes = { profileId: found.id, destinationRegions: destinationRegions(found), ...defined({ asOf }) };
  return via === "api"
    ? { code: "profile-from-api", ...routes, cached }
    : { code: "profile-from-bundled-catalog", ...routes, ...defined({ failure }) };
}

/**
 * Returns that the operation doesn't take inference profiles, if the call contains one and the denial may be due to
 * that.
 */
function modelsOnlyFinding({ call, refusal }: Question): ProfileFinding | undefined {
  const { operation, reference, modelId } = call;
  const { kind = "iam-denied", action } = refusal ?? {};
  const isOfOperation = action === undefined || asciiLower(action) === asciiLower(actionOf(operation) ?? "");
  const isProfileOfModelsOnly = takesModelsOnly(call) && isThroughProfile(call);
  if (!isProfileOfModelsOnly || !MAYBE_DUE_TO_ID.has(kind) || !isOfOperation) return undefined;
  const isModelShown = "modelId" in reference && "geography" in reference && reference.geography !== "";
  const foundationModelId = isModelShown ? reference.modelId : undefined;
  return {
    code: "takes-foundation-models-only",
    operation: operation.replace(/Command$/, ""),
    modelId,
    ...defined({ foundationModelId }),
  };
}

const MAYBE_DUE_TO_ID: ReadonlySet<RefusalKind> = new Set([
  "iam-denied",
  "invalid-model-id",
  "on-demand-unsupported",
  "unknown",
]);
