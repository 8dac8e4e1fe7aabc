import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BedrockClient,
  GetFoundationModelCommand,
  GetInferenceProfileCommand,
  paginateListInferenceProfiles,
} from "@aws-sdk/client-bedrock";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { http } from "msw";
import { setupServer } from "msw/node";
import { describe, expect, it, onTestFinished } from "vitest";
import { knownProfilesFrom } from "../../src/resolve/known-profiles.js";
import { REQUESTS } from "../../src/testing/operations.js";
import {
  type LegRefusal,
  SimulatedBedrock,
  type SimulatedBedrockOptions,
} from "../../src/testing/simulated-bedrock.js";

const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const US = `us.${SONNET}`;
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI", sessionToken: "session-token" };
const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];

async function overLoopback(bedrock: SimulatedBedrock, http1 = false) {
  const server = await bedrock.listen();
  const config = { region: "us-east-1", endpoint: server.url, credentials, maxAttempts: 1 };
  const runtime = new BedrockRuntimeClient({ ...config, ...(http1 ? { requestHandler: new NodeHttpHandler() } : {}) });
  const control = new BedrockClient(config);
  onTestFinished(async () => {
    runtime.destroy();
    control.destroy();
    await server.close();
  });
  return { runtime, control, server };
}

function overMsw(bedrock: SimulatedBedrock) {
  const door = setupServer(...bedrock.mswHandlers(http));
  door.listen({ onUnhandledRequest: "error" });
  const runtime = new BedrockRuntimeClient({
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
  onTestFinished(() => {
    runtime.destroy();
    door.close();
  });
  return { runtime };
}

describe.each([
  ["HTTP/2 over loopback", (bedrock: SimulatedBedrock) => overLoopback(bedrock), "HTTP/2.0"],
  ["HTTP/1.1 over loopback", (bedrock: SimulatedBedrock) => overLoopback(bedrock, true), "HTTP/1.1"],
  ["msw", async (bedrock: SimulatedBedrock) => overMsw(bedrock), undefined],
])("SimulatedBedrock through %s", (_, open, protocol) => {
  it("answers the four invocations in the form that the SDK parses", async () => {
    const bedrock = new SimulatedBedrock({ reply: ({ modelId }) => `I am ${modelId} – grüezi` });
    const { runtime } = await open(bedrock);
    const text = `I am ${US} – grüezi`;
    const converse = await runtime.send(new ConverseCommand({ modelId: US, messages }));
    expect(converse.output?.message?.content).toEqual([{ text }]);
    expect(converse.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);

    const { stream } = await runtime.send(new ConverseStreamCommand({ modelId: US, messages }));
    const events: object[] = [];
    for await (const event of stream ?? []) events.push(event);
    expect(events.map((event) => Object.keys(event)[0])).toEqual(
      expect.arrayContaining(["messageStart", "contentBlockStop", "messageStop", "metadata"]),
    );
    expect(
      events
        .map((event) =>
          "contentBlockDelta" in event ? (event.contentBlockDelta as { delta: { text: string } }).delta.text : "",
        )
        .join(""),
    ).toBe(text);

    const body = JSON.stringify({ messages });
    const invoke = await runtime.send(new InvokeModelCommand({ modelId: US, body }));
    expect(JSON.parse(invoke.body.transformToString())).toMatchObject({ content: [{ text }] });
    const streamed = await runtime.send(new InvokeModelWithResponseStreamCommand({ modelId: US, body }));
    const parts: string[] = [];
    for await (const { chunk } of streamed.body ?? []) {
      parts.push(JSON.parse(Buffer.from(chunk?.bytes ?? []).toString("utf8")).delta?.text ?? "");
    }
    expect(parts.join("")).toBe(text);
    expect(new Set(bedrock.requests.map((request) => request.protocol))).toEqual(new Set([protocol]));
  });

  it("denies the first blocked leg with AWS's message, and records what it evaluated", async () => {
    const bedrock = new SimulatedBedrock();
    bedrock.deny({
      region: "us-west-2",
      policyType: "service-control-policy",
      policyArn: "arn:aws:organizations::999900001111:policy/o-x/service_control_policy/p-x",
    });
    const { runtime } = await open(bedrock);
    await expect(runtime.send(new ConverseCommand({ modelId: US, messages }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::111122223333:assumed-role/AppRole/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${SONNET} with an explicit deny in a service control policy: arn:aws:organizations::999900001111:policy/o-x/service_control_policy/p-x`,
      $metadata: { httpStatusCode: 403 },
    });
    expect(bedrock.requests[0]?.legs.map(({ leg, allowed }) => `${leg.stage} ${leg.region} ${allowed}`)).toEqual([
      "profile us-east-1 true",
      "source-model us-east-1 true",
      "destination-model us-east-2 true",
      "destination-model us-west-2 false",
    ]);
  });

  it("records no credentials", async () => {
    const bedrock = new SimulatedBedrock();
    const { runtime } = await open(bedrock);
    await runtime.send(new ConverseCommand({ modelId: US, messages }));
    const kept = JSON.stringify(bedrock.requests);
    expect(kept).toContain("Hello");
    for (const secret of ["AKIDEXAMPLE", "wJalrXUtnFEMI", "session-token", "Signature="])
      expect(kept).not.toContain(secret);
  });
});

describe("the control plane of SimulatedBedrock", () => {
  it("returns a profile as seen from the source Region, and no profile that isn't offered there", async () => {
    const { control } = await overLoopback(new SimulatedBedrock());
    const get = (inferenceProfileIdentifier: string) =>
      control.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }));
    expect(await get(US)).toMatchObject({
      inferenceProfileId: US,
      inferenceProfileArn: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`,
      type: "SYSTEM_DEFINED",
      status: "ACTIVE",
      models: ["us-east-1", "us-east-2", "us-west-2"].map((region) => ({
        modelArn: `arn:aws:bedrock:${region}::foundation-model/${SONNET}`,
      })),
    });
    expect((await get(`arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`)).inferenceProfileId).toBe(US);
    await expect(get(`eu.${SONNET}`)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("lists profiles page by page, by type", async () => {
    const application = {
      id: "a1b2c3d4e5f6",
      type: "APPLICATION" as const,
      modelId: SONNET,
      routes: { "us-east-1": ["us-east-1"] },
    };
    const { control } = await overLoopback(new SimulatedBedrock({ profiles: [application] }));
    const list = async (typeEquals?: "APPLICATION") => {
      const pages: string[][] = [];
      const query = { maxResults: typeEquals ? 1 : 20, ...(typeEquals ? { typeEquals } : {}) };
      for await (const page of paginateListInferenceProfiles({ client: control }, query)) {
        pages.push((page.inferenceProfileSummaries ?? []).map(({ inferenceProfileId }) => inferenceProfileId ?? ""));
      }
      return pages;
    };
    const pages = await list();
    expect(pages.slice(0, -1).every((page) => page.length === 20)).toBe(true);
    expect(pages.flat()).toEqual(knownProfilesFrom("us-east-1").map(({ profile }) => profile.id));
    expect(pages.flat()).toEqual(expect.arrayContaining([US, `global.${SONNET}`, "us.amazon.nova-pro-v1:0"]));
    expect(await list("APPLICATION")).toEqual([["a1b2c3d4e5f6"]]);
  });

  it("returns where a model can be called on demand", async () => {
    const { control } = await overLoopback(new SimulatedBedrock());
    const get = (modelIdentifier: string) => control.send(new GetFoundationModelCommand({ modelIdentifier }));
    expect((await get("amazon.nova-pro-v1:0")).modelDetails?.inferenceTypesSupported).toContain("ON_DEMAND");
    expect((await get(SONNET)).modelDetails?.inferenceTypesSupported).toEqual(["INFERENCE_PROFILE"]);
    await expect(get("nobody.knows")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("SimulatedBedrock", () => {
  it("denies as often as requested, and removes the denials that the test removes", async () => {
    const bedrock = new SimulatedBedrock();
    const { runtime } = await overLoopback(bedrock);
    const call = () =>
      runtime.send(new ConverseCommand({ modelId: US, messages })).then(
        () => "ok",
        (error) => error.name,
      );
    bedrock.deny({ kind: "use-case-form", times: 1 });
    const lift = bedrock.deny({ stage: "profile", policyType: "identity-based-policy" });
    expect(await call()).toBe("ResourceNotFoundException");
    expect(await call()).toBe("AccessDeniedException");
    lift();
    expect(await call()).toBe("ok");
  });

  it("returns AWS's messages for a bare model that needs a profile, and for an invalid ID", async () => {
    const { runtime } = await overLoopback(new SimulatedBedrock());
    const call = (modelId: string) => runtime.send(new ConverseCommand({ modelId, messages }));
    await expect(call(SONNET)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("on-demand throughput isn\u2019t supported"),
    });
    await expect(call("nobody.knows")).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringMatching(/^The provided model identifier is invalid\. \(SimulatedBedrock doesn't know /),
    });
  });

  it("closes with open connections and unfinished answers", async () => {
    const bedrock = new SimulatedBedrock();
    bedrock.fault({ hang: true });
    const { runtime, server } = await overLoopback(bedrock);
    const hanging = runtime.send(new ConverseCommand({ modelId: US, messages })).catch((error: Error) => error);
    while (bedrock.requests.length === 0) await new Promise(setImmediate);
    await server.close();
    expect(await hanging).toBeInstanceOf(Error);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it.each<[unknown, string]>([
    [{ account: "1" }, "Unknown option account of SimulatedBedrock. Valid options: "],
    [{ accountId: "1" }, 'accountId must be 12 digits; it is "1".'],
  ])("throws for the invalid options %j and identifies the option", (options, message) => {
    expect(() => new SimulatedBedrock(options as SimulatedBedrockOptions)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [{ policyType: "scp" }, "policyType must be one of service-control-policy, "],
    [
      { policyType: "service-control-policy", regions: [] },
      "Unknown field regions of a scripted denial. Valid fields: ",
    ],
    [{ policyType: "service-control-policy", stage: "source" }, "stage must be one of profile, "],
    [{ kind: "nope" }, "kind must be one of "],
  ])("throws for the invalid scripted denial %j and identifies the field", (refusal, message) => {
    expect(() => new SimulatedBedrock().deny(refusal as LegRefusal)).toThrow(message);
  });

  it("throws for anything other than msw's http, and states what it needs", () => {
    expect(() => new SimulatedBedrock().mswHandlers(undefined as never)).toThrow("mswHandlers needs msw's http");
  });
});

describe("docs/testing.md", () => {
  const docs = readFileSync(join(import.meta.dirname, "../../docs/testing.md"), "utf8");

  it("uses only what SimulatedBedrock has", () => {
    const used = [...docs.matchAll(/simulated\.(\w+)/g)].map(([, name]) => name as string);
    expect(used).toEqual(expect.arrayContaining(["listen", "requests", "deny", "fault", "addProfile", "addGuardrail"]));
    for (const name of used) expect(new SimulatedBedrock(), name).toHaveProperty(name);
  });

  it("lists every operation", () => {
    for (const operation of Object.keys(REQUESTS)) expect(docs).toMatch(new RegExp(`\\b${operation}\\b`));
  });
});
