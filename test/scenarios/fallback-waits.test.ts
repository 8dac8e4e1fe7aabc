import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { ConverseCommand, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BedrockRuntimeClient, fallbackOf, isDiagnosedError, type ResilienceOptions } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

const NOVA = "amazon.nova-pro-v1:0";
const PROFILE = `us.${NOVA}`;
const ON: ResilienceOptions = { fallback: { to: "single-region" } };

let bedrock: SimulatedBedrock;
beforeEach(() => {
  bedrock = new SimulatedBedrock();
});
afterEach(() => vi.useRealTimers());

const converse = (modelId = PROFILE) => new ConverseCommand({ modelId, messages: [] });
const block = () => bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
const sentTo = (modelId: string) =>
  bedrock.requests.filter((request) => request.modelId === modelId && !request.operation.startsWith("Get")).length;
const asked = (operation: string) => bedrock.requests.filter((request) => request.operation === operation).length;

describe("many concurrent calls against a denied profile", () => {
  it("a thousand: all are answered, and few are denied", async () => {
    block();
    const client = clientOf(bedrock, ON);
    const outputs = await Promise.all(Array.from({ length: 1_000 }, () => client.send(converse())));
    expect(outputs.filter((output) => fallbackOf(output)?.used?.modelId === NOVA)).toHaveLength(1_000);
    expect(sentTo(PROFILE)).toBeLessThanOrEqual(10);
    expect(asked("GetInferenceProfile") + asked("GetFoundationModel")).toBe(2);
  }, 60_000);

  it("ten thousand, whose start alone takes longer than the wait", async () => {
    block();
    const denied = clientOf(bedrock, { diagnosis: { enabled: false } }).send(converse());
    const error = await denied.catch((thrown) => thrown);
    let profileCalls = 0;
    const answer = (statusCode: number, body: object, headers = {}) => ({
      response: {
        statusCode,
        headers: { "content-type": "application/json", ...headers },
        body: Buffer.from(JSON.stringify(body)),
      },
    });
    const requestHandler = {
      metadata: { handlerProtocol: "http/1.1" },
      async handle({ method, path }: { method: string; path: string }) {
        await setTimeout(5);
        if (method === "GET") return answer(404, { message: "no such page" });
        if (!path.includes("us.")) return answer(200, { stopReason: "end_turn" });
        profileCalls += 1;
        return answer(403, { Message: error.message }, { "x-amzn-errortype": "AccessDeniedException" });
      },
    };
    const client = clientOf(
      bedrock,
      { ...ON, diagnosis: { timeoutMs: 500 } },
      { requestHandler: requestHandler as never },
    );
    const sending = Array.from({ length: 10_000 }, () => client.send(converse()));
    const until = performance.now() + 1_200;
    while (performance.now() < until);
    const outputs = await Promise.all(sending);
    expect(outputs.every((output) => fallbackOf(output)?.used?.modelId === NOVA)).toBe(true);
    expect(profileCalls).toBeLessThanOrEqual(10);
  }, 120_000);

  it("two hundred over sockets, while the event loop is blocked for longer than the wait", async () => {
    block();
    const server = await bedrock.listen();
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      resilience: ON,
    });
    const sending = Array.from({ length: 200 }, () => client.send(converse()));
    // The first request leaves in one of the next turns; then nothing moves for a while.
    setImmediate(() => {
      const until = performance.now() + 1_500;
      while (performance.now() < until);
    });
    const outputs = await Promise.all(sending);
    expect(outputs.every((output) => fallbackOf(output) !== undefined)).toBe(true);
    expect(sentTo(PROFILE)).toBeLessThanOrEqual(10);
    client.destroy();
    await server.close();
  }, 60_000);
});

