import { buildArn, partitionOfRegion, UNSPECIFIED_REGION } from "../arn.js";
import { type ModelReference, parseModelId } from "./model-id.js";
import type { InferenceProfile, ProfileModel } from "./profile-source.js";

/** The stages of the model itself, and of the inference profile that the call uses. */
type ModelStage = "profile" | "source-model" | "destination-model" | "global-model" | "model";

/**
 * The stage of a leg, which is one of the separate authorizations of a call. In addition to the model, a call may need
 * a guardrail (and its guardrail profile in each destination Region), a system tool, the asynchronous invocation and
 * its tags, objects in Amazon S3, and an AWS KMS key.
 */
export type LegStage =
  | ModelStage
  | "guardrail"
  | "guardrail-profile"
  | "system-tool"
  | "async-invoke"
  | "tag"
  | "s3"
  | "kms";

const MODEL_STAGES: ReadonlySet<LegStage> = new Set<ModelStage>([
  "profile",
  "source-model",
  "destination-model",
  "global-model",
  "model",
]);

/**
 * Returns true if a leg is about the model or its inference profile. The other legs aren't part of Bedrock's routing.
 */
export const isModelLeg = ({ stage }: Pick<AuthorizationLeg, "stage">): boolean => MODEL_STAGES.has(stage);

/** One authorization that Bedrock evaluates for a call. All legs of a call must be allowed. */
export interface AuthorizationLeg {
  stage: LegStage;
  /** The IAM action: `bedrock:InvokeModel`. */
  action: string;
  /** The ARN that is evaluated. */
  resource: string;
  /** The value of `aws:RequestedRegion`: a Region, or `unspecified` for global routing. */
  region: string;
  /** The value of `bedrock:InferenceProfileArn`. If left out, the key is absent from the request. */
  inferenceProfileArn?: string;
  /** Condition keys, in lower case, that the call sets for this leg, with their values. */
  context?: Record<string, string[]>;
  /**
   * Condition keys, in lower case, whose value is unknown for this leg. `*` stands for all keys except those of the
   * principal. It's used if another AWS service evaluates the request, which Amazon Bedrock makes on the caller's
   * behalf.
   */
  unknownKeys?: string[];
}

/** The placeholder for an unknown account ID in ARNs. The library never makes up an account ID. */
export const UNKNOWN_ACCOUNT = "<account-id>";

/**
 * The IAM action of each operation (each operation's page in the Amazon Bedrock API Reference; Service Authorization
 * Reference, "Amazon Bedrock").
 */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["InvokeModel", "bedrock:InvokeModel"],
  ["Converse", "bedrock:InvokeModel"],
  ["StartAsyncInvoke", "bedrock:InvokeModel"],
  ["InvokeModelWithBidirectionalStream", "bedrock:InvokeModel"],
  ["InvokeModelWithResponseStream", "bedrock:InvokeModelWithResponseStream"],
  ["ConverseStream", "bedrock:InvokeModelWithResponseStream"],
  ["CountTokens", "bedrock:CountTokens"],
  ["ApplyGuardrail", "bedrock:ApplyGuardrail"],
  ["InvokeGuardrailChecks", "bedrock:InvokeGuardrailChecks"],
  ["GetAsyncInvoke", "bedrock:GetAsyncInvoke"],
  ["ListAsyncInvokes", "bedrock:ListAsyncInvokes"],
]);

/** Operations without a `modelId`. */
const WITHOUT_MODEL: ReadonlySet<string> = new Set([
  "ApplyGuardrail",
  "InvokeGuardrailChecks",
  "GetAsyncInvoke",
  "ListAsyncInvokes",
]);

/** Returns true if an operation of the runtime takes a `modelId`. */
export const takesModel = (operation: string): boolean => !WITHOUT_MODEL.has(operation.replace(/Command$/, ""));

/**
 * Actions that are evaluated on any resource that a `modelId` can identify. CountTokens accepts only foundation models.
 */
export const INVOKE_ACTIONS: ReadonlySet<string> = new Set([
  "bedrock:InvokeModel",
  "bedrock:InvokeModelWithResponseStream",
]);

/**
 * Returns the IAM action that an operation of the runtime requires, or undefined if this release doesn't recognize the
 * operation.
 *
 * @param operation `Converse`, or the command's name, `ConverseCommand`
 */
export function actionOf(operation: string): string | undefined {
  return ACTIONS.get(operation.replace(/Command$/, ""));
}

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
  const isInvoke = action !== undefined && INVOKE_ACTIONS.has(action);
  const isCount = action === "bedrock:CountTokens" && reference.kind === "foundation-model";
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
  filled("operation", operation, 'the name of an operation, such as "Converse"');
  filled("modelId", modelId, 'the id or ARN of a model or inference profile, such as "us.amazon.nova-pro-v1:0"');
  filled("sourceRegion", sourceRegion, 'the Region of the client, such as "us-east-1"');
  if (accountId !== undefined) filled("accountId", accountId, "an account id of twelve digits, or be left out");
  if (profile === undefined) return;
  if (!Array.isArray(profile?.models)) {
    throw new TypeError("profile must be an inference profile with its models, or be left out; it has no models.");
  }
  // From another source Region, the same profile has other destination Regions. Its legs would be wrong, and nothing
  // would show it.
  if (profile.sourceRegion !== sourceRegion) {
    const from = shown(profile.sourceRegion);
    throw new TypeError(`profile must have been looked up from ${sourceRegion}; its sourceRegion is ${from}.`);
  }
}

function filled(field: string, value: unknown, wanted: string): void {
  if (typeof value !== "string" || value === "") {
    throw new TypeError(`${field} must be ${wanted}; it is ${shown(value)}.`);
  }
}

const shown = (value: unknown) => (typeof value === "string" ? JSON.stringify(value) : `${value && typeof value}`);
