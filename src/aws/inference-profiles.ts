import type { GetInferenceProfileCommandOutput } from "@aws-sdk/client-bedrock";
import { parseArn, UNSPECIFIED_REGION } from "../arn.js";
import { defined } from "../defined.js";
import type { InferenceProfile, ProfileModel, ProfileSource } from "../resolve/profile-source.js";
import type { SdkClients } from "./clients.js";
import { loadBedrock } from "./packages.js";

/** Looks up inference profiles with GetInferenceProfile (Amazon Bedrock API Reference, "GetInferenceProfile"). */
export class BedrockProfileSource implements ProfileSource {
  readonly #clients: SdkClients;

  constructor(clients: SdkClients) {
    this.#clients = clients;
  }

  async lookUp(idOrArn: string, sourceRegion: string, signal: AbortSignal): Promise<InferenceProfile> {
    const { GetInferenceProfileCommand } = await loadBedrock("GetInferenceProfileCommand");
    const command = new GetInferenceProfileCommand({ inferenceProfileIdentifier: idOrArn });
    return toProfile(await this.#clients.send(command, signal, sourceRegion), sourceRegion);
  }
}

/**
 * Converts the service's response. A missing field is left empty, and an entry that can't be read is kept. The resolver
 * decides whether the response can be used.
 */
function toProfile(output: GetInferenceProfileCommandOutput, sourceRegion: string): InferenceProfile {
  const models: unknown = output.models;
  return {
    id: output.inferenceProfileId ?? "",
    ...defined({ arn: output.inferenceProfileArn || undefined, name: output.inferenceProfileName || undefined }),
    type: output.type as InferenceProfile["type"],
    sourceRegion,
    models: Array.isArray(models) ? models.map(toModel) : [],
  };
}

function toModel(entry: { modelArn?: unknown } | null): ProfileModel {
  const arn = typeof entry?.modelArn === "string" ? entry.modelArn : "";
  const { region = "", resource = "" } = parseArn(arn) ?? {};
  return { arn, modelId: resource.slice(resource.indexOf("/") + 1), region: region || UNSPECIFIED_REGION };
}
