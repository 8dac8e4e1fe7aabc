import type { VirtualCatalog } from "./virtual-catalog.js";

/**
 * What a test's author can do about an id that the simulated Bedrock doesn't know. It follows AWS's own message in
 * parentheses. The id is repeated only if it looks like one, so that it can't pass for another error's words.
 */
export function unknownIdHint(id: string, sourceRegion: string, catalog: VirtualCatalog): string {
  const what = /^[\w.:/-]{1,200}$/.test(id) ? id : "this id";
  const elsewhere = catalog.sourceRegions(id);
  const offered = elsewhere.length > 0 ? ` It's available from ${elsewhere.join(", ")}.` : "";
  const profile = 'simulated.addProfile({ id, modelId, routes: { "us-east-1": ["us-east-1", "us-west-2"] } })';
  const model = 'simulated.addModel({ id, onDemandRegions: ["us-east-1"] })';
  return ` (SimulatedBedrock doesn't know ${what} in ${sourceRegion}.${offered} Add it with ${profile} or ${model}.)`;
}
