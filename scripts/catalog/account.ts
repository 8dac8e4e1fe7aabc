import {
  BedrockClient,
  type FoundationModelSummary,
  type InferenceProfileSummary,
  ListFoundationModelsCommand,
  paginateListInferenceProfiles,
} from "@aws-sdk/client-bedrock";
import { parseArn } from "../../src/arn.js";
import { type Observation, type ObservedModel, regionsIn, regionsOf } from "./observation.js";

/** Why a Region was left out. */
export interface UnreadRegion {
  region: string;
  errorName: string;
}

/** What one Region lists. */
interface RegionListing {
  region: string;
  profiles: InferenceProfileSummary[];
  models: FoundationModelSummary[];
}

/**
 * Reads the system-defined inference profiles and the foundation models of each Region, all pages. It calls
 * ListInferenceProfiles and ListFoundationModels, and nothing else.
 *
 * @param clientFor makes the client of a Region. By default, it uses the credentials of the environment.
 * @returns also the Regions that couldn't be read, such as an opt-in Region that the account hasn't enabled
 * @throws Error if no Region could be read
 */
export async function readAccount(
  regions: readonly string[],
  date: string,
  clientFor: (region: string) => BedrockClient = (region) => new BedrockClient({ region }),
): Promise<{ observation: Observation; unread: UnreadRegion[] }> {
  const listings: RegionListing[] = [];
  const unread: UnreadRegion[] = [];
  for (const region of regions) {
    const client = clientFor(region);
    try {
      listings.push(await listRegion(client, region));
    } catch (error) {
      unread.push({ region, errorName: error instanceof Error ? error.name : String(error) });
    } finally {
      client.destroy();
    }
  }
  if (listings.length === 0) {
    const reasons = unread.map(({ region, errorName }) => `${region} (${errorName})`);
    throw new Error(`No Region could be read: ${reasons.join(", ")}.`);
  }
  return { observation: observe(listings, date), unread };
}

async function listRegion(client: BedrockClient, region: string): Promise<RegionListing> {
  const profiles: InferenceProfileSummary[] = [];
  // This is the default, but only system-defined profiles belong in the catalog (API Reference, "ListInferenceProfiles").
  const pages = paginateListInferenceProfiles({ client, pageSize: 1000 }, { typeEquals: "SYSTEM_DEFINED" });
  for await (const { inferenceProfileSummaries = [] } of pages) profiles.push(...inferenceProfileSummaries);
  const { modelSummaries = [] } = await client.send(new ListFoundationModelsCommand({}));
  return { region, profiles, models: modelSummaries };
}

/** Turns the listings of all Regions into one observation. */
function observe(listings: readonly RegionListing[], date: string): Observation {
  const regions = regionsOf(listings.map(({ region }) => region));
  const profiles: Observation["profiles"] = {};
  const models: Observation["models"] = {};
  for (const { region, profiles: listed, models: offered } of listings) {
    for (const { inferenceProfileId: id, inferenceProfileName: name, models: destinations = [] } of listed) {
      if (!id) continue;
      const profile = profiles[id] ?? { ...(name ? { name } : {}), routes: [] };
      profiles[id] = profile;
      const to = destinationsIn(destinations.map(({ modelArn = "" }) => modelArn));
      const route = profile.routes.find((each) => each.to === to);
      if (route) route.from = regionsOf([...regionsIn(route.from), region]);
      else profile.routes.push({ from: region, to });
    }
    for (const { modelId, modelLifecycle, inferenceTypesSupported = [] } of offered) {
      const types: string[] = inferenceTypesSupported;
      const offer = types.includes("ON_DEMAND") ? "onDemand" : types.includes("INFERENCE_PROFILE") && "profileOnly";
      if (modelId && offer) addModel(models, modelId, modelLifecycle?.status ?? "ACTIVE", offer, region);
    }
  }
  const title = `ListInferenceProfiles and ListFoundationModels in ${listings.length} Regions`;
  return { source: { kind: "scan", date, title, regions }, profiles, models };
}

/** The destinations in a profile's model ARNs. A Region-less ARN means global routing. */
function destinationsIn(modelArns: readonly string[]): string {
  const regions = modelArns.map((arn) => parseArn(arn)?.region);
  return regions.includes("") ? "*" : regionsOf(regions.filter((region) => region !== undefined));
}

function addModel(
  models: Observation["models"],
  modelId: string,
  lifecycle: string,
  offer: "onDemand" | "profileOnly",
  region: string,
): void {
  const rows = models[modelId] ?? [];
  models[modelId] = rows;
  let row: ObservedModel | undefined = rows.find((each) => each.lifecycle === lifecycle);
  if (row === undefined) {
    row = { lifecycle, onDemand: "", profileOnly: "" };
    rows.push(row);
  }
  row[offer] = regionsOf([...regionsIn(row[offer]), region]);
}
