import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { isEndpointPinned, siblingIn } from "../../src/aws/siblings.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";

const NOVA = "amazon.nova-pro-v1:0";
const bedrock = new SimulatedBedrock();
const server = setupServer(...bedrock.mswHandlers(http));
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());
afterEach(() => {
  bedrock.reset();
  vi.unstubAllEnvs();
});

const hello = () => new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [{ text: "Hello" }] }] });
const credentials = vi.fn(async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" }));

describe("a client with the same settings in another Region", () => {
  it("signs for and calls its own Region, with the settings, credentials, and middleware of the first", async () => {
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      credentials,
      requestHandler: new NodeHttpHandler(),
      customUserAgent: "tenant/7",
      maxAttempts: 2,
    });
    const own: string[] = [];
    client.middlewareStack.add(
      (next, context) => async (args) => {
        own.push(String(context.commandName));
        return next(args);
      },
      { step: "initialize" },
    );
    await client.send(hello());
    const send = await siblingIn("eu-west-2", client);
    await send(hello());
    expect(bedrock.requests.map(({ sourceRegion }) => sourceRegion)).toEqual(["us-east-1", "eu-west-2"]);
    expect(bedrock.requests[1]?.headers["user-agent"]).toContain("tenant/7");
    expect(own).toEqual(["ConverseCommand", "ConverseCommand"]);
    expect(credentials).toHaveBeenCalledTimes(1);

    bedrock.fault({ name: "unavailable" });
    const error: unknown = await send(hello()).catch((thrown) => thrown);
    expect(error).toMatchObject({ $metadata: { attempts: 2 } });
    client.destroy();
  });

  it("shares a retry strategy, with its one budget", async () => {
    const client = new BedrockRuntimeClient({ region: "us-east-1", credentials });
    const strategy = await client.config.retryStrategy();
    const spy = vi.spyOn(strategy as { acquireInitialRetryToken(scope: string): unknown }, "acquireInitialRetryToken");
    const send = await siblingIn("eu-west-2", client);
    await send(hello(), { abortSignal: AbortSignal.abort() }).catch(() => {});
    expect(spy).toHaveBeenCalledTimes(1);
    client.destroy();
  });

  it("isn't created if everything is sent to one address", async () => {
    const config = { region: "us-east-1", credentials };
    expect(await isEndpointPinned(new BedrockRuntimeClient(config))).toBe(false);
    expect(await isEndpointPinned(new BedrockRuntimeClient({ ...config, endpoint: "https://gateway.example" }))).toBe(
      true,
    );
    vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://gateway.example");
    expect(await isEndpointPinned(new BedrockRuntimeClient(config))).toBe(true);
  });
});
