import { buildArn, UNSPECIFIED_REGION } from "../arn.js";
import type { AuthorizationLeg } from "../resolve/legs.js";

/** A request that a remedy must not let through where it was denied before. */
export interface Guard {
  /** What the request is: `other-geography`. */
  what:
    | "direct-call"
    | "other-source-region"
    | "other-geography"
    | "global-routing"
    | "other-bedrock-action"
    | "other-service";
  leg: AuthorizationLeg;
}

/** Geographies whose profiles stand for all others. */
const GEOGRAPHIES = ["us", "eu", "apac", "jp", "au", "global"];

/** Regions in which nobody calls: one far away on each side. */
const FAR = ["sa-east-1", "ap-south-1"];

const OTHER_BEDROCK = [
  "bedrock:InvokeAgent",
  "bedrock:CreateModelCustomizationJob",
  "bedrock:CreateProvisionedModelThroughput",
];
const OTHER_SERVICES: [action: string, resource: (region: string, account: string) => string][] = [
  ["ec2:RunInstances", (region, account) => `arn:aws:ec2:${region}:${account}:instance/*`],
  ["s3:CreateBucket", () => "arn:aws:s3:::some-bucket"],
];

/**
 * The requests that stay denied when only this call is allowed: direct calls of the model, the same profile from another
 * source Region, other geographies' profiles, global routing, other actions and services, in the call's Regions and far away.
 *
 * @param namedRegions further Regions: those that the policies name
 */
export function guardsOf(legs: readonly AuthorizationLeg[], namedRegions: readonly string[]): Guard[] {
  const profileLeg = legs.find(({ stage }) => stage === "profile");
  const modelLeg = legs.find(({ resource }) => resource.includes(":foundation-model/"));
  if (modelLeg === undefined) return [];
  const [, partition = "aws"] = modelLeg.resource.split(":");
  const modelId = modelLeg.resource.slice(modelLeg.resource.indexOf("/") + 1);
  const account = profileLeg?.resource.split(":")[4] ?? "";
  const own = profileLeg?.resource.slice(profileLeg.resource.indexOf("/") + 1).split(".")[0] ?? "";
  const regions = [...new Set([...legs.map(({ region }) => region), ...namedRegions, ...FAR])].filter(
    (region) => region !== UNSPECIFIED_REGION,
  );
  const source = profileLeg?.region ?? modelLeg.region;
  const arn = (region: string, accountId: string, resource: string) =>
    buildArn({ partition, service: "bedrock", region, accountId, resource });
  const model = (region: string) => arn(region, "", `foundation-model/${modelId}`);
  const profileOf = (geography: string, region: string) =>
    arn(region, account, `inference-profile/${geography}.${modelId}`);
  const actions = [...new Set(legs.map(({ action }) => action))];
  const others = GEOGRAPHIES.filter((geography) => geography !== own);
  const leg = (action: string, resource: string, region: string, inferenceProfileArn?: string): AuthorizationLeg => ({
    stage: "model",
    action,
    resource,
    region,
    ...(inferenceProfileArn ? { inferenceProfileArn } : {}),
  });
  const guards: Guard[] = [];
  const guard = (what: Guard["what"], ...request: Parameters<typeof leg>) =>
    guards.push({ what, leg: leg(...request) });
  for (const region of regions) {
    for (const action of actions) {
      const isAsked = profileLeg === undefined && region === source;
      if (!isAsked) guard("direct-call", action, model(region), region);
      for (const geography of others) {
        guard("other-geography", action, model(region), region, profileOf(geography, source));
        guard("other-geography", action, profileOf(geography, region), region);
      }
      if (profileLeg && region !== source) {
        guard("other-source-region", action, profileLeg.resource.replace(`:${source}:`, `:${region}:`), region);
      }
    }
    for (const action of OTHER_BEDROCK)
      guard("other-bedrock-action", action, arn(region, account, "agent-alias/a/b"), region);
    for (const [action, resource] of OTHER_SERVICES) guard("other-service", action, resource(region, account), region);
  }
  if (!legs.some(({ region }) => region === UNSPECIFIED_REGION)) {
    for (const action of actions) {
      guard("global-routing", action, model(""), UNSPECIFIED_REGION, profileOf("global", source));
    }
  }
  return guards;
}
