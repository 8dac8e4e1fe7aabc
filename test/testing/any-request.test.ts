import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import fc from "fast-check";
import { http } from "msw";
import { setupServer } from "msw/node";
import { describe, expect, it, onTestFinished } from "vitest";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { requests } from "./request-generators.js";

// Whatever a client sends, it gets an answer, and so does the next one.

const NOVA = "us.amazon.nova-pro-v1:0";
const HOST = "https://bedrock-runtime.us-east-1.amazonaws.com";

const post = (path: string, body?: string, headers: Record<string, string> = {}) =>
  new Request(`${HOST}${path}`, { method: "POST", headers, ...(body === undefined ? {} : { body }) });

async function answerTo(request: Request, bedrock = new SimulatedBedrock()) {
  const response = await bedrock.handle(request);
  const text = await response.text();
  const message = text.startsWith("{") ? (JSON.parse(text).message ?? JSON.parse(text).Message) : text;
  return { status: response.status, name: response.headers.get("x-amzn-errortype")?.split(":")[0], message };
}

describe("a request that the service doesn't accept", () => {
  const invalid = (message: string) => ({ status: 400, name: "ValidationException", message });
  const malformed = invalid(
    "Malformed input request: expected a JSON object, please reformat your input and try again.",
  );

  it.each(["null", "[]", "[1]", "1", "true", '"text"', "{", "", "\ufeff", "\0", "{}{}", "undefined", "NaN"])(
    "with the body %j is a ValidationException in every invocation",
    async (body) => {
      for (const operation of ["converse", "converse-stream", "invoke", "invoke-with-response-stream"]) {
        expect(await answerTo(post(`/model/${NOVA}/${operation}`, body)), operation).toEqual(malformed);
      }
    },
  );

  it("with a body that is nested too deeply is a ValidationException, and one with many brackets in a text isn't", async () => {
    const nested = (depth: number) => `{"messages":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(await answerTo(post(`/model/${NOVA}/converse`, nested(100_000)))).toEqual(malformed);
    expect(await answerTo(post(`/model/${NOVA}/invoke`, `{"a":"${'[\\"'.repeat(5_000)}"}`))).toMatchObject({
      status: 200,
    });
    expect(await answerTo(post(`/model/${NOVA}/invoke`, nested(500)))).toMatchObject({ status: 200 });
  });

  it("without any body is a ValidationException", async () => {
    expect(await answerTo(post(`/model/${NOVA}/converse`))).toEqual(malformed);
  });

  it.each(["%zz", "%", "%e0%a4%a", "us%ff"])("with the path segment %s matches no model", async (segment) => {
    expect(await answerTo(post(`/model/${segment}/converse`, "{}"))).toMatchObject({
      status: 400,
      name: "ValidationException",
      message: expect.stringMatching(/^The provided model identifier is invalid\./),
    });
    const get = new Request(`${HOST}/inference-profiles/${segment}`);
    expect(await answerTo(get)).toMatchObject({ status: 404, name: "ResourceNotFoundException" });
    const model = new Request(`${HOST}/foundation-models/${segment}`);
    expect(await answerTo(model)).toMatchObject({ status: 404, name: "ResourceNotFoundException" });
  });

  it.each(["DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "PROPFIND"])(
    "with the method %s has no operation",
    async (method) => {
      const request = new Request(`${HOST}/model/${NOVA}/converse`, { method });
      expect(await answerTo(request)).toMatchObject({ status: 404, name: "UnknownOperationException" });
    },
  );

  it.each([
    ["maxResults=x"],
    ["maxResults=0"],
    ["maxResults=1001"],
    ["maxResults=1.5"],
    ["maxResults=-1"],
    ["nextToken=x"],
    ["nextToken=-1"],
    ["nextToken=%zz"],
    ["nextToken=1e99"],
    ["type=system_defined"],
    ["type="],
  ])("with the query %s is a ValidationException", async (query) => {
    const request = new Request(`${HOST}/inference-profiles?${query}`);
    expect(await answerTo(request)).toMatchObject({ status: 400, name: "ValidationException" });
  });

  it("with a page token of AWS Organizations that doesn't exist ends", async () => {
    const bedrock = new SimulatedBedrock({
      organization: { managementAccountId: "111122223333", root: { name: "root", accounts: [] } },
    });
    for (const NextToken of ["x", "-1", {}, "1e99"]) {
      const body = JSON.stringify({ TargetId: "r-root", NextToken });
      const request = post("/", body, { "x-amz-target": "AWSOrganizationsV20161128.ListPoliciesForTarget" });
      expect(await answerTo(request, bedrock)).toMatchObject({ status: 400, name: "InvalidInputException" });
    }
  });

  it.each(["null", "[]", "1", '"x"', "{", ""])(
    "of AWS Organizations with the body %j is an error of the client",
    async (body) => {
      const bedrock = new SimulatedBedrock({
        organization: { managementAccountId: "111122223333", root: { name: "root", accounts: [] } },
      });
      const request = post("/", body, { "x-amz-target": "AWSOrganizationsV20161128.ListParents" });
      expect((await answerTo(request, bedrock)).status).toBe(400);
    },
  );

  it("with a body that was already read, or that is cut off, is a ValidationException", async () => {
    const used = post(`/model/${NOVA}/converse`, "{}");
    await used.text();
    expect(await answerTo(used)).toMatchObject({ status: 400, name: "ValidationException" });
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("The client went away.")) });
    const request = new Request(`${HOST}/model/${NOVA}/converse`, {
      method: "POST",
      body: broken,
      duplex: "half",
    } as RequestInit);
    expect(await answerTo(request)).toMatchObject({ status: 400, name: "ValidationException" });
  });

  it("with a body that is too long is a ValidationException, and isn't read to its end", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_000_000;
        controller.enqueue(new Uint8Array(1_000_000));
      },
    });
    const request = new Request(`${HOST}/model/${NOVA}/invoke`, {
      method: "POST",
      body: endless,
      duplex: "half",
    } as RequestInit);
    expect(await answerTo(request)).toMatchObject({ status: 400, name: "ValidationException" });
    expect(sent).toBeLessThan(30_000_000);
  });
});

