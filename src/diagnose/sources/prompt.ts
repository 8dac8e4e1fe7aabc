import { UNSPECIFIED_REGION } from "../../arn.js";
import type { ProfileCatalog } from "../../resolve/profile-catalog.js";
import { destinationRegions } from "../../resolve/profile-source.js";
import type { Question } from "../question.js";
import type { Report, Source } from "./source.js";

/** The prompt selects one of these profiles of the model that AWS denied, or another one that isn't in the catalog. */
export type PromptFinding = {
  code: "prompt-selects-profile";
  promptArn: string;
  sourceRegion: string;
  modelId: string;
  /** The Region in which AWS denied the model. `unspecified` for global routing. */
  region: string;
  profiles: { profileId: string; destinationRegions: string[] }[];
  asOf: string;
};

/**
 * The inference profiles that a prompt may select, by the foundation model and the Region in AWS's message. A prompt's
 * ID doesn't show what it selects (Amazon Bedrock API Reference, "GetPrompt", `variants[].modelId`).
 */
export const promptProfiles: Source<"profile", PromptFinding> = {
  name: "profile",

  appliesTo: ({ call, refusal }) => refusal?.kind === "iam-denied" && call.reference.kind === "prompt",

  read: async ({ question, ports }, report) => {
    if (deniedModelOf(question)) readCatalog(question, await ports.catalog(), report);
  },
  readCatalog,
};

function readCatalog(question: Question, catalog: ProfileCatalog, report: Report<PromptFinding, unknown>): void {
  const { reference, sourceRegion } = question.call;
  const denied = deniedModelOf(question);
  if (denied === undefined) return;
  const { region } = denied;
  // In the source Region, the prompt may call the model without a profile.
  const profiles = catalog
    .knownProfilesOf(denied.modelId, sourceRegion)
    .filter(({ likelyRetired }) => !likelyRetired)
    .map(({ profile }) => ({ profileId: profile.id, destinationRegions: destinationRegions(profile) }))
    .filter((profile) => region === sourceRegion || profile.destinationRegions.includes(region))
    // Global routing is evaluated on the ARN without a Region, never on the ARN of a destination Region.
    .filter((profile) => isGloballyRouted(profile) === (region === UNSPECIFIED_REGION) || region === sourceRegion);
  const { asOf } = catalog;
  report.finding({ code: "prompt-selects-profile", promptArn: reference.id, sourceRegion, ...denied, profiles, asOf });
}

/** Returns the foundation model that AWS denied. Undefined if its message identifies none. */
function deniedModelOf({ refusal }: Question): { modelId: string; region: string } | undefined {
  const { resource = "", modelId, region } = refusal ?? {};
  const isModel = resource.includes(":foundation-model/") && modelId !== undefined && region !== undefined;
  return isModel ? { modelId, region } : undefined;
}

const isGloballyRouted = (profile: { destinationRegions: string[] }) =>
  profile.destinationRegions.includes(UNSPECIFIED_REGION);
