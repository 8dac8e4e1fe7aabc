import { actionOf, COUNT_TOKENS_ACTION } from "../authorization.js";
import type { CallFacts, GuardrailStatement } from "../resolve/call-facts.js";
import type { ModelReference } from "../resolve/model-id.js";

/** `client`: the `region` of the client's configuration. `AWS_REGION`: the environment variable. */
export type RegionSetting = "client" | "AWS_REGION";

/** The Region of a client that has none, or that isn't known. */
export const UNKNOWN_REGION = "unknown";

/** The operation, if only the message of a denial is known. */
export const UNKNOWN_OPERATION = "unknown";

/** The call that a diagnosis is about, with everything that it needs. It contains no prompt and no body. */
export interface DiagnosedCall extends GuardrailStatement {
  /** The SDK operation, or `unknown`. */
  operation: string;
  /** Empty if the call has none, or if it isn't known. */
  modelId: string;
  reference: ModelReference;
  /** `unknown` if the client has no Region. */
  sourceRegion: string;
  /** Which setting the source Region comes from. Absent if it can't be determined. */
  regionFrom?: RegionSetting | undefined;
  /**
   * What the call's input contains that is also authorized, or that sets a condition key. Undefined without a command.
   */
  facts?: CallFacts | undefined;
}

/** Whether a call goes through an inference profile. */
export const isThroughProfile = ({ reference: { kind } }: Pick<DiagnosedCall, "reference">): boolean =>
  kind === "inference-profile" || kind === "application-inference-profile";

/** Operations that take foundation models only (Amazon Bedrock API Reference, "CountTokens"). */
export const takesModelsOnly = ({ operation }: Pick<DiagnosedCall, "operation">): boolean =>
  actionOf(operation) === COUNT_TOKENS_ACTION;

/**
 * Whether the call's models are hidden. The models of a prompt, a router, or a Marketplace model are also authorized,
 * but are unknown here.
 */
export const hidesModels = ({ reference }: DiagnosedCall): boolean =>
  ["prompt", "prompt-router", "default-prompt-router", "marketplace-endpoint"].includes(reference.kind);

/** Returns the foundation model that a `modelId` contains, or that its profile routes to by the prefix rule. */
export function modelIdOfReference(reference: ModelReference): string | undefined {
  return "modelId" in reference && reference.modelId !== "" ? reference.modelId : undefined;
}
