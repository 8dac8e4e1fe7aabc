import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ConverseCommand, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { trace } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { BedrockRuntimeClient, ResilienceOptions } from "../../src/index.js";
import { formatDiagnosis } from "../../src/offline.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { inProcess, clientOf as inProcessClient } from "../in-process.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const CANARY = "canary-prompt-7f3a";
const SECRET = "canary-secret-91bc";

const bedrock = new SimulatedBedrock({ reply: () => "canary-completion-5d20" });
beforeEach(() => {
  bedrock.reset();
  bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
});

const credentials = { accessKeyId: "AKIDCANARY", secretAccessKey: SECRET, sessionToken: `${SECRET}-token` };
const clientOf = (resilience: ResilienceOptions = {}) => inProcessClient(bedrock, resilience, { credentials });
const hello = () => new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [{ text: CANARY }] }] });

/** Everything that was published while the test ran. */
function published(): { name: string; message: unknown }[] {
  const messages: { name: string; message: unknown }[] = [];
  const listen = (message: unknown, name: string | symbol) => messages.push({ name: String(name), message });
  for (const event of ["refusal", "diagnosis", "fallback"]) {
    subscribe(`resilient-bedrock:${event}`, listen);
    onTestFinished(() => void unsubscribe(`resilient-bedrock:${event}`, listen));
  }
  return messages;
}

describe("diagnostics_channel", () => {
  it("publishes a denial and its diagnosis", async () => {
    const messages = published();
    await clientOf()
      .send(hello())
      .catch(() => {});
    expect(messages.map(({ name }) => name)).toEqual(["resilient-bedrock:refusal", "resilient-bedrock:diagnosis"]);
    expect(messages[0]?.message).toMatchObject({
      operation: "Converse",
      modelId: NOVA,
      refusal: { kind: "iam-denied" },
    });
    expect(messages[1]?.message).toMatchObject({
      errorName: "AccessDeniedException",
      diagnosis: { blockedRegions: ["us-west-2"] },
    });
  });

  it("publishes a denial and its fallback, and then the fallback alone", async () => {
    const messages = published();
    const client = clientOf({ fallback: { to: "single-region" } });
    await client.send(hello());
    await client.send(hello());
    const names = messages.map(({ name }) => name.replace("resilient-bedrock:", "")).sort();
    expect(names).toEqual(["fallback", "fallback", "refusal"]);
    expect(messages.find(({ name }) => name.endsWith(":fallback"))?.message).toMatchObject({
      report: { used: { modelId: "amazon.nova-pro-v1:0" } },
      diagnosis: { kind: "iam-denied" },
    });
  });

  it("publishes nothing for a call that succeeds, or fails in another way", async () => {
    bedrock.reset();
    const messages = published();
    await clientOf().send(hello());
    bedrock.fault({ name: "model-timeout" });
    await clientOf()
      .send(hello())
      .catch(() => {});
    expect(messages).toEqual([]);
  });
});

describe("OpenTelemetry", () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  beforeAll(() => provider.register());
  afterAll(async () => {
    trace.disable();
    await provider.shutdown();
  });
  beforeEach(() => exporter.reset());

  /** The events of a span that is active while a call is made. */
  async function eventsOf(client: BedrockRuntimeClient) {
    await trace.getTracer("test").startActiveSpan("the application's", async (span) => {
      await client.send(hello()).catch(() => {});
      span.end();
    });
    return exporter.getFinishedSpans().flatMap(({ events }) => events);
  }

  it("has an event on the active span for a diagnosis, with GenAI names", async () => {
    expect(await eventsOf(clientOf())).toMatchObject([
      {
        name: "resilient_bedrock.diagnosis",
        attributes: {
          "gen_ai.provider.name": "aws.bedrock",
          "gen_ai.operation.name": "chat",
          "gen_ai.request.model": NOVA,
          "error.type": "AccessDeniedException",
          "resilient_bedrock.kind": "iam-denied",
          "resilient_bedrock.blocked_regions": ["us-west-2"],
          "resilient_bedrock.policy.type": "service-control-policy",
        },
      },
    ]);
  });

  it("has an event for a fallback", async () => {
    expect(await eventsOf(clientOf({ fallback: { to: "single-region" } }))).toMatchObject([
      {
        name: "resilient_bedrock.fallback",
        attributes: {
          "gen_ai.request.model": NOVA,
          "gen_ai.response.model": "amazon.nova-pro-v1:0",
          "resilient_bedrock.fallback.region": "us-east-1",
        },
      },
    ]);
  });

  it("isn't required: without an active span nothing happens", async () => {
    await expect(clientOf().send(hello())).rejects.toThrow("denied in us-west-2");
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});

it("no prompt, completion or credential is in any event, span, log line, report, store or error", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  const messages: unknown[] = published();
  const seen: unknown[] = [];
  const log = (...line: unknown[]) => void seen.push(line);
  const store = new Map<string, string>();
  const secret = { accessKeyId: "AKIDCANARYTWO", secretAccessKey: SECRET, sessionToken: `${SECRET}-token` };
  const organization = new OrganizationsClient({
    region: "us-east-1",
    credentials: secret,
    requestHandler: inProcess(bedrock) as never,
  });
  const options: ResilienceOptions = {
    diagnosis: {
      simulation: { credentials: secret, requestsPerSecond: 50 },
      organization: { client: organization },
      probe: { mayStartSubscription: true },
    },
    store,
    logger: { debug: log, info: log, warn: log, error: log },
    logSessionNames: true,
    onDiagnosis: (diagnosis) => seen.push(diagnosis),
    onFallback: (report, diagnosis) => seen.push(report, diagnosis),
  };
  const apiKey = { token: { token: SECRET }, authSchemePreference: ["httpBearerAuth"] };
  const clients = [clientOf(options), inProcessClient(bedrock, options, { credentials, ...apiKey })];
  const input = { modelId: NOVA, body: CANARY, contentType: "application/json" };
  await trace.getTracer("test").startActiveSpan("the application's", async (span) => {
    await clientOf({ ...options, fallback: { to: "single-region" } }).send(hello());
    for (const client of clients) {
      for (const command of [hello(), new InvokeModelCommand({ ...input, body: JSON.stringify({ prompt: CANARY }) })]) {
        const error = await client.send(command as ConverseCommand).catch((thrown) => thrown);
        const { message, stack, name, cause, diagnosis } = error;
        expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
        seen.push(message, stack, name, cause, JSON.stringify(error), { ...diagnosis });
        for (const format of ["text", "markdown", "html"] as const) seen.push(formatDiagnosis(diagnosis, format));
      }
      const preflight = await client.diagnose(hello());
      seen.push(preflight, formatDiagnosis(preflight));
    }
    span.end();
  });
  seen.push(...messages, ...exporter.getFinishedSpans().map(({ attributes, events }) => ({ attributes, events })));
  seen.push([...store]);
  trace.disable();
  await provider.shutdown();
  const everything = JSON.stringify(seen);
  // What is searched holds what it should: the sources' evidence, the store's entries, the log's lines.
  for (const there of ["us-west-2", "GetRole", "simulator", "resilient-bedrock:1:", "bedrock call denied"]) {
    expect(everything).toContain(there);
  }
  for (const canary of [CANARY, SECRET, "canary-completion", "AKIDCANARY"]) expect(everything).not.toContain(canary);
});
