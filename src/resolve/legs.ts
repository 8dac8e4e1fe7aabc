import { buildArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import { type ModelReference, parseModelId } from "./model-id.js";
import type { InferenceProfile } from "./profile-source.js";

/** Which of the separate checks of one call this is. */
export type LegStage = "profile" | "source-model" | "destination-model" | "global-model" | "model";

/** One authorization that Bedrock evaluates for a call; all of a call's legs must allow. */
export interface AuthorizationLeg {
  stage: LegStage;
  /** The IAM action: `bedrock:InvokeModel`. */
  action: string;
  /** The ARN that is evaluated. */
  resource: string;
  /** The value of `aws:RequestedRegion`: a Region, or `unspecified` for global routing. */
  region: string;
  /** The value of `bedrock:InferenceProfileArn`; where it is missing here, the key is absent from the request. */
  inferenceProfileArn?: string;
}

/** Stands in ARNs for an account id that nobody told us. */
export const UNKNOWN_ACCOUNT = "<account-id>";

/** Operation to IAM action (each operation's page in the Amazon Bedrock API Reference; Service Authorization Reference, "Amazon Bedrock"). */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["InvokeModel", "bedrock:InvokeModel"],
  ["Converse", "bedrock:InvokeModel"],
  ["StartAsyncInvoke", "bedrock:InvokeModel"],
  ["InvokeModelWithBidirectionalStream", "bedrock:InvokeModel"],
  ["InvokeModelWithResponseStream", "bedrock:InvokeModelWithResponseStream"],
  ["ConverseStream", "bedrock:InvokeModelWithResponseStream"],
  ["CountTokens", "bedrock:CountTokens"],
  ["ApplyGuardrail", "bedrock:ApplyGuardrail"],
  ["GetAsyncInvoke", "bedrock:GetAsyncInvoke"],
  ["ListAsyncInvokes", "bedrock:ListAsyncInvokes"],
]);

/** Actions that are evaluated on a model. */
const ON_MODELS: ReadonlySet<string> = new Set([
  "bedrock:InvokeModel",
  "bedrock:InvokeModelWithResponseStream",
  "bedrock:CountTokens",
]);

/** The IAM action that an operation of the runtime needs; undefined for one that this release does not know. */
export function actionOf(operation: string): string | undefined {
  return ACTIONS.get(operation.replace(/Command$/, ""));
}

/** What {@link authorizationLegs} is asked. */
export interface LegsRequest {
  /** The SDK operation: `Converse`, or the command's name, `ConverseCommand`. */
  operation: string;
  modelId: string;
  /** The Region of the client. */
  sourceRegion: string;
  /** The caller's account; without it ARNs hold {@link UNKNOWN_ACCOUNT}. */
  accountId?: string;
  /** The profile as looked up from that Region. Without it the destinations are unknown, and only the certain legs come back. */
  profile?: InferenceProfile;
}

/**
 * The authorization legs of one call, in the order profile, source Region, destinations, global (Amazon Bedrock User
 * Guide, "Geographic cross-Region inference" and "Global cross-Region inference"). Empty for operations that invoke no
 * model, and for ids that name none.
 *
 * @throws TypeError that names the field, its value and what would be right.
 */
export function authorizationLegs(request: LegsRequest): AuthorizationLeg[] {
  const { operation, modelId, sourceRegion } = request;
  for (const [field, value] of Object.entries({ operation, modelId, sourceRegion })) {
    if (typeof value !== "string" || value === "") {
      throw new TypeError(`${field} must be a non-empty string; it is ${JSON.stringify(value)}.`);
    }
  }
  const action = actionOf(operation);
  if (action === undefined || !ON_MODELS.has(action)) return [];
  const reference = parseModelId(modelId);
  const { kind } = reference;
  if (kind === "unknown") return [];
  if (kind === "inference-profile" || kind === "application-inference-profile") {
    return legsThroughProfile(action, reference, request);
  }
  const partition = partitionOfRegion(sourceRegion);
  const resource = reference.arn ?? modelArn(partition, sourceRegion, modelId);
  return [{ stage: "model", action, resource, region: sourceRegion }];
}

type ProfileReference = Extract<ModelReference, { profileId: string }>;

function legsThroughProfile(action: string, reference: ProfileReference, request: LegsRequest): AuthorizationLeg[] {
  const { sourceRegion, profile } = request;
  const partition = reference.partition ?? partitionOfRegion(sourceRegion);
  const profileArn =
    profile?.arn ??
    reference.arn ??
    buildArn({
      partition,
      service: "bedrock",
      region: sourceRegion,
      accountId: request.accountId ?? UNKNOWN_ACCOUNT,
      resource: `${reference.kind}/${reference.profileId}`,
    });
  const leg = (stage: LegStage, resource: string, region: string): AuthorizationLeg => ({
    stage,
    action,
    resource,
    region,
    inferenceProfileArn: profileArn,
  });
  const models = profile?.models ?? [];
  const prefixed = reference.kind === "inference-profile" ? [reference.modelId] : [];
  const modelIds = [...new Set(models.length > 0 ? models.map((model) => model.modelId) : prefixed)];
  const elsewhere = models.filter(({ region }) => region !== sourceRegion);
  return [
    { stage: "profile", action, resource: profileArn, region: sourceRegion },
    // Evaluated always, also where the source Region is no destination.
    ...modelIds.map((id) => leg("source-model", modelArn(partition, sourceRegion, id), sourceRegion)),
    ...elsewhere
      .filter(({ region }) => region !== UNSPECIFIED_REGION)
      .map(({ arn, region }) => leg("destination-model", arn, region)),
    ...elsewhere
      .filter(({ region }) => region === UNSPECIFIED_REGION)
      .map(({ arn, region }) => leg("global-model", arn, region)),
  ];
}

const modelArn = (partition: string, region: string, modelId: string) =>
  buildArn({ partition, service: "bedrock", region, accountId: "", resource: `foundation-model/${modelId}` });
