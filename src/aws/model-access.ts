import type {
  GetAccountDataRetentionCommandOutput,
  GetFoundationModelAvailabilityCommandOutput,
} from "@aws-sdk/client-bedrock";
import type { ModelAccess } from "../diagnose/ports.js";
import { LookupCache, settled } from "../resolve/cache.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";
import { type ControlPlane, loadBedrock } from "./clients.js";

/** How long a lookup that failed or timed out is cached, in milliseconds. Successful responses aren't cached. */
const FAILURE_MS = 30_000;
/** The time limit of one lookup, in milliseconds. Each caller that waits for it has its own deadline. */
const LONGEST_MS = 30_000;

/** Looks up the account's access to models (Amazon Bedrock API Reference, the operations below). */
export class ModelAccessReader {
  readonly #controlPlane: ControlPlane;
  readonly #access: LookupCache<ModelAccess, unknown>;
  readonly #forms: LookupCache<boolean, unknown>;
  readonly #retention: LookupCache<string, unknown>;

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
    const describe = (error: unknown) => error;
    // Access changes as soon as an account subscribes to a model.
    const limits = { ttlMs: 0, failureTtlMs: FAILURE_MS, timeoutMs: LONGEST_MS, maxEntries: 1_000, now: Date.now };
    this.#access = new LookupCache({ ...limits, describe });
    this.#forms = new LookupCache({ ...limits, describe });
    this.#retention = new LookupCache({ ...limits, describe });
  }

  async modelAccess(modelId: string, region: string, signal: AbortSignal): Promise<ModelAccess> {
    const ask = async (flight: AbortSignal) => {
      const { GetFoundationModelAvailabilityCommand } = await loadBedrock("GetFoundationModelAvailabilityCommand");
      const command = new GetFoundationModelAvailabilityCommand({ modelId });
      const output = await this.#controlPlane.ask(command, flight, region);
      return accessIn(output as GetFoundationModelAvailabilityCommandOutput, modelId);
    };
    return settled(await this.#access.get(`${region} ${modelId}`, ask, signal));
  }

  /** Returns only whether a use case form exists. Its content isn't read. */
  async isUseCaseFilled(region: string, signal: AbortSignal): Promise<boolean> {
    const ask = async (flight: AbortSignal) => {
      const { GetUseCaseForModelAccessCommand } = await loadBedrock("GetUseCaseForModelAccessCommand");
      try {
        await this.#controlPlane.ask(new GetUseCaseForModelAccessCommand({}), flight, region);
        return true;
      } catch (error) {
        // The service returns this error name if no use case form was submitted ("You have not filled out the request
        // form").
        if ((error as Error).name === "ResourceNotFoundException") return false;
        throw error;
      }
    };
    return settled(await this.#forms.get(region, ask, signal));
  }

  /**
   * Returns the account's data retention mode in one Region. Older versions of the control plane client don't have this
   * command.
   */
  async dataRetentionMode(region: string, signal: AbortSignal): Promise<string> {
    const ask = async (flight: AbortSignal) => {
      const { GetAccountDataRetentionCommand } = await loadBedrock("GetAccountDataRetentionCommand");
      const output = await this.#controlPlane.ask(new GetAccountDataRetentionCommand({}), flight, region);
      const { mode } = output as GetAccountDataRetentionCommandOutput;
      // A mode that is newer than this release is returned unchanged.
      if (!mode || typeof mode !== "string") throw new MalformedAnswer("GetAccountDataRetention returned no mode.");
      return mode;
    };
    return settled(await this.#retention.get(region, ask, signal));
  }

  destroy(): void {
    this.#access.clear();
    this.#forms.clear();
    this.#retention.clear();
  }
}

function accessIn(output: GetFoundationModelAvailabilityCommandOutput, asked: string): ModelAccess {
  const { modelId, agreementAvailability, authorizationStatus, entitlementAvailability, regionAvailability } = output;
  if (modelId !== asked) throw new MalformedAnswer("GetFoundationModelAvailability returned another model.");
  return {
    ...(agreementAvailability?.status ? { agreement: agreementAvailability.status } : {}),
    ...(authorizationStatus ? { authorization: authorizationStatus } : {}),
    ...(entitlementAvailability ? { entitlement: entitlementAvailability } : {}),
    ...(regionAvailability ? { region: regionAvailability } : {}),
  };
}
