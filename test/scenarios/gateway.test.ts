import { Readable } from "node:stream";
import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { type Diagnosis, isDiagnosedError } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const MESSAGE = "Requests to this model are paused.";

/** The diagnosis of a 403 with these headers and this body. */
async function diagnosisOf(headers: Record<string, string>, body: string): Promise<Diagnosis> {
  const requestHandler = {
    metadata: { handlerProtocol: "h2" },
    handle: async () => ({ response: { statusCode: 403, headers, body: Readable.from([Buffer.from(body)]) } }),
  };
  const config = { requestHandler: requestHandler as never };
  const client = clientOf(new SimulatedBedrock(), { diagnosis: { timeoutMs: 0 } }, config);
  const error: unknown = await client
    .send(new ConverseCommand({ modelId: NOVA, messages: [] }))
    .catch((thrown) => thrown);
  client.destroy();
  if (!isDiagnosedError(error)) throw error;
  return error.diagnosis;
}

describe("a 403 that AWS may not have returned", () => {
  const json = { "content-type": "application/json" };

  it.each([
    ["a page", { "content-type": "text/html" }, "<html><body>Forbidden by the web filter</body></html>"],
    ["JSON without a type", json, JSON.stringify({ message: MESSAGE })],
    ["nothing", {}, ""],
  ])("is reported as possibly a proxy's: %s", async (_, headers, body) => {
    const { kind, summary } = await diagnosisOf(headers, body);
    expect(kind).toBe("unknown");
    expect(summary).toContain("so a proxy or gateway might have returned it.");
  });

  it.each([
    ["a request ID", { ...json, "x-amzn-requestid": "0b1c2d3e-0000-4000-8000-000000000000" }],
    ["an error type", { ...json, "x-amzn-errortype": "AccessDeniedException" }],
  ])("isn't reported that way if it has %s", async (_, headers) => {
    const { kind, summary } = await diagnosisOf(headers, JSON.stringify({ message: MESSAGE }));
    expect(kind).toBe("unknown");
    expect(summary).toContain(`This release doesn't recognize the message "${MESSAGE}".`);
    expect(summary).not.toMatch(/proxy|gateway/);
  });
});
