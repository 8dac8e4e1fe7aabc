import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { http } from "msw";
import { setupServer } from "msw/node";
import * as ours from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";

export const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
export const PROFILE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/** One way to the simulated Bedrock, and the configuration that a client needs for it. */
export interface Wire {
  bedrock: SimulatedBedrock;
  config: () => sdk.BedrockRuntimeClientConfig;
  close(): Promise<void>;
}

/** The two doors of the simulated Bedrock: what msw can see, and a real socket for the SDK's default HTTP/2 handler. */
export const WIRES: Record<string, () => Promise<Wire>> = {
  "msw, HTTP/1.1": async () => {
    const bedrock = new SimulatedBedrock();
    const server = setupServer(...bedrock.mswHandlers(http));
    server.listen({ onUnhandledRequest: "error" });
    const config = () => ({ region: "us-east-1", credentials: CREDENTIALS, requestHandler: new NodeHttpHandler() });
    return { bedrock, config, close: async () => server.close() };
  },
  "loopback, HTTP/2": async () => {
    const bedrock = new SimulatedBedrock();
    const server = await bedrock.listen();
    const config = () => ({ region: "us-east-1", credentials: CREDENTIALS, endpoint: server.url });
    return { bedrock, config, close: () => server.close() };
  },
};

/** The clients that must not differ. The first is the measure. */
export const CLIENTS: Record<string, (config: sdk.BedrockRuntimeClientConfig) => sdk.BedrockRuntimeClient> = {
  "the SDK's client": (config) => new sdk.BedrockRuntimeClient(config),
  "our client": (config) => new ours.BedrockRuntimeClient(config),
  withResilience: (config) => ours.withResilience(new sdk.BedrockRuntimeClient(config)),
  "our aggregated client": (config) => new ours.BedrockRuntime(config),
};

export const hello = () => ({ modelId: PROFILE, messages: [{ role: "user" as const, content: [{ text: "Hello" }] }] });
