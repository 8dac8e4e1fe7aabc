import type { ModelReference } from "../resolve/model-id.js";

/** The call that was refused, as far as a diagnosis needs to know it. No prompt, no body. */
export interface RefusedCall {
  operation: string;
  modelId: string;
  reference: ModelReference;
  /** `unknown` when the client has no Region. */
  sourceRegion: string;
  /** Condition keys, in lower case, that the call's input sets to values that are not kept here. */
  keys?: readonly string[];
}