describe("a control plane that can't be reached", () => {
  it("delays only the first call: the next ones use the target that answered it", async () => {
    block();
    bedrock.deny({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModel" });
    bedrock.fault({ operation: "GetInferenceProfile", hang: true });
    const client = clientOf(bedrock, { ...ON, diagnosis: { timeoutMs: 200 } });
    expect(fallbackOf(await client.send(converse()))?.remembered).toBe(false);
    const before = asked("GetFoundationModel");
    // What a lookup ended with is forgotten by then; the block isn't.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 100_000 });
    for (let n = 0; n < 3; n += 1) {
      expect(fallbackOf(await client.send(converse()))).toMatchObject({
        remembered: true,
        used: { modelId: NOVA },
        considered: [{ modelId: NOVA, outcome: "answered", knownFrom: "bundled-catalog" }],
      });
    }
    expect(asked("GetFoundationModel")).toBe(before);
  });

  it("is called again if the target that answered before is denied", async () => {
    block();
    bedrock.deny({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModel" });
    const client = clientOf(bedrock, { fallback: { to: "single-region", allowRegions: ["eu-west-2"] } });
    await client.send(converse());
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 100_000 });
    const before = asked("GetFoundationModel");
    bedrock.deny({ policyType: "identity-based-policy", stage: "model", region: "us-east-1", times: 1 });
    expect(fallbackOf(await client.send(converse()))).toMatchObject({
      remembered: true,
      used: { modelId: NOVA, region: "eu-west-2" },
      considered: [
        { region: "us-east-1", outcome: "denied" },
        { region: "eu-west-2", outcome: "answered" },
      ],
    });
    expect(asked("GetFoundationModel")).toBe(before + 1);
    // And that one is remembered now.
    expect(fallbackOf(await client.send(converse()))?.considered).toMatchObject([
      { region: "us-east-1", outcome: "denied" },
      { region: "eu-west-2", outcome: "answered" },
    ]);
    expect(asked("GetFoundationModel")).toBe(before + 1);
  });

  it("doesn't send a call with a guardrail to a Region without the guardrail, even if that Region answered before", async () => {
    const model = { id: NOVA, onDemandRegions: ["eu-west-2"] };
    bedrock = new SimulatedBedrock({ models: [model] });
    block();
    const client = clientOf(bedrock, { fallback: { to: "single-region", allowRegions: ["eu-west-2"] } });
    expect(fallbackOf(await client.send(converse()))?.used?.region).toBe("eu-west-2");
    const guarded = new ConverseCommand({
      modelId: PROFILE,
      messages: [],
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
    });
    await expect(client.send(guarded)).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect(sentTo(NOVA)).toBe(1);
  });
});

describe("two principals on one client", () => {
  it("are each denied once, however they alternate", async () => {
    const names = ["ONE", "TWO"] as const;
    const arnOf = (name: string) => `arn:aws:sts::111122223333:assumed-role/Role${name}/session`;
    bedrock = new SimulatedBedrock({ principals: names.map((name) => ({ arn: arnOf(name), accessKeyId: name })) });
    block();
    let calls = 0;
    const credentials = async () => {
      const accessKeyId = names[calls % 2] ?? "ONE";
      return { accessKeyId, secretAccessKey: "S", expiration: new Date(Date.now() + 1_000) };
    };
    const client = clientOf(bedrock, ON, { credentials });
    for (calls = 0; calls < 8; calls += 1) expect(fallbackOf(await client.send(converse()))).toBeDefined();
    expect(sentTo(PROFILE)).toBe(2);
  });
});

describe("a body that is a stream", () => {
  const text = JSON.stringify({ messages: [] });
  const invoke = (body: unknown) => new InvokeModelCommand({ modelId: PROFILE, body: body as string });
  const bytes = () => new TextEncoder().encode(text);
  async function* chunks() {
    yield bytes();
  }

  it.each<[string, () => unknown]>([
    ["a Node.js stream", () => Readable.from([bytes()])],
    ["a web stream", () => new Blob([text]).stream()],
    ["an async iterable", () => chunks()],
  ])("is sent once: %s", async (_, body) => {
    block();
    const client = clientOf(bedrock, ON);
    // Also while the profile is known to be denied.
    for (let n = 0; n < 2; n += 1) {
      const read = vi.fn();
      client.middlewareStack.add(
        (next) => async (args) => {
          read();
          return next(args);
        },
        { step: "finalizeRequest", name: "counts", override: true },
      );
      const error: unknown = await client.send(invoke(body())).catch((thrown) => thrown);
      expect(read).toHaveBeenCalledTimes(1);
      if (isDiagnosedError(error)) expect(error.diagnosis.fallback?.notTried).toBe("body-not-replayable");
      await client.send(converse());
    }
    expect(sentTo(PROFILE)).toBeGreaterThan(0);
  });

  it.each<[string, () => unknown]>([
    ["text", () => text],
    ["a typed array", bytes],
    ["a Buffer", () => Buffer.from(text)],
    ["a view of a larger buffer", () => new Uint8Array(new TextEncoder().encode(`  ${text}  `).buffer, 2, text.length)],
    ["a Blob", () => new Blob([text])],
  ])("falls back if the body can be read again: %s", async (_, body) => {
    block();
    const output = await clientOf(bedrock, ON).send(invoke(body()));
    expect(fallbackOf(output)?.used?.modelId).toBe(NOVA);
  });
});
