import type { GetFoundationModelCommandOutput } from "@aws-sdk/client-bedrock";
import { defined } from "../defined.js";
import type { FoundationModel, FoundationModelSource } from "../resolve/foundation-models.js";
import type { SdkClients } from "./clients.js";
import { loadBedrock } from "./packages.js";

/** Looks up foundation models with GetFoundationModel (Amazon Bedrock API Reference, "GetFoundationModel"). */
export class BedrockModelSource implements FoundationModelSource {
  readonly #clients: SdkClients;

  constructor(clients: SdkClients) {
    this.#clients = clients;
  }

  async lookUpModel(modelId: string, region: string, signal: AbortSignal): Promise<FoundationModel> {
    const { GetFoundationModelCommand } = await loadBedrock("GetFoundationModelCommand");
    const command = new GetFoundationModelCommand({ modelIdentifier: modelId });
    const { modelDetails }: GetFoundationModelCommandOutput = await this.#clients.send(command, signal, region);
    const { status, endOfLifeTime } = modelDetails?.modelLifecycle ?? {};
    return {
      id: modelDetails?.modelId ?? "",
      region,
      inferenceTypes: modelDetails?.inferenceTypesSupported as string[],
      ...defined({
        lifecycle: status || undefined,
        endOfLife: endOfLifeTime instanceof Date ? endOfLifeTime.toISOString() : undefined,
      }),
    };
  }
}
