import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Fault, type FaultName, SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";

const NOVA = "us.amazon.nova-pro-v1:0";

/** How a streaming call ends under a fault: the text that came, and the error that the SDK's own client throws. */
async function outcome(fault: Fault, http1: boolean): Promise<{ text: string; error?: string; status?: number }> {
  const bedrock = new SimulatedBedrock();
  bedrock.fault(fault);
  const server = await bedrock.listen();
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "A", secretAccessKey: "S" },
    maxAttempts: 1,
    ...(http1 ? { requestHandler: new NodeHttpHandler() } : {}),
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  let text = "";
  try {
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: NOVA, messages: [] }));
    for await (const event of stream ?? []) text += event.contentBlockDelta?.delta?.text ?? "";
    return { text };
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { text, error: name, ...($metadata?.httpStatusCode ? { status: $metadata.httpStatusCode } : {}) };
  }
}

describe.each([
  ["HTTP/2", false],
  ["HTTP/1.1", true],
])("over %s", (_, http1) => {
  it.each<[FaultName, string, number]>([
    ["throttling", "ThrottlingException", 429],
    ["internal-error", "InternalServerException", 500],
    ["unavailable", "ServiceUnavailableException", 503],
    ["model-timeout", "ModelTimeoutException", 408],
    ["model-error", "ModelErrorException", 424],
    ["model-not-ready", "ModelNotReadyException", 429],
    ["expired-credentials", "ExpiredTokenException", 403],
  ])("%s is the SDK's %s", async (name, error, status) => {
    expect(await outcome({ name }, http1)).toEqual({ text: "", error, status });
  });

  it("a stream error comes after the first events", async () => {
    expect(await outcome({ name: "stream-error" }, http1)).toMatchObject({
      text: "Simulated ",
      error: "ModelStreamErrorException",
    });
  });

  it.each<FaultName>(["truncated-stream", "connection-reset"])("%s is also an error", async (name) => {
    const { text, error } = await outcome({ name }, http1);
    expect(error).toBeDefined();
    expect(name === "truncated-stream" ? ["", "Simulated "] : [""]).toContain(text);
  });

  it("a slow first byte only delays the answer", async () => {
    const begun = performance.now();
    expect((await outcome({ delayMs: 100 }, http1)).text).toBe(`Simulated answer of ${NOVA}.`);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(95);
  });
});

it.each<[unknown, string]>([
  [
    { name: "throttle" },
    'name must be one of throttling, internal-error, unavailable, model-timeout, model-error, model-not-ready, expired-credentials, connection-reset, stream-error, truncated-stream; it is "throttle".',
  ],
  [{ kind: "throttling" }, "Unknown field kind of a fault. Valid fields: name, operation, "],
])("throws for the invalid fault %j and identifies the field", (fault, message) => {
  expect(() => new SimulatedBedrock().fault(fault as Fault)).toThrow(message);
});
