import type { BedrockClientConfig } from "@aws-sdk/client-bedrock";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import { defined } from "../defined.js";
import { settingsLike } from "./client-settings.js";
import { type ControlPlaneClient, SdkClients } from "./clients.js";
import { loadBedrock } from "./packages.js";

/**
 * Returns the clients for Bedrock's control plane. A client that the application provided is used for its own Region.
 */
export function bedrockClients(
  config: BedrockRuntimeClientResolvedConfig,
  provided: ControlPlaneClient | undefined,
): SdkClients {
  return new SdkClients(
    async (region) => {
      const { BedrockClient } = await loadBedrock("BedrockClient");
      const { settings, sharesHandler } = await settingsLike(config, region, "BEDROCK");
      const { token, authSchemePreference } = config;
      const auth = defined({ token, authSchemePreference });
      return { client: new BedrockClient({ ...settings, ...auth } as BedrockClientConfig), sharesHandler };
    },
    provided && { client: provided, region: async () => config.region() },
  );
}
