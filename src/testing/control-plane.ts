import { lastSegment, parseArn, partitionOfRegion } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import { denialOf } from "./authorization.js";
import type { SimulatedCall, World } from "./call.js";
import { pageOf } from "./page.js";
import { errorResponse, invalidField, jsonResponse } from "./responses.js";
import { unknownResource } from "./unknown-id.js";
import type { RegionalModel } from "./virtual-catalog.js";

/** Authorizes and answers the control plane's read operations. */
export function answerControlPlane(call: SimulatedCall, world: World): Response {
  return denialOf([controlPlaneLeg(call, world)], call, world) ?? answerRead(call, world);
}

/** Returns the leg to authorize: the operation's own action on the profile or model in the request. */
function controlPlaneLeg({ route, sourceRegion, accountId }: SimulatedCall, { catalog }: World): AuthorizationLeg {
  const { operation, id } = route;
  const profile = operation === "GetInferenceProfile" ? catalog.profile(id, sourceRegion, accountId) : undefined;
  const model = operation.startsWith("GetFoundationModel") ? foundationModelArn(id, sourceRegion) : "*";
  return { stage: "model", action: `bedrock:${operation}`, resource: profile?.arn ?? model, region: sourceRegion };
}

function answerRead(call: SimulatedCall, world: World): Response {
  const { operation, id } = call.route;
  switch (operation) {
    case "ListInferenceProfiles":
      return listProfiles(call, world);
    case "GetInferenceProfile": {
      const profile = world.catalog.profile(id, call.sourceRegion, call.accountId);
      return profile ? jsonResponse(profileBody(profile)) : unknownResource(call, world);
    }
    case "GetUseCaseForModelAccess":
      return world.isUseCaseFilled
        ? jsonResponse({ formData: "e30=" })
        : notFound("You have not filled out the request form");
    default: {
      const model = world.catalog.model(id, call.sourceRegion);
      if (model === undefined) return unknownResource(call, world);
      if (operation === "GetFoundationModelAvailability") return jsonResponse(availabilityBody(model));
      return jsonResponse({ modelDetails: modelBody(model) });
    }
  }
}

const PROFILE_TYPES: readonly string[] = ["SYSTEM_DEFINED", "APPLICATION"];

function listProfiles({ query, sourceRegion, accountId }: SimulatedCall, { catalog }: World): Response {
  const type = query.get("type") ?? "SYSTEM_DEFINED";
  if (!PROFILE_TYPES.includes(type))
    return invalidField("type", `satisfy enum value set: [${PROFILE_TYPES.join(", ")}]`);
  const all = catalog.profiles(sourceRegion, accountId).filter((profile) => profile.type === type);
  const page = pageOf(all, query);
  if (page instanceof Response) return page;
  const { items, nextToken } = page;
  return jsonResponse({ inferenceProfileSummaries: items.map(profileBody), nextToken });
}

const notFound = (what: string) =>
  errorResponse(404, "ResourceNotFoundException", { message: `The resource you requested was not found: ${what}` });

const foundationModelArn = (idOrArn: string, region: string) =>
  parseArn(idOrArn)
    ? idOrArn
    : `arn:${partitionOfRegion(region)}:bedrock:${region}::foundation-model/${lastSegment(idOrArn)}`;

function profileBody({ id, arn, name, type, models }: InferenceProfile) {
  return {
    inferenceProfileName: name,
    inferenceProfileArn: arn,
    inferenceProfileId: id,
    models: models.map((model) => ({ modelArn: model.arn })),
    status: "ACTIVE",
    type,
  };
}

// The service also returns INFERENCE_PROFILE here, although the API's enumeration doesn't contain it.
function modelBody({ id, region, inferenceTypes, lifecycle, endOfLife }: RegionalModel) {
  return {
    modelArn: foundationModelArn(id, region),
    modelId: id,
    modelName: id,
    inferenceTypesSupported: inferenceTypes,
    modelLifecycle: { status: lifecycle, endOfLifeTime: endOfLife },
  };
}

function availabilityBody({ id, access = {} }: RegionalModel) {
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
