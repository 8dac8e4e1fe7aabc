import type { SimulatedCall, World } from "./call.js";
import { errorResponse, invalid } from "./responses.js";
import type { VirtualCatalog } from "./virtual-catalog.js";

/** Returns the runtime's error for an ID that identifies neither a model nor a profile. */
export function unknownModel(call: SimulatedCall, world: World): Response {
  return invalid(`The provided model identifier is invalid.${hintFor(call, world)}`);
}

/** Returns the control plane's error for an ID that identifies neither a model nor a profile. */
export function unknownResource(call: SimulatedCall, world: World): Response {
  const message = `The resource you requested was not found: ${call.route.id}${hintFor(call, world)}`;
  return errorResponse(404, "ResourceNotFoundException", { message });
}

const hintFor = ({ route, sourceRegion }: SimulatedCall, { hasHints, catalog }: World) =>
  hasHints ? unknownIdHint(route.id, sourceRegion, catalog) : "";

/**
 * Returns a hint for the test's author about an ID that the simulated Bedrock doesn't contain. It follows AWS's own
 * message in parentheses. The ID is repeated only if it has the form of an ID, so that it can't be mistaken for another
 * error's message.
 */
function unknownIdHint(id: string, sourceRegion: string, catalog: VirtualCatalog): string {
  const what = /^[\w.:/-]{1,200}$/.test(id) ? id : "this id";
  const elsewhere = catalog.sourceRegions(id);
  const offered = elsewhere.length > 0 ? ` It's available from ${elsewhere.join(", ")}.` : "";
  const profile = 'simulated.addProfile({ id, modelId, routes: { "us-east-1": ["us-east-1", "us-west-2"] } })';
  const model = 'simulated.addModel({ id, onDemandRegions: ["us-east-1"] })';
  return ` (SimulatedBedrock doesn't know ${what} in ${sourceRegion}.${offered} Add it with ${profile} or ${model}.)`;
}
