import { partitionOfRegion } from "../../arn.js";
import type { Conclusion } from "../../diagnose/evidence.js";
import type { RegionSetting } from "../../diagnose/refused-call.js";
import { regionsOf } from "./call-words.js";
import { catalogOf } from "./catalog-words.js";
import { list } from "./words.js";

export const isThroughProfile = ({ legs, modelId }: Conclusion): boolean =>
  modelId !== "" && legs.some(({ leg }) => leg.stage === "profile");

/** The Regions that the call needs. If they aren't all known, the words say so instead of listing a part as if it were all. */
export function neededRegions(conclusion: Conclusion): string {
  const regions = regionsOf(conclusion);
  if (conclusion.legsComplete) return `${list(regions)}${destinationSource(conclusion)}`;
  const all = isThroughProfile(conclusion) ? `${EVERY_DESTINATION} of ${conclusion.modelId}` : EVERY_REGION;
  if (regions.length === 0) return `${all} (the list is unknown)`;
  return `${all} (the list is unknown, but contains ${list(regions)})`;
}

/** The same in a summary, in which {@link unknownDestinations} follows. */
export function neededRegionsInShort(conclusion: Conclusion): string {
  if (conclusion.legsComplete) return neededRegions(conclusion);
  return isThroughProfile(conclusion) ? EVERY_DESTINATION : EVERY_REGION;
}

const EVERY_DESTINATION = "every destination Region";
const EVERY_REGION = "every Region that the call needs";

/** ` (catalog of 2026-10-07)` if the destination Regions are the catalog's. */
export function destinationSource({ evidence }: Pick<Conclusion, "evidence">): string {
  for (const { finding } of evidence) {
    if (finding.code === "profile-from-bundled-catalog") return ` (${catalogOf(finding.asOf)})`;
  }
  return "";
}

/** A sentence of its own, if destination Regions are unknown. */
export function unknownDestinations(conclusion: Conclusion): string {
  if (conclusion.legsComplete || !isThroughProfile(conclusion)) return "";
  return ` The destination Regions of ${conclusion.modelId} are unknown, so other Regions might also be denied.`;
}

const SETTING: Record<RegionSetting, string> = {
  client: "the region setting of the client",
  AWS_REGION: "the environment variable AWS_REGION",
};

/** `us-east-1 (from the environment variable AWS_REGION)` */
export function clientRegion({ sourceRegion, regionFrom }: Conclusion): string {
  if (sourceRegion === "unknown") return "an unknown Region";
  return regionFrom === undefined ? sourceRegion : `${sourceRegion} (from ${SETTING[regionFrom]})`;
}

/** `us-east-1, partition aws` */
export function endpointPlace({ sourceRegion }: Conclusion): string {
  return sourceRegion === "unknown"
    ? "an unknown Region"
    : `${sourceRegion}, partition ${partitionOfRegion(sourceRegion)}`;
}

/** Why credentials may be right, and still be rejected there. */
export function partitionStep(conclusion: Conclusion): string[] {
  const { sourceRegion } = conclusion;
  if (sourceRegion === "unknown") return [];
  const own = partitionOfRegion(sourceRegion);
  const others = ["aws", "aws-us-gov", "aws-cn"].filter((partition) => partition !== own);
  return [
    `The client calls ${clientRegion(conclusion)}, in the partition ${own}. Credentials of another partition, such as ${list(others)}, don't work there.`,
  ];
}