describe("a mistake in the test itself", () => {
  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no reply today");
      },
    ],
    ["returns something else", () => 5],
  ])("is an InternalServerException if reply %s", async (_, reply) => {
    const bedrock = new SimulatedBedrock({ reply: reply as () => string });
    const body = JSON.stringify({ messages: [{ role: "user", content: [{ text: "Hello" }] }] });
    expect(await answerTo(post(`/model/${NOVA}/converse`, body), bedrock)).toMatchObject({
      status: 500,
      name: "InternalServerException",
      message: expect.stringMatching(/reply/),
    });
  });

  it("doesn't hang on a request that is aborted before a fault delays it", async () => {
    const bedrock = new SimulatedBedrock();
    bedrock.fault({ hang: true });
    const signal = AbortSignal.abort();
    await bedrock.handle(new Request(`${HOST}/model/${NOVA}/converse`, { method: "POST", body: "{}", signal }));
  });
});

describe("any request gets an answer, and so does the next one", () => {
  it("in process", async () => {
    const bedrock = new SimulatedBedrock({
      organization: { managementAccountId: "111122223333", root: { name: "root" } },
    });
    await fc.assert(
      fc.asyncProperty(requests, async ({ path, ...init }) => {
        const response = await bedrock.handle(new Request(`${HOST}${path}`, init as RequestInit));
        expect(response.type).not.toBe("error");
        expect(response.status).toBeGreaterThanOrEqual(200);
        expect(response.status).toBeLessThan(500);
        await response.arrayBuffer();
      }),
      { numRuns: 1_000 },
    );
    const body = JSON.stringify({ messages: [{ role: "user", content: [{ text: "Hello" }] }] });
    expect((await bedrock.handle(post(`/model/${NOVA}/converse`, body))).status).toBe(200);
  });

  it("through msw", async () => {
    const bedrock = new SimulatedBedrock();
    const door = setupServer(...bedrock.mswHandlers(http));
    door.listen({ onUnhandledRequest: "error" });
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
    });
    onTestFinished(() => {
      client.destroy();
      door.close();
    });
    await fc.assert(
      fc.asyncProperty(requests, async ({ path, ...init }) => {
        const response = await fetch(`${HOST}${path}`, init as RequestInit);
        expect(response.status).toBeLessThan(500);
        await response.arrayBuffer();
      }),
      { numRuns: 100 },
    );
    const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];
    expect((await client.send(new ConverseCommand({ modelId: NOVA, messages }))).stopReason).toBe("end_turn");
  });
});
