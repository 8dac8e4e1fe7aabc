import type { ModelReference } from "../resolve/model-id.js";

/** `client`: the `region` of the client's configuration. `AWS_REGION`: the environment variable. */
export type RegionSetting = "client" | "AWS_REGION";

/** The call that was refused, as far as a diagnosis needs to know it. No prompt, no body. */
export interface RefusedCall {
  operation: string;
  modelId: string;
  reference: ModelReference;
  /** `unknown` when the client has no Region. */
  sourceRegion: string;
  /** Which setting the source Region comes from; absent if it can't be determined. */
  regionFrom?: RegionSetting | undefined;
  /** The ID or ARN of the guardrail that the call sends. */
  guardrail?: string | undefined;
  /** Condition keys, in lower case, that the call's input sets to values that are not kept here. */
  keys?: readonly string[];
}
