// The concepts of IAM and Amazon Bedrock that every part of the library uses: legs, policy types, actions, keys.

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
 * The policy types that AWS identifies in an access denied message (IAM User Guide, "Troubleshoot access denied error
 * messages").
 */
export const POLICY_TYPES = [
  "service-control-policy",
  "resource-control-policy",
  "identity-based-policy",
  "permissions-boundary",
  "session-policy",
  "vpc-endpoint-policy",
  "resource-based-policy",
] as const;

/** One of {@link POLICY_TYPES}. */
export type PolicyType = (typeof POLICY_TYPES)[number];

const WITH_PRINCIPAL: ReadonlySet<PolicyType> = new Set<PolicyType>([
  "vpc-endpoint-policy",
  "resource-based-policy",
  "resource-control-policy",
]);

/**
 * Returns true if the statements of a policy specify their principals. Other policies are attached to a principal (IAM
 * User Guide, "Grammar of the IAM JSON policy language").
 */
export const specifiesPrincipals = (type: PolicyType): boolean => WITH_PRINCIPAL.has(type);

/** `explicit`: a Deny statement matched. `implicit`: no statement allows the request. */
export type DenyKind = "explicit" | "implicit";

/**
 * The two IAM actions that invoke a model. They are evaluated on any resource that a `modelId` can identify. There is
 * no `bedrock:Converse` (Service Authorization Reference, "Amazon Bedrock").
 */
export const INVOKE_ACTIONS: readonly string[] = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];

/** The actions that send input to a model: those that invoke it, and batch inference. */
export const INFERENCE_ACTIONS: readonly string[] = [...INVOKE_ACTIONS, "bedrock:CreateModelInvocationJob"];

/** The action of CountTokens, which takes foundation models only. */
export const COUNT_TOKENS_ACTION = "bedrock:CountTokens";

// Condition keys in lower case. AWS ignores the case of a key, so keys are compared in lower case.

/** The Region in which a leg is authorized. `unspecified` for global routing. */
export const REGION_KEY = "aws:requestedregion";

/** Returns true for {@link REGION_KEY}, as a policy writes it. */
export const isRegionKey = (key: string): boolean => key.toLowerCase() === REGION_KEY;

/** The inference profile that routes a leg. */
export const PROFILE_KEY = "bedrock:inferenceprofilearn";

/** {@link PROFILE_KEY} as AWS writes it. */
export const PROFILE_KEY_NAME = "bedrock:InferenceProfileArn";

/** The ARN of the caller. For a session, the ARN of its role, including the path. */
export const PRINCIPAL_ARN = "aws:principalarn";

/** The keys of the tags in the request. */
export const TAG_KEYS = "aws:tagkeys";

export const CURRENT_TIME = "aws:currenttime";
export const EPOCH_TIME = "aws:epochtime";

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
  ["CountTokens", COUNT_TOKENS_ACTION],
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
 * Returns the IAM action that an operation of the runtime requires, or undefined if this release doesn't recognize the
 * operation.
 *
 * @param operation `Converse`, or the command's name, `ConverseCommand`
 */
export function actionOf(operation: string): string | undefined {
  return ACTIONS.get(operation.replace(/Command$/, ""));
}
