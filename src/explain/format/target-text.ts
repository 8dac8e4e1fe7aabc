import { UNSPECIFIED_REGION } from "../../arn.js";
import type { Conclusion, Finding } from "../../diagnosis.js";
import { findingIn } from "../finding-in.js";
import { catalogOf, theCatalog } from "./catalog-text.js";
import * as docs from "./doc-links.js";
import { capital, list } from "./phrases.js";
import type { SummaryLines } from "./summary-lines.js";

// What the call's `modelId` refers to, if that isn't a model or an inference profile that the operation takes.

type Of<C extends Finding["code"]> = Extract<Finding, { code: C }>;

/** `CountTokens takes foundation model IDs only, and us.M is an inference profile.`, and `Call it with M.` */
const modelsOnly = ({ operation, modelId, foundationModelId }: Of<"takes-foundation-models-only">): SummaryLines => [
  `${operation} takes foundation model IDs only, and ${modelId} is an inference profile.`,
  `Call it with ${foundationModelId ?? "the ID of the foundation model"}.`,
];

export const modelsOnlySentence = (finding: Of<"takes-foundation-models-only">) => modelsOnly(finding).join(" ");

/** Returns what the prompt selects, and which profiles it may be. */
export function promptSentence(finding: Of<"prompt-selects-profile">): string {
  return `${promptSelects(finding)} ${promptProfiles(finding)}`;
}

/** A denial outside the source Region shows that the prompt selects a profile. */
function promptSelects({ promptArn, region, sourceRegion }: Of<"prompt-selects-profile">): string {
  const version = /:prompt\/[^:/]+:([^:/]+)$/.exec(promptArn)?.[1];
  const what = region === sourceRegion ? "model or inference profile" : "inference profile";
  const selecting = version === undefined ? "The draft version" : `Version ${version}`;
  return `${selecting} of the prompt selects the ${what}. GetPrompt returns it.`;
}

function promptProfiles({ modelId, region, sourceRegion, profiles, asOf }: Of<"prompt-selects-profile">): string {
  const where = region === UNSPECIFIED_REGION ? "globally" : `to ${region}`;
  const routing = `${modelId} that can route from ${sourceRegion} ${where}`;
  if (profiles.length === 0) return `${capital(theCatalog(asOf))} lists no inference profile of ${routing}.`;
  const each = profiles.map(({ profileId, destinationRegions }) => `${profileId} (${regionsIn(destinationRegions)})`);
  return `Inference profiles of ${routing} (${catalogOf(asOf)}): ${list(each)}.`;
}

const regionsIn = (regions: readonly string[]) =>
  regions.includes(UNSPECIFIED_REGION) ? "any commercial AWS Region" : list(regions);

/**
 * Returns the summary of a call with a target that its operation doesn't take. It replaces a summary of denied legs,
 * because AWS rejects the call in any case.
 */
export function targetSummary({ evidence }: Pick<Conclusion, "evidence">): SummaryLines | undefined {
  const finding = findingIn(evidence, "takes-foundation-models-only");
  return finding && modelsOnly(finding);
}

/** Returns the line about the call's target that follows the summary, if there is one. */
export function targetHint({ evidence }: Pick<Conclusion, "evidence">): string[] {
  const finding = findingIn(evidence, "prompt-selects-profile");
  return finding ? [promptSelects(finding)] : [];
}

/** Returns how to find out what a prompt selects. */
export const getPromptStep = ({ modelId }: Pick<Conclusion, "modelId">): string =>
  `Call GetPrompt with the prompt and its version. It needs bedrock:GetPrompt on ${modelId || "the prompt"}. The modelId of the variant is the model or the inference profile.`;

/** The remedies of calls with such a target. */
export const TARGET_REMEDIES = {
  "call-foundation-model": (c: Conclusion) => {
    const { foundationModelId = "the ID of the foundation model" } =
      findingIn(c.evidence, "takes-foundation-models-only") ?? {};
    return {
      title: "Call this operation with the ID of the foundation model",
      steps: [
        `Pass ${foundationModelId} as modelId instead of ${c.modelId}.`,
        `The caller needs ${c.action ?? c.operation} on the foundation model.`,
      ],
      links: [docs.COUNT_TOKENS],
    };
  },
  "look-up-prompt": (c: Conclusion) => {
    const finding = findingIn(c.evidence, "prompt-selects-profile");
    return {
      title: "Look up the inference profile that the prompt selects",
      steps: [
        getPromptStep(c),
        ...(finding ? [promptProfiles(finding)] : []),
        "Allow the model in the source Region and in every destination Region of that inference profile.",
      ],
      links: [docs.PROMPTS],
    };
  },
};
