import { ConverseCommand, BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BedrockRuntimeClient, isDiagnosedError, resolveInferenceProfile, withResilience } from "../src/index.js";
import { policySet } from "../src/offline.js";
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
  it("calls through the provided client, whatever its class", async () => {
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

  it("uses the catalog if the lookup fails, and returns the reason; an ID that isn't a profile has none", async () => {
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const lookup = await resolveInferenceProfile(US, { client }, { timeoutMs: 50 });
    expect(lookup).toMatchObject({ via: "bundled-catalog", failure: { reason: "timeout" } });
    expect(await resolveInferenceProfile("amazon.nova-pro-v1:0", { client })).toEqual({ via: "none", cached: false });
  });

  it("ends immediately with the abort signal", async () => {
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

  it("throws for invalid arguments and identifies them", async () => {
    await expect(resolveInferenceProfile(US, {} as never)).rejects.toThrow("needs { client } or { region");
    await expect(resolveInferenceProfile(US, { client }, { timeoutMs: -1 })).rejects.toThrow(
      "resolveInferenceProfile.timeoutMs must be a whole number of milliseconds from 0 to 60000; it is -1.",
    );
    await expect(resolveInferenceProfile(US, { client }, { timeout: 1 } as never)).rejects.toThrow(
      "Unknown option resolveInferenceProfile.timeout. Valid options: timeoutMs, abortSignal.",
    );
    await expect(resolveInferenceProfile(US, { client }, { abortSignal: {} as never })).rejects.toThrow(
      "resolveInferenceProfile.abortSignal must be an AbortSignal, with the methods addEventListener, removeEventListener",
    );
    expect(() => withResilience({} as never)).toThrow("withResilience needs a BedrockRuntimeClient");
  });
});

describe("a client behind a Proxy or Object.create", () => {
  const config = () => ({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "A", secretAccessKey: "S" },
  });
  const statement = { Effect: "Deny", Action: "bedrock:*", Resource: "*" };
  const policies = {
    principalArn: "arn:aws:iam::111122223333:user/App",
    identity: [{ name: "DenyAll", document: { Version: "2012-10-17", Statement: [statement] } }],
  };
  const call = () => new ConverseCommand({ modelId: US, messages: [{ role: "user", content: [{ text: "Hello" }] }] });
  /** As dependency injection and tracing wrap a client. */
  const traced = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, key, receiver) => {
        const value: unknown = Reflect.get(object, key, receiver);
        return typeof value === "function" ? (...args: unknown[]) => value.apply(receiver, args) : value;
      },
    });

  it.each<[string, (client: SdkClient) => SdkClient]>([
    ["a Proxy", (client) => new Proxy(client, {})],
    ["a Proxy that wraps methods", traced],
    ["Object.create", (client) => Object.create(client) as SdkClient],
    ["Object.create of a Proxy", (client) => Object.create(new Proxy(client, {})) as SdkClient],
  ])("%s", async (_, wrap) => {
    for (const ours of [
      new BedrockRuntimeClient({ ...config(), resilience: { diagnosis: { policies: policySet(policies) } } }),
      withResilience(new SdkClient(config()), { diagnosis: { policies: policySet(policies) } }),
    ]) {
      bedrock.reset();
      const wrapped = wrap(ours) as typeof ours;
      expect(wrapped).toBeInstanceOf(BedrockRuntimeClient);
      expect(Object.keys(wrapped)).toEqual(Object.keys(wrap(new SdkClient(config()))));
      bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
      const error = await wrapped.send(call()).catch((thrown: unknown) => thrown);
      expect(isDiagnosedError(error) && error.diagnosis.blockedRegions).toContain("us-west-2");
      // By the policies of this client.
      expect(await wrapped.diagnose(call())).toMatchObject({ verdict: "blocked" });
      ours.destroy();
    }
  });

  it("other options for an object that was created from a client don't change that client's own", async () => {
    const parent = new BedrockRuntimeClient({ ...config(), resilience: { diagnosis: { enabled: false } } });
    const child = withResilience(Object.create(parent) as typeof parent, {});
    bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
    const errors = await Promise.all([parent, child].map((one) => one.send(call()).catch((thrown: unknown) => thrown)));
    expect(errors.map((error) => isDiagnosedError(error))).toEqual([false, true]);
    parent.destroy();
  });
});
