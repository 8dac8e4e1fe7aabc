import type { BedrockRuntimeClientConfig as SdkConfig } from "@aws-sdk/client-bedrock-runtime";
import {
  BedrockRuntimeClient as SdkClient,
  type ConverseCommand as SdkConverseCommand,
} from "@aws-sdk/client-bedrock-runtime";
import {
  BedrockRuntime,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  type ConverseCommandOutput,
  type Diagnosis,
  isDiagnosedError,
  withResilience,
} from "resilient-bedrock";
import { formatDiagnosis } from "resilient-bedrock/offline";
import { SimulatedBedrock } from "resilient-bedrock/testing";

// What was written for the SDK's types takes ours.
const sdkConfig: SdkConfig = { region: "us-east-1" };
const config: BedrockRuntimeClientConfig = { ...sdkConfig, resilience: { diagnosis: { timeoutMs: 500 } } };
const client: SdkClient = new BedrockRuntimeClient(config);
const none: SdkClient = new BedrockRuntimeClient();
const command: SdkConverseCommand = new ConverseCommand({ modelId: "m", messages: [] });
const output: Promise<ConverseCommandOutput> = client.send(command, { abortSignal: new AbortController().signal });
client.send(command, (error: unknown, data?: ConverseCommandOutput) => void [error, data]);
const aggregated: Promise<ConverseCommandOutput> = new BedrockRuntime({}).converse({ modelId: "m", messages: [] });
const same: SdkClient = withResilience(new SdkClient({}), { logger: console });
const kept: BedrockRuntimeClient = withResilience(new BedrockRuntimeClient({}));

export function told(error: unknown): string {
  if (!isDiagnosedError(error)) return "";
  const diagnosis: Diagnosis = error.diagnosis;
  return formatDiagnosis(diagnosis, "markdown");
}
// @ts-expect-error an option that does not exist
new BedrockRuntimeClient({ resilience: { diagnose: {} } });
// @ts-expect-error a command of the wrong input
new ConverseCommand({ modelid: "m" });

export { aggregated, kept, none, output, SimulatedBedrock, same };
