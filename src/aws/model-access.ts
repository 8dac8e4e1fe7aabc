import type {
  GetAccountDataRetentionCommandOutput,
  GetFoundationModelAvailabilityCommandOutput,
} from "@aws-sdk/client-bedrock";
import { defined } from "../defined.js";
import type { ModelAccess } from "../diagnose/ports.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";
import type { SdkClients } from "./clients.js";
import { loadBedrock } from "./packages.js";
import { SourceCache } from "./source-cache.js";

/** Looks up the account's access to models (Amazon Bedrock API Reference, the operations below). */
export class ModelAccessReader {
  readonly #clients: SdkClients;
  // Only failures are cached. Access changes as soon as an account subscribes to a model.
  readonly #access = new SourceCache<ModelAccess>({ ttlMs: 0 });
  readonly #forms = new SourceCache<boolean>({ ttlMs: 0 });
  readonly #retention = new SourceCache<string>({ ttlMs: 0 });

  constructor(clients: SdkClients) {
    this.#clients = clients;
  }

  async modelAccess(modelId: string, region: string, signal: AbortSignal): Promise<ModelAccess> {
    const lookUp = async (flight: AbortSignal) => {
      const { GetFoundationModelAvailabilityCommand } = await loadBedrock("GetFoundationModelAvailabilityCommand");
      const command = new GetFoundationModelAvailabilityCommand({ modelId });
      return accessIn(await this.#clients.send(command, flight, region), modelId);
    };
    return this.#access.get(`${region} ${modelId}`, lookUp, signal);
  }

  /** Returns only whether a use case form exists. Its content isn't read. */
  async isUseCaseFilled(region: string, signal: AbortSignal): Promise<boolean> {
    const lookUp = async (flight: AbortSignal) => {
      const { GetUseCaseForModelAccessCommand } = await loadBedrock("GetUseCaseForModelAccessCommand");
      try {
        await this.#clients.send(new GetUseCaseForModelAccessCommand({}), flight, region);
        return true;
      } catch (error) {
        // The service returns this error name if no use case form was submitted ("You have not filled out the request
        // form").
        if ((error as Error).name === "ResourceNotFoundException") return false;
        throw error;
      }
    };
    return this.#forms.get(region, lookUp, signal);
  }

  /**
   * Returns the account's data retention mode in one Region. Older versions of the control plane client don't have this
   * command.
   */
  async dataRetentionMode(region: string, signal: AbortSignal): Promise<string> {
    const lookUp = async (flight: AbortSignal) => {
      const { GetAccountDataRetentionCommand } = await loadBedrock("GetAccountDataRetentionCommand");
      const command = new GetAccountDataRetentionCommand({});
      const { mode }: GetAccountDataRetentionCommandOutput = await this.#clients.send(command, flight, region);
      // A mode that is newer than this release is returned unchanged.
      if (!mode || typeof mode !== "string") throw new MalformedAnswer("GetAccountDataRetention returned no mode.");
      return mode;
    };
    return this.#retention.get(region, lookUp, signal);
  }

  destroy(): void {
    this.#access.clear();
    this.#forms.clear();
    this.#retention.clear();
  }
}

function accessIn(output: GetFoundationModelAvailabilityCommandOutput, requested: string): ModelAccess {
  const { modelId, agreementAvailability, authorizationStatus, entitlementAvailability, regionAvailability } = output;
  if (modelId !== requested) throw new MalformedAnswer("GetFoundationModelAvailability returned another model.");
  return defined({
    agreement: agreementAvailability?.status || undefined,
    authorization: authorizationStatus || undefined,
    entitlement: entitlementAvailability || undefined,
    region: regionAvailability || undefined,
  });
}
