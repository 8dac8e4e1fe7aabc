import type { GetFoundationModelCommandOutput } from "@aws-sdk/client-bedrock";
import type { FoundationModel, FoundationModelSource } from "../resolve/foundation-models.js";
import { type ControlPlane, loadBedrock } from "./clients.js";

/** Looks up foundation models with GetFoundationModel (Amazon Bedrock API Reference, "GetFoundationModel"). */
export class BedrockModelSource implements FoundationModelSource {
  readonly #controlPlane: ControlPlane;

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
  }

  async lookUpModel(modelId: string, region: string, signal: AbortSignal): Promise<FoundationModel> {
    const { GetFoundationModelCommand } = await loadBedrock("GetFoundationModelCommand");
    const command = new GetFoundationModelCommand({ modelIdentifier: modelId });
    const { modelDetails } = (await this.#controlPlane.ask(command, signal, region)) as GetFoundationModelCommandOutput;
    const { status, endOfLifeTime } = modelDetails?.modelLifecycle ?? {};
    return {
      id: modelDetails?.modelId ?? "",
      region,
      inferenceTypes: modelDetails?.inferenceTypesSupported as string[],
      ...(status ? { lifecycle: status } : {}),
      ...(endOfLifeTime instanceof Date ? { endOfLife: endOfLifeTime.toISOString() } : {}),
    };
  }
}
