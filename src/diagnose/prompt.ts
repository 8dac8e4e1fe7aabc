import { UNSPECIFIED_REGION } from "../arn.js";
import type { Finding } from "../diagnosis.js";
import { destinationRegions } from "../resolve/profile-source.js";
import type { Question } from "./gathered.js";
import type { DiagnosisPorts } from "./ports.js";

/**
 * Finds the inference profiles that a prompt may select, by the foundation model and the Region in AWS's message. A
 * prompt's ID doesn't show what it selects (Amazon Bedrock API Reference, "GetPrompt", `variants[].modelId`).
 *
 * @returns undefined if the message identifies no foundation model
 */
export async function promptFinding(
  { call: { reference, sourceRegion }, refusal }: Pick<Question, "call" | "refusal">,
  ports: Pick<DiagnosisPorts, "catalog">,
): Promise<Finding | undefined> {
  const { resource = "", modelId, region } = refusal ?? {};
  if (!resource.includes(":foundation-model/") || modelId === undefined || region === undefined) return undefined;
  const catalog = await ports.catalog();
  const found = { code: "prompt-selects-profile", promptArn: reference.id, sourceRegion, modelId, region } as const;
  // In the source Region, the prompt may call the model without a profile.
  const profiles = catalog
    .knownProfilesOf(modelId, sourceRegion)
    .filter(({ likelyRetired }) => !likelyRetired)
    .map(({ profile }) => ({ profileId: profile.id, destinationRegions: destinationRegions(profile) }))
    .filter((profile) => region === sourceRegion || profile.destinationRegions.includes(region))
    // Global routing is evaluated on the ARN without a Region, never on the ARN of a destination Region.
    .filter((profile) => isGlobal(profile) === (region === UNSPECIFIED_REGION) || region === sourceRegion);
  return { ...found, profiles, asOf: catalog.asOf };
}

const isGlobal = (profile: { destinationRegions: string[] }) => profile.destinationRegions.includes(UNSPECIFIED_REGION);
