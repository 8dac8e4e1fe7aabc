import type { ProfileCatalog } from "../../resolve/profile-catalog.js";
import { takesModelsOnly } from "../diagnosed-call.js";
import type { Question } from "../question.js";
import type { Report, Source } from "./source.js";

export type SourceRegionsFinding = {
  code: "profile-not-offered-here";
  profileId: string;
  sourceRegions: string[];
  asOf?: string;
};

/** The source Regions that the catalog lists for the call's inference profile. */
export const sourceRegions: Source<"profile", SourceRegionsFinding> = {
  name: "profile",

  appliesTo: ({ call, preflight, refusal }) =>
    call.reference.kind === "inference-profile" &&
    (preflight === true || refusal?.kind === "invalid-model-id") &&
    !takesModelsOnly(call),

  read: async ({ question, ports }, report) => readCatalog(question, await ports.catalog(), report),
  readCatalog,
};

function readCatalog(
  { call: { reference, sourceRegion } }: Question,
  { knownSourceRegions, asOf }: ProfileCatalog,
  report: Report<SourceRegionsFinding, unknown>,
): void {
  const profileId = "profileId" in reference ? reference.profileId : reference.id;
  const known = knownSourceRegions(profileId);
  if (known.length === 0 || known.includes(sourceRegion)) return;
  report.finding({ code: "profile-not-offered-here", profileId, sourceRegions: known, asOf });
}
