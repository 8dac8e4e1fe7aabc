import type { CallFacts, GuardrailStatement } from "../resolve/call-facts.js";
import type { ModelReference } from "../resolve/model-id.js";

/** `client`: the `region` of the client's configuration. `AWS_REGION`: the environment variable. */
export type RegionSetting = "client" | "AWS_REGION";

/** The denied call, with everything that a diagnosis needs. It contains no prompt and no body. */
export interface RefusedCall extends GuardrailStatement {
  operation: string;
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
