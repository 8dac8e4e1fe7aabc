import { BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BedrockRuntimeClient, resolveInferenceProfile, withResilience } from "../src/index.js";
import { type LoopbackServer, SimulatedBedrock } from "../src/testing/simulated-bedrock.js";

const US = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const bedrock = new SimulatedBedrock();
let server: LoopbackServer;
let client: SdkClient;

beforeAll(async () => {
  server = await bedrock.listen();
  client = new SdkClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "A", secretAccessKey: "S" },
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});
beforeEach(() => bedrock.reset());

const asked = () => bedrock.requests.filter(({ operation }) => operation === "GetInferenceProfile").length;

describe("resolveInferenceProfile", () => {
  it("asks as the given client, whosever class it is", async () => {
    const lookup = await resolveInferenceProfile(US, { client });
    expect(lookup).toMatchObject({ via: "api", profile: { id: US, sourceRegion: "us-east-1" } });
  });

  it("shares the cache of a resilient client", async () => {
    const ours = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
    });
    await resolveInferenceProfile(US, { client: ours });
    expect(await resolveInferenceProfile(US, { client: ours })).toMatchObject({ cached: true });
    expect(asked()).toBe(1);
    ours.destroy();
  });

  it("falls back to the catalog, and says why; what is no profile is none", async () => {
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const lookup = await resolveInferenceProfile(US, { client }, { timeoutMs: 50 });
    expect(lookup).toMatchObject({ via: "bundled-catalog", failure: { reason: "timeout" } });
    expect(await resolveInferenceProfile("amazon.nova-pro-v1:0", { client })).toEqual({ via: "none", cached: false });
  });

  it("ends at once with the abort signal", async () => {
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const lookup = await resolveInferenceProfile(
      US,
      { client },
      { timeoutMs: 60_000, abortSignal: AbortSignal.timeout(20) },
    );
    expect(lookup).toMatchObject({ via: "bundled-catalog", failure: { reason: "timeout" } });
    const before = await resolveInferenceProfile(
      US,
      { client },
      { timeoutMs: 60_000, abortSignal: AbortSignal.abort() },
    );
    expect(before).toMatchObject({ via: "bundled-catalog" });
  }, 1_500);

  it("refuses wrong arguments by name", async () => {
    await expect(resolveInferenceProfile(US, {} as never)).rejects.toThrow("needs { client } or { region");
    await expect(resolveInferenceProfile(US, { client }, { timeoutMs: -1 })).rejects.toThrow("timeoutMs");
    expect(() => withResilience({} as never)).toThrow("withResilience needs a BedrockRuntimeClient");
  });
});
