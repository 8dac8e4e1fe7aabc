import type { GetInferenceProfileCommandOutput } from "@aws-sdk/client-bedrock";
import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import type { InferenceProfile, ProfileSource } from "../resolve/profile-source.js";
import { type ControlPlane, loadBedrock } from "./clients.js";

/** Looks inference profiles up by GetInferenceProfile (Amazon Bedrock API Reference, "GetInferenceProfile"). */
export class BedrockProfileSource implements ProfileSource {
  readonly #controlPlane: ControlPlane;

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
  }

  async lookUp(idOrArn: string, sourceRegion: string, signal: AbortSignal): Promise<InferenceProfile> {
    const { GetInferenceProfileCommand } = await loadBedrock("GetInferenceProfileCommand");
    const command = new GetInferenceProfileCommand({ inferenceProfileIdentifier: idOrArn });
    const output = await this.#controlPlane.ask(command, signal, sourceRegion);
    return toProfile(output as GetInferenceProfileCommandOutput, sourceRegion);
  }
}

/** The service's answer in our form. What it lacks is left empty: the resolver judges whether the answer is of use. */
function toProfile(output: GetInferenceProfileCommandOutput, sourceRegion: string): InferenceProfile {
  const models = (output.models ?? []).flatMap(({ modelArn }) => {
    const arn = modelArn === undefined ? undefined : parseArn(modelArn);
    if (modelArn === undefined || !arn) return [];
    const modelId = arn.resource.slice(arn.resource.indexOf("/") + 1);
    return [{ arn: modelArn, modelId, region: arn.region || UNSPECIFIED_REGION }];
  });
  return {
    id: output.inferenceProfileId ?? "",
    ...(output.inferenceProfileArn ? { arn: output.inferenceProfileArn } : {}),
    ...(output.inferenceProfileName ? { name: output.inferenceProfileName } : {}),
    type: output.type === "APPLICATION" ? "APPLICATION" : "SYSTEM_DEFINED",
    sourceRegion,
    models,
  };
}
