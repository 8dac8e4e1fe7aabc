import { buildArn, parseArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import type { InferenceProfile, ProfileModel } from "../resolve/profile-source.js";

/** A foundation model of the simulated Bedrock. */
export interface VirtualModel {
  id: string;
  /** Regions where the bare id can be called; elsewhere an inference profile is needed. */
  onDemandRegions: string[];
  /** @default "ACTIVE" */
  lifecycle?: "ACTIVE" | "LEGACY";
  /** When the model ends: ISO 8601. @default not known */
  endOfLife?: string;
  /** What GetFoundationModelAvailability says. @default all of it granted */
  access?: { agreement?: string; authorization?: string; entitlement?: string; region?: string };
}

/** An inference profile of the simulated Bedrock. */
export interface VirtualProfile {
  /** `us.anthropic.claude-…`, or twelve letters and digits for an application inference profile. */
  id: string;
  /** @default "SYSTEM_DEFINED" */
  type?: "SYSTEM_DEFINED" | "APPLICATION";
  name?: string;
  modelId: string;
  /** Destinations by source Region; `unspecified` is global routing's Region-less model. */
  routes: Record<string, string[]>;
}

const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA = "amazon.nova-pro-v1:0";

const everyRegion = (regions: string[], more: (source: string) => string[] = () => []) =>
  Object.fromEntries(regions.map((source) => [source, [...more(source), ...regions]]));

const US = ["us-east-1", "us-east-2", "us-west-2"];
const EU = ["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"];
const globally = (regions: string[]) =>
  Object.fromEntries(regions.map((source) => [source, [UNSPECIFIED_REGION, source]]));

/** What every simulated Bedrock has (destinations: Amazon Bedrock User Guide, "Supported Regions and models for inference profiles"). */
export const DEFAULT_MODELS: readonly VirtualModel[] = [
  { id: SONNET, onDemandRegions: [] },
  { id: NOVA, onDemandRegions: ["us-east-1", "ap-southeast-2", "eu-west-2"] },
];

export const DEFAULT_PROFILES: readonly VirtualProfile[] = [
  { id: `us.${SONNET}`, modelId: SONNET, routes: everyRegion(US) },
  { id: `eu.${SONNET}`, modelId: SONNET, routes: everyRegion(EU) },
  { id: `global.${SONNET}`, modelId: SONNET, routes: globally([...US, ...EU]) },
  { id: `us.${NOVA}`, modelId: NOVA, routes: everyRegion(US) },
];

/** A virtual profile as GetInferenceProfile shows it from one source Region; undefined where it is not offered there. */
export function profileIn(
  profile: VirtualProfile,
  sourceRegion: string,
  accountId: string,
): InferenceProfile | undefined {
  const destinations = profile.routes[sourceRegion];
  if (destinations === undefined) return undefined;
  const partition = partitionOfRegion(sourceRegion);
  const type = profile.type ?? "SYSTEM_DEFINED";
  const resource = `${type === "APPLICATION" ? "application-" : ""}inference-profile/${profile.id}`;
  const models = destinations.map((region): ProfileModel => {
    const inArn = region === UNSPECIFIED_REGION ? "" : region;
    const model = `foundation-model/${profile.modelId}`;
    const arn = buildArn({ partition, service: "bedrock", region: inArn, accountId: "", resource: model });
    return { arn, modelId: profile.modelId, region };
  });
  return {
    id: profile.id,
    arn: buildArn({ partition, service: "bedrock", region: sourceRegion, accountId, resource }),
    name: profile.name ?? profile.id,
    type,
    sourceRegion,
    models,
  };
}

/** The models and profiles that there are, by id. */
export interface VirtualCatalog {
  models: ReadonlyMap<string, VirtualModel>;
  profiles: ReadonlyMap<string, VirtualProfile>;
}

/** The profile that an id or ARN names, where it is offered from this source Region. */
export function profileFor(
  { profiles }: VirtualCatalog,
  idOrArn: string,
  sourceRegion: string,
  accountId: string,
): InferenceProfile | undefined {
  const arn = parseArn(idOrArn);
  const id = arn ? arn.resource.slice(arn.resource.indexOf("/") + 1) : idOrArn;
  if (arn && (arn.accountId !== accountId || arn.region !== sourceRegion)) return undefined;
  const profile = profiles.get(id);
  return profile && profileIn(profile, sourceRegion, accountId);
}

/** As GetInferenceProfile shows it. */
export function shownProfile(profile: InferenceProfile) {
  return {
    inferenceProfileName: profile.name,
    inferenceProfileArn: profile.arn,
    inferenceProfileId: profile.id,
    models: profile.models.map(({ arn }) => ({ modelArn: arn })),
    status: "ACTIVE",
    type: profile.type,
  };
}

/** As GetFoundationModel shows it in one Region. */
export function shownModel({ id, onDemandRegions, lifecycle, endOfLife }: VirtualModel, region: string) {
  return {
    modelArn: `arn:aws:bedrock:${region}::foundation-model/${id}`,
    modelId: id,
    modelName: id,
    // The service answers INFERENCE_PROFILE here too, which its own enumeration lacks.
    inferenceTypesSupported: onDemandRegions.includes(region)
      ? ["ON_DEMAND", "INFERENCE_PROFILE"]
      : ["INFERENCE_PROFILE"],
    modelLifecycle: {
      status: lifecycle ?? "ACTIVE",
      ...(endOfLife ? { endOfLifeTime: endOfLife } : {}),
    },
  };
}

/** As GetFoundationModelAvailability shows it. */
export function shownAccess({ id, access = {} }: VirtualModel) {
  const {
    agreement = "AVAILABLE",
    authorization = "AUTHORIZED",
    entitlement = "AVAILABLE",
    region = "AVAILABLE",
  } = access;
  return {
    modelId: id,
    agreementAvailability: { status: agreement },
    authorizationStatus: authorization,
    entitlementAvailability: entitlement,
    regionAvailability: region,
  };
}
