import type { AuthorizationLeg } from "../resolve/legs.js";
import { errorResponse, jsonResponse, type Route } from "./operations.js";
import { profileFor, profileIn, shownAccess, shownModel, shownProfile, type VirtualCatalog } from "./virtual-models.js";

/** What Bedrock's control plane knows when one account asks it in one Region. */
export interface ControlPlane extends VirtualCatalog {
  isUseCaseFilled: boolean;
  sourceRegion: string;
  accountId: string;
}

/** What is authorized: the operation's own action, on the profile or model that it is asked about. */
export function controlPlaneLeg({ operation, id }: Route, plane: ControlPlane): AuthorizationLeg {
  const { sourceRegion, accountId } = plane;
  const profile = operation === "GetInferenceProfile" ? profileFor(plane, id, sourceRegion, accountId) : undefined;
  const model = operation.startsWith("GetFoundationModel")
    ? `arn:aws:bedrock:${sourceRegion}::foundation-model/${id}`
    : "*";
  return { stage: "model", action: `bedrock:${operation}`, resource: profile?.arn ?? model, region: sourceRegion };
}

/** What is answered where that is allowed. */
export function answerControlPlane({ operation, id }: Route, query: URLSearchParams, plane: ControlPlane): Response {
  const { models, sourceRegion, accountId, isUseCaseFilled } = plane;
  if (operation === "GetInferenceProfile") {
    const profile = profileFor(plane, id, sourceRegion, accountId);
    return profile ? jsonResponse(shownProfile(profile)) : notFound(id);
  }
  if (operation === "ListInferenceProfiles") return list(query, plane);
  if (operation === "GetUseCaseForModelAccess") {
    return isUseCaseFilled ? jsonResponse({ formData: "e30=" }) : notFound("You have not filled out the request form");
  }
  const model = models.get(id);
  if (model && operation === "GetFoundationModelAvailability") return jsonResponse(shownAccess(model));
  return model ? jsonResponse({ modelDetails: shownModel(model, sourceRegion) }) : notFound(id);
}

function list(query: URLSearchParams, { profiles, sourceRegion, accountId }: ControlPlane): Response {
  const type = query.get("type") ?? "SYSTEM_DEFINED";
  const all = [...profiles.values()]
    .map((profile) => profileIn(profile, sourceRegion, accountId))
    .filter((profile) => profile !== undefined && profile.type === type);
  const from = Number(query.get("nextToken") ?? 0);
  const to = from + Number(query.get("maxResults") ?? 1_000);
  return jsonResponse({
    inferenceProfileSummaries: all.slice(from, to).map((profile) => profile && shownProfile(profile)),
    ...(to < all.length ? { nextToken: String(to) } : {}),
  });
}

const notFound = (id: string) =>
  errorResponse(404, "ResourceNotFoundException", { message: `The resource you requested was not found: ${id}` });
