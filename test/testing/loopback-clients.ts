import { BedrockClient } from "@aws-sdk/client-bedrock";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { onTestFinished } from "vitest";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";

/** A simulated Bedrock, and the SDK's own clients of it over a loopback socket, until the test has finished. */
export async function loopbackClients(options: SimulatedBedrockOptions = {}) {
  const bedrock = new SimulatedBedrock(options);
  const server = await bedrock.listen();
  const close: (() => void)[] = [];
  const open = <T extends { destroy(): void }>(client: T): T => {
    close.push(() => client.destroy());
    return client;
  };
  const config = (region: string, accessKeyId: string) => ({
    region,
    endpoint: server.url,
    credentials: { accessKeyId, secretAccessKey: "S" },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    for (const each of close) each();
    await server.close();
  });
  const runtimeIn = (region: string, accessKeyId = "AKID") =>
    open(new BedrockRuntimeClient(config(region, accessKeyId)));
  const controlIn = (region: string, accessKeyId = "AKID") => open(new BedrockClient(config(region, accessKeyId)));
  return { bedrock, runtime: runtimeIn("us-east-1"), control: controlIn("us-east-1"), runtimeIn, controlIn };
}

/** `action resource` of what the last request was evaluated on, with `!` before what was denied. */
export const evaluated = ({ requests }: SimulatedBedrock) =>
  requests.at(-1)?.legs.map(({ leg, allowed }) => `${allowed ? "" : "!"}${leg.action} ${leg.resource}`);
