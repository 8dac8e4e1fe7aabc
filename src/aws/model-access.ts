import type { GetFoundationModelAvailabilityCommandOutput } from "@aws-sdk/client-bedrock";
import type { ModelAccess } from "../diagnose/ports.js";
import { type ControlPlane, loadBedrock } from "./clients.js";

/** Asks what the service says of the account's access to models (Amazon Bedrock API Reference, the operations below). */
export class ModelAccessReader {
  readonly #controlPlane: ControlPlane;

  constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
  }

  async modelAccess(modelId: string, region: string, signal: AbortSignal): Promise<ModelAccess> {
    const { GetFoundationModelAvailabilityCommand } = await loadBedrock("GetFoundationModelAvailabilityCommand");
    const command = new GetFoundationModelAvailabilityCommand({ modelId });
    const output = (await this.#controlPlane.ask(
      command,
      signal,
      region,
    )) as GetFoundationModelAvailabilityCommandOutput;
    const { agreementAvailability, authorizationStatus, entitlementAvailability, regionAvailability } = output;
    return {
      ...(agreementAvailability?.status ? { agreement: agreementAvailability.status } : {}),
      ...(authorizationStatus ? { authorization: authorizationStatus } : {}),
      ...(entitlementAvailability ? { entitlement: entitlementAvailability } : {}),
      ...(regionAvailability ? { region: regionAvailability } : {}),
    };
  }

  /** The form itself is nobody's business here: only whether there is one. */
  async isUseCaseFilled(region: string, signal: AbortSignal): Promise<boolean> {
    const { GetUseCaseForModelAccessCommand } = await loadBedrock("GetUseCaseForModelAccessCommand");
    try {
      await this.#controlPlane.ask(new GetUseCaseForModelAccessCommand({}), signal, region);
      return true;
    } catch (error) {
      // "You have not filled out the request form" comes under this name.
      if ((error as Error).name === "ResourceNotFoundException") return false;
      throw error;
    }
  }
}
