import type { Conclusion } from "../../diagnose/evidence.js";

/** The Regions to approve: all that the call needs, not only the one that AWS happened to name. */
export function regionsOf({ legs, blockedRegions }: Conclusion): string[] {
  const regions = [...new Set(legs.map(({ leg }) => leg.region))].filter((region) => region !== "unspecified");
  return regions.length > 0 ? regions : blockedRegions;
}

/** `the us. inference profiles`, or the one that is the application's own. */
export function profilesOf({ legs, modelId }: Conclusion): string {
  const resource = legs.find(({ leg }) => leg.stage === "profile")?.leg.resource ?? modelId;
  const id = resource.slice(resource.lastIndexOf("/") + 1);
  return resource.includes(":application-inference-profile/")
    ? `the inference profile ${id}`
    : `the ${id.split(".")[0]}. inference profiles`;
}
