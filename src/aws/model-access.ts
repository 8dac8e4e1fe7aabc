import type {
  GetAccountDataRetentionCommandOutput,
  GetFoundationModelAvailabilityCommandOutput,
} from "@aws-sdk/client-bedrock";
import type { ModelAccess } from "../diagnose/ports.js";
import { LookupCache, settled } from "../resolve/cache.js";
import { MalformedAnswer } from "../resolve/lookup-failure.js";
import { type ControlPlane, loadBedrock } from "./clients.js";

/** How long it is remembered that a question failed or was not answered in time, in milliseconds; no answer is kept. */
const FAILURE_MS = 30_000;
/** How long one question may take, in milliseconds; whoever waits for it has a deadline of its own. */
const LONGEST_MS = 30_000;

/** Asks what the service says of the account's access to models (Amazon Bedrock API Reference, the operations below). */
export class ModelAccessReader {
  readonly #controlPlane: ControlPlane;
  readonly #access: LookupCache<ModelAccess, unknown>;
  readonly #forms: LookupCache<boolean, unknown>;
  readonly #retention: LookupCache<string, unknown>;

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
    const describe = (error: unknown) => error;
    // Access changes as soon as someone subscribes.
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

  /** The form itself is nobody's business here: only whether there is one. */
  async isUseCaseFilled(region: string, signal: AbortSignal): Promise<boolean> {
    const ask = async (flight: AbortSignal) => {
      const { GetUseCaseForModelAccessCommand } = await loadBedrock("GetUseCaseForModelAccessCommand");
      try {
        await this.#controlPlane.ask(new GetUseCaseForModelAccessCommand({}), flight, region);
        return true;
      } catch (error) {
        // "You have not filled out the request form" comes under this name.
        if ((error as Error).name === "ResourceNotFoundException") return false;
        throw error;
      }
    };
    return settled(await this.#forms.get(region, ask, signal));
  }

  /** The mode is the account's own setting in one Region. Older versions of the control-plane client lack the command. */
  async dataRetentionMode(region: string, signal: AbortSignal): Promise<string> {
    const ask = async (flight: AbortSignal) => {
      const { GetAccountDataRetentionCommand } = await loadBedrock("GetAccountDataRetentionCommand");
      const output = await this.#controlPlane.ask(new GetAccountDataRetentionCommand({}), flight, region);
      const { mode } = output as GetAccountDataRetentionCommandOutput;
      // A mode that is newer than this release is reported as it is.
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
