import { buildArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import {
  type AuthorizationLeg,
  actionOf,
  COUNT_TOKENS_ACTION,
  INVOKE_ACTIONS,
  type LegStage,
  UNKNOWN_ACCOUNT,
} from "../authorization.js";
import { type ModelReference, parseModelId } from "./model-id.js";
import type { InferenceProfile, ProfileModel } from "./profile-source.js";

/** The input of {@link authorizationLegs}. */
export interface LegsRequest {
  /** The SDK operation: `Converse`, or the command's name, `ConverseCommand`. */
  operation: string;
  modelId: string;
  /** The Region of the client. */
  sourceRegion: string;
  /** The caller's account. If left out, ARNs contain {@link UNKNOWN_ACCOUNT}. */
  accountId?: string;
  /**
   * The profile as looked up from the source Region. If left out, the destination Regions are unknown, and only the
   * legs that are certain are returned: the profile and, according to the prefix rule, the source Region's model.
   */
  profile?: InferenceProfile;
}

/**
 * Returns the authorization legs of one call, in the order profile, source Region, destination Regions, global (Amazon
 * Bedrock User Guide, "Geographic cross-Region inference" and "Global cross-Region inference"). Returns an empty list
 * for operations that don't invoke a model, and for invalid IDs.
 *
 * If a `modelId` identifies neither a foundation model nor a profile, the only leg is the one that IAM is known to
 * evaluate for it. Resources that it uses (a prompt's model, a router's models, a Marketplace model's SageMaker
 * endpoint) aren't included, because they would be a guess.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function authorizationLegs(request: LegsRequest): AuthorizationLeg[] {
  check(request);
  const action = actionOf(request.operation);
  const reference = parseModelId(request.modelId);
  const isInvoke = action !== undefined && INVOKE_ACTIONS.includes(action);
  const isCount = action === COUNT_TOKENS_ACTION && reference.kind === "foundation-model";
  if (!isInvoke && !isCount) return [];
  switch (reference.kind) {
    case "unknown":
      return [];
    case "inference-profile":
    case "application-inference-profile":
      return legsThroughProfile(action, reference, request);
    default:
      return [
        { stage: "model", region: request.sourceRegion, ...evaluatedOn(action, reference, request.sourceRegion) },
      ];
  }
}

type ProfileReference = Extract<ModelReference, { profileId: string }>;
type DirectReference = Exclude<ModelReference, ProfileReference | { kind: "unknown" }>;

function evaluatedOn(action: string, reference: DirectReference, sourceRegion: string) {
  switch (reference.kind) {
    case "foundation-model":
      return { action, resource: reference.arn ?? modelArn(sourceRegion, reference.modelId) };
    // InvokeModel has no resource type for prompts. A prompt's own action is evaluated instead (Service Authorization
    // Reference, "Amazon Bedrock"; Amazon Bedrock User Guide, "Prerequisites for running model inference").
    case "prompt":
      return { action: "bedrock:RenderPrompt", resource: reference.arn };
    // InvokeModel has no resource type for endpoints either. One ARN stands for all endpoints of an account (same page,
    // bedrock-marketplace-model-endpoint).
    case "marketplace-endpoint": {
      const { partition, region, accountId } = reference;
      const resource = "marketplace/model-endpoint/all-access";
      return { action, resource: buildArn({ partition, service: "bedrock", region, accountId, resource }) };
    }
    default:
      return { action, resource: reference.arn };
  }
}

function legsThroughProfile(action: string, reference: ProfileReference, request: LegsRequest): AuthorizationLeg[] {
  const { sourceRegion, profile } = request;
  const partition = reference.partition ?? partitionOfRegion(sourceRegion);
  // The ARN of a system-defined profile contains the caller's account, even if another account looked it up.
  const lookedUp = profile?.type === "SYSTEM_DEFINED" && request.accountId !== undefined ? undefined : profile?.arn;
  const profileArn = lookedUp ?? profileArnOf(reference, partition, request);
  const leg = (stage: LegStage, resource: string, region: string): AuthorizationLeg => ({
    stage,
    action,
    resource,
    region,
    inferenceProfileArn: profileArn,
  });
  const models = uniqueModels(profile);
  const byPrefix = reference.kind === "inference-profile" && reference.geography !== "" ? [reference.modelId] : [];
  const modelIds = models.length > 0 ? new Set(models.map(({ modelId }) => modelId)) : byPrefix;
  const elsewhere = models.filter(({ region }) => region !== sourceRegion);
  return [
    { stage: "profile", action, resource: profileArn, region: sourceRegion },
    // This leg is always evaluated, even if the source Region isn't a destination Region.
    ...[...modelIds].map((id) => leg("source-model", modelArn(sourceRegion, id, partition), sourceRegion)),
    ...elsewhere
      .filter(({ region }) => region !== UNSPECIFIED_REGION)
      .map(({ arn, region }) => leg("destination-model", arn, region)),
    ...elsewhere
      .filter(({ region }) => region === UNSPECIFIED_REGION)
      .map(({ arn, region }) => leg("global-model", arn, region)),
  ];
}

/**
 * Returns the ARN as the ID contains it. If the account is missing, it's added, because the ARN that is evaluated
 * always contains one.
 */
function profileArnOf(
  reference: ProfileReference,
  partition: string,
  { sourceRegion, accountId }: LegsRequest,
): string {
  if (reference.arn !== undefined && reference.accountId !== undefined) return reference.arn;
  return buildArn({
    partition,
    service: "bedrock",
    region: sourceRegion,
    accountId: accountId ?? UNKNOWN_ACCOUNT,
    resource: `${reference.kind}/${reference.profileId}`,
  });
}

function uniqueModels(profile: InferenceProfile | undefined): ProfileModel[] {
  return [...new Map(profile?.models.map((model) => [model.arn, model])).values()];
}

const modelArn = (region: string, modelId: string, partition = partitionOfRegion(region)) =>
  buildArn({ partition, service: "bedrock", region, accountId: "", resource: `foundation-model/${modelId}` });

function check({ operation, modelId, sourceRegion, accountId, profile }: LegsRequest): void {
  assertFilled("operation", operation, 'the name of an operation, such as "Converse"');
  assertFilled("modelId", modelId, 'the id or ARN of a model or inference profile, such as "us.amazon.nova-pro-v1:0"');
  assertFilled("sourceRegion", sourceRegion, 'the Region of the client, such as "us-east-1"');
  if (accountId !== undefined) assertFilled("accountId", accountId, "an account id of twelve digits, or be left out");
  if (profile === undefined) return;
  if (!Array.isArray(profile?.models)) {
    throw new TypeError("profile must be an inference profile with its models, or be left out; it has no models.");
  }
  // From another source Region, the same profile has other destination Regions. Its legs would be wrong, and nothing
  // would show it.
  if (profile.sourceRegion !== sourceRegion) {
    const from = printedValue(profile.sourceRegion);
    throw new TypeError(`profile must have been looked up from ${sourceRegion}; its sourceRegion is ${from}.`);
  }
}

function assertFilled(field: string, value: unknown, wanted: string): void {
  if (typeof value !== "string" || value === "") {
    throw new TypeError(`${field} must be ${wanted}; it is ${printedValue(value)}.`);
  }
}

const printedValue = (value: unknown) =>
  typeof value === "string" ? JSON.stringify(value) : `${value && typeof value}`;
