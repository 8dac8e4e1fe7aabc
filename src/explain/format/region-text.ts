import { partitionOfRegion } from "../../arn.js";
import type { RegionSetting } from "../../diagnose/diagnosed-call.js";
import type { Conclusion } from "../../diagnosis.js";
import { regionsOf } from "./call-text.js";
import { catalogOf } from "./catalog-text.js";
import { list } from "./phrases.js";

export const isThroughProfile = ({ legs, modelId }: Conclusion): boolean =>
  modelId !== "" && legs.some(({ leg }) => leg.stage === "profile");

/**
 * Returns the Regions that the call needs. If they aren't all known, the text states that instead of presenting a part
 * as the whole list.
 */
export function neededRegions(conclusion: Conclusion): string {
  const regions = regionsOf(conclusion);
  if (conclusion.legsComplete) return `${list(regions)}${destinationSource(conclusion)}`;
  const all = isThroughProfile(conclusion) ? `${EVERY_DESTINATION} of ${conclusion.modelId}` : EVERY_REGION;
  if (regions.length === 0) return `${all} (the list is unknown)`;
  return `${all} (the list is unknown, but contains ${list(regions)})`;
}

/** Returns the same for a summary, in which {@link unknownDestinations} follows. */
export function neededRegionsInShort(conclusion: Conclusion): string {
  if (conclusion.legsComplete) return neededRegions(conclusion);
  return isThroughProfile(conclusion) ? EVERY_DESTINATION : EVERY_REGION;
}

const EVERY_DESTINATION = "every destination Region";
const EVERY_REGION = "every Region that the call needs";

/** Returns ` (catalog of 2026-10-07)` if the destination Regions are from the catalog. */
export function destinationSource({ evidence }: Pick<Conclusion, "evidence">): string {
  for (const { finding } of evidence) {
    if (finding.code === "profile-from-bundled-catalog") return ` (${catalogOf(finding.asOf)})`;
  }
  return "";
}

/** Returns a separate sentence if destination Regions are unknown. */
export function unknownDestinations(conclusion: Conclusion): string[] {
  if (conclusion.legsComplete || !isThroughProfile(conclusion)) return [];
  return [`The destination Regions of ${conclusion.modelId} are unknown, so other Regions might also be denied.`];
}

const SETTING: Record<RegionSetting, string> = {
  client: "the region setting of the client",
  AWS_REGION: "the environment variable AWS_REGION",
};

/** Whether the Region that the client calls is known. If it isn't, no sentence mentions it. */
export const isSourceKnown = ({ sourceRegion }: Pick<Conclusion, "sourceRegion">): boolean =>
  sourceRegion !== "unknown";

/** ` in us-east-1`, or nothing. */
export const inSource = (conclusion: Pick<Conclusion, "sourceRegion">): string =>
  isSourceKnown(conclusion) ? ` in ${conclusion.sourceRegion}` : "";

/** ` from us-east-1`, or nothing. */
export const fromSource = (conclusion: Pick<Conclusion, "sourceRegion">): string =>
  isSourceKnown(conclusion) ? ` from ${conclusion.sourceRegion}` : "";

/** `us-east-1 (from the environment variable AWS_REGION)` */
const clientRegion = ({ sourceRegion, regionFrom }: Conclusion): string =>
  regionFrom === undefined ? sourceRegion : `${sourceRegion} (from ${SETTING[regionFrom]})`;

/** ` in us-east-1 (from the environment variable AWS_REGION)`, or nothing. */
export const inClientRegion = (conclusion: Conclusion): string =>
  isSourceKnown(conclusion) ? ` in ${clientRegion(conclusion)}` : "";

/** `The client calls us-east-1 (from the environment variable AWS_REGION). `, or nothing. */
export const clientCalls = (conclusion: Conclusion): string =>
  isSourceKnown(conclusion) ? `The client calls ${clientRegion(conclusion)}. ` : "";

/** ` (endpoint in us-east-1, partition aws)`, or nothing. */
export const ofEndpoint = (conclusion: Conclusion): string =>
  isSourceKnown(conclusion)
    ? ` (endpoint in ${conclusion.sourceRegion}, partition ${partitionOfRegion(conclusion.sourceRegion)})`
    : "";

/** Returns why valid credentials may still be rejected there. */
export function partitionStep(conclusion: Conclusion): string[] {
  if (!isSourceKnown(conclusion)) return [];
  const own = partitionOfRegion(conclusion.sourceRegion);
  const others = ["aws", "aws-us-gov", "aws-cn"].filter((partition) => partition !== own);
  return [
    `The client calls ${clientRegion(conclusion)}, in the partition ${own}. Credentials of another partition, such as ${list(others)}, don't work there.`,
  ];
}
