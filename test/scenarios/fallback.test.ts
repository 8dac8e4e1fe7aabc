import {
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  BedrockRuntime,
  BedrockRuntimeClient,
  type Diagnosis,
  type FallbackReport,
  fallbackOf,
  isDiagnosedError,
  type ResilienceOptions,
  withResilience,
} from "../../src/index.js";
import { formatDiagnosis } from "../../src/offline.js";
import { SIMULATED_SENTENCES } from "../../src/testing/refusals.js";
import { type KindRefusal, SimulatedBedrock, type VirtualModel } from "../../src/testing/simulated-bedrock.js";
import { inProcess, clientOf as inProcessClient } from "../in-process.js";

const NOVA = "amazon.nova-pro-v1:0";
const PROFILE = `us.${NOVA}`;
const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const ON: ResilienceOptions = { fallback: { to: "single-region" } };
/** Sonnet as it is in no Region of today: callable by its bare id in London. */
const SONNET_IN_LONDON: VirtualModel = { id: SONNET, onDemandRegions: ["eu-west-2"] };

const bedrock = new SimulatedBedrock();
const london = new SimulatedBedrock({ models: [SONNET_IN_LONDON] });
afterEach(() => {
  bedrock.reset();
  london.reset();
  vi.useRealTimers();
});

const clientOf = (resilience: ResilienceOptions, of = bedrock, config: BedrockRuntimeClientConfig = {}) =>
  inProcessClient(of, resilience, config);

const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];
const converse = (modelId = PROFILE, more: object = {}) => new ConverseCommand({ modelId, messages, ...more });
const block = (region = "us-west-2", of = bedrock) => of.deny({ policyType: "service-control-policy", region });

/** What reached the runtime: `REGION MODEL`. */
const sent = (of = bedrock) =>
  of.requests.filter(({ operation }) => !operation.startsWith("Get")).map((r) => `${r.sourceRegion} ${r.modelId}`);

async function diagnosisOf(promise: Promise<unknown>): Promise<Diagnosis> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!isDiagnosedError(error)) throw new Error(`not a diagnosed error: ${error}`);
  return error.diagnosis;
}

describe("a call whose routing is denied", () => {
  it("is answered by the profile's model in the source Region, if the application opted in", async () => {
    block();
    const output = await clientOf(ON).send(converse());
    expect(output.output?.message?.content?.[0]?.text).toContain(NOVA);
    expect(fallbackOf(output)).toMatchObject({
      reason: "routing-denied",
      requested: { modelId: PROFILE, region: "us-east-1" },
      used: { modelId: NOVA, region: "us-east-1" },
      why: expect.stringContaining("us-west-2"),
      remembered: false,
      considered: [{ modelId: NOVA, region: "us-east-1", outcome: "answered", knownFrom: "api" }],
      dropped: [],
    });
    expect(sent()).toEqual([`us-east-1 ${PROFILE}`, `us-east-1 ${NOVA}`]);
  });

  it("throws the SDK's error if the application didn't opt in", async () => {
    block();
    const diagnosis = await diagnosisOf(clientOf({}).send(converse()));
    expect(diagnosis.fallback).toBeUndefined();
    expect(sent()).toEqual([`us-east-1 ${PROFILE}`]);
  });

  it("has the SDK's own output, with a report that only fallbackOf reads", async () => {
    block();
    const output = await clientOf(ON).send(converse());
    const plain = await clientOf({}).send(converse(NOVA));
    const bare = ({ $metadata, ...rest }: typeof output) => ({ ...rest, fields: Object.keys($metadata) });
    expect(bare(output)).toEqual(bare(plain));
    expect(JSON.stringify(output)).not.toContain("requested");
    expect(fallbackOf(plain)).toBeUndefined();
    expect([fallbackOf(undefined), fallbackOf("text")]).toEqual([undefined, undefined]);
  });

  it("is reported: onFallback gets the diagnosis, and the logger gets one line", async () => {
    block();
    const told: [FallbackReport, Diagnosis][] = [];
    const lines: unknown[][] = [];
    const logger = {
      debug() {},
      info: (...line: unknown[]) => lines.push(["info", ...line]),
      warn: (...line: unknown[]) => lines.push(["warn", ...line]),
      error() {},
    };
    const client = clientOf({ ...ON, logger, onFallback: (report, diagnosis) => told.push([report, diagnosis]) });
    const output = await client.send(converse());
    await client.send(converse());
    expect(told).toHaveLength(2);
    expect(told[0]?.[0]).toBe(fallbackOf(output));
    expect(told[0]?.[1]).toMatchObject({ kind: "iam-denied", blockedRegions: ["us-west-2"], legsComplete: true });
    expect(lines.map(([level, , event]) => `${level} ${event}`)).toEqual([
      "warn bedrock call answered by a fallback",
      "info bedrock call answered by a fallback",
    ]);
    expect(lines[0]?.[1]).toMatchObject({
      used: { modelId: NOVA, region: "us-east-1" },
      blockedRegions: ["us-west-2"],
    });
    expect(JSON.stringify(lines)).not.toContain("Hello");
  });

  it("is still answered if onFallback throws", async () => {
    block();
    const client = clientOf({ ...ON, onFallback: () => Promise.reject(new Error("theirs")) });
    expect(fallbackOf(await client.send(converse()))).toBeDefined();
  });

  it("falls back in every form of send", async () => {
    block();
    const client = clientOf(ON);
    const byCallback = await new Promise((resolve, reject) => {
      const returned = client.send(converse(), (error, output) => (error ? reject(error) : resolve(output)));
      expect(returned).toBeUndefined();
    });
    expect(fallbackOf(byCallback)).toBeDefined();
    const aggregated = new BedrockRuntime({
      region: "us-east-1",
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      requestHandler: inProcess(bedrock),
      resilience: ON,
    });
    expect(fallbackOf(await aggregated.converse({ modelId: PROFILE, messages }))).toBeDefined();
  });

  it("has its stream from the fallback, complete and once", async () => {
    block();
    const output = await clientOf(ON).send(new ConverseStreamCommand({ modelId: PROFILE, messages }));
    let text = "";
    for await (const event of output.stream ?? []) text += event.contentBlockDelta?.delta?.text ?? "";
    expect(text).toBe(`Simulated answer of ${NOVA}.`);
    expect(fallbackOf(output)?.used?.modelId).toBe(NOVA);
    expect(sent()).toHaveLength(2);
  });

  it("keeps the body byte for byte, and the command's own middleware", async () => {
    block();
    const body = '{"messages" : [ ],\n "spaces":  true}';
    const seen: unknown[] = [];
    for (const Command of [InvokeModelCommand, InvokeModelWithResponseStreamCommand]) {
      // One class of the two, so that TypeScript finds one form of `add`.
      const command = new Command({ modelId: PROFILE, body, contentType: "application/json" }) as InvokeModelCommand;
      command.middlewareStack.add(
        (next) => async (args) => {
          seen.push(Buffer.from((args.request as { body: Uint8Array }).body).toString());
          return next(args);
        },
        { step: "build" },
      );
      await clientOf(ON).send(command);
      expect(command.input.modelId).toBe(PROFILE);
    }
    expect(seen).toEqual([body, body, body, body]);
  });

  it("omits what only a profile accepts, and reports that", async () => {
    block();
    const command = converse(PROFILE, {
      performanceConfig: { latency: "optimized" },
      serviceTier: { type: "flex" },
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      requestMetadata: { team: "a" },
    });
    const output = await clientOf(ON).send(command);
    expect(fallbackOf(output)?.dropped).toEqual(["performanceConfig", "serviceTier"]);
    const [, second] = bedrock.requests.filter(({ operation }) => operation === "Converse");
    expect(second?.body).toEqual({
      messages,
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
      requestMetadata: { team: "a" },
    });
  });
});

describe("other Regions and other models", () => {
  const profile = `us.${SONNET}`;

  it("use another allowed Region, through a client with the same settings", async () => {
    block("us-west-2", london);
    const client = clientOf({ fallback: { to: "single-region", allowRegions: ["eu-west-1", "eu-west-2"] } }, london, {
      customUserAgent: "tenant/7",
    });
    const regions: string[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        regions.push((args.request as { hostname: string }).hostname);
        return next(args);
      },
      { step: "finalizeRequest", name: "the application's own" },
    );
    const output = await client.send(converse(profile));
    expect(fallbackOf(output)).toMatchObject({
      used: { modelId: SONNET, region: "eu-west-2" },
      considered: [
        { region: "us-east-1", outcome: "passed-over", reason: "profile-only" },
        { region: "eu-west-1", outcome: "passed-over", reason: "profile-only" },
        { region: "eu-west-2", outcome: "answered" },
      ],
    });
    expect(sent(london)).toEqual([`us-east-1 ${profile}`, `eu-west-2 ${SONNET}`]);
    expect(regions).toEqual(["bedrock-runtime.us-east-1.amazonaws.com", "bedrock-runtime.eu-west-2.amazonaws.com"]);
    const there = london.requests.find(
      ({ operation, sourceRegion }) => operation === "Converse" && sourceRegion === "eu-west-2",
    );
    expect(there?.headers["user-agent"]).toContain("tenant/7");
  });

  it("don't use another Region for a call with a guardrail, which is in the source Region", async () => {
    block("us-west-2", london);
    const client = clientOf({ fallback: { to: "single-region", allowRegions: ["eu-west-2"] } }, london);
    const guarded = converse(profile, { guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" } });
    const { fallback } = await diagnosisOf(client.send(guarded));
    expect(fallback).toMatchObject({
      notTried: "no-candidate",
      considered: [{ reason: "profile-only" }, { region: "eu-west-2", reason: "guardrail-elsewhere" }],
    });
    expect(sent(london)).toEqual([`us-east-1 ${profile}`]);
  });

  it("don't use another Region if the endpoint is pinned, and report the reason", async () => {
    const server = await london.listen();
    block("us-west-2", london);
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      resilience: { fallback: { to: "single-region", allowRegions: ["eu-west-2"] } },
    });
    const diagnosis = await diagnosisOf(client.send(converse(profile)));
    expect(diagnosis.fallback?.considered[1]).toMatchObject({ region: "eu-west-2", reason: "endpoint-pinned" });
    // The report is wrapped.
    expect(formatDiagnosis(diagnosis, "text").replace(/\s+/g, " ")).toContain("the client's endpoint is fixed");
    client.destroy();
    await server.close();
  });

  it("use another listed model last", async () => {
    block();
    const client = clientOf({ fallback: { to: "single-region", models: { [profile]: NOVA } } });
    expect(fallbackOf(await client.send(converse(profile)))).toMatchObject({
      used: { modelId: NOVA, region: "us-east-1" },
      considered: [
        { modelId: SONNET, reason: "profile-only" },
        { modelId: NOVA, outcome: "answered" },
      ],
    });
  });

  it("use the bundled catalog if GetFoundationModel is denied, and report that", async () => {
    block();
    bedrock.deny({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModel" });
    const output = await clientOf(ON).send(converse());
    expect(fallbackOf(output)?.considered).toEqual([
      { modelId: NOVA, region: "us-east-1", outcome: "answered", knownFrom: "bundled-catalog", asOf: "2026-10-07" },
    ]);
  });

  it("aren't used if neither the API nor the catalog has the model", async () => {
    const unknown = "amazon.nova-9-v1:0";
    const of = new SimulatedBedrock({
      models: [{ id: unknown, onDemandRegions: ["us-east-1"] }],
      profiles: [{ id: `us.${unknown}`, modelId: unknown, routes: { "us-east-1": ["us-east-1", "us-west-2"] } }],
    });
    block("us-west-2", of);
    of.deny({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModel" });
    const { fallback } = await diagnosisOf(clientOf(ON, of).send(converse(`us.${unknown}`)));
    expect(fallback?.considered).toEqual([
      { modelId: unknown, region: "us-east-1", outcome: "passed-over", reason: "unknown", asOf: "2026-10-07" },
    ]);
  });

  it("don't include a model that has reached end of life", async () => {
    const of = new SimulatedBedrock({
      models: [{ id: NOVA, onDemandRegions: ["us-east-1"], lifecycle: "LEGACY", endOfLife: "2026-01-01T00:00:00Z" }],
    });
    block("us-west-2", of);
    const { fallback } = await diagnosisOf(clientOf(ON, of).send(converse()));
    expect(fallback?.considered[0]).toMatchObject({ reason: "end-of-life", lifecycle: "LEGACY" });
  });
});

describe("a fallback that doesn't succeed", () => {
  it("chains both errors if the second call is also denied, and reports everything", async () => {
    block();
    bedrock.deny({ policyType: "identity-based-policy", stage: "model" });
    const error = await clientOf(ON)
      .send(converse())
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      name: "AccessDeniedException",
      diagnosis: {
        blockedRegions: ["us-west-2"],
        fallback: {
          requested: { modelId: PROFILE, region: "us-east-1" },
          considered: [{ modelId: NOVA, outcome: "denied", errorName: "AccessDeniedException" }],
        },
      },
    });
    expect(error.cause).toMatchObject({ name: "AccessDeniedException" });
    expect(error.cause.message).toContain(`foundation-model/${NOVA}`);
    expect(error.diagnosis.fallback.used).toBeUndefined();
    expect(JSON.parse(JSON.stringify(error.diagnosis))).toEqual(error.diagnosis);
    expect(formatDiagnosis(error.diagnosis, "markdown")).toContain("also denied: AccessDeniedException");
    expect(sent()).toEqual([`us-east-1 ${PROFILE}`, `us-east-1 ${NOVA}`]);
  });

  it("ends with the first failure that isn't a denial, because the model might have run", async () => {
    block();
    const client = clientOf({ fallback: { to: "single-region", models: { [PROFILE]: SONNET } } });
    // The first request is denied before the fault applies to the second.
    bedrock.fault({ operation: "Converse", times: 1 });
    bedrock.fault({ operation: "Converse", name: "model-timeout", times: 1 });
    const error = await client.send(converse()).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "AccessDeniedException", cause: { name: "ModelTimeoutException" } });
    expect(error.diagnosis.fallback.considered).toMatchObject([
      { modelId: NOVA, outcome: "failed", errorName: "ModelTimeoutException" },
      { modelId: SONNET, outcome: "not-tried" },
    ]);
    // What failed may work the next time: the block is remembered.
    expect(fallbackOf(await client.send(converse()))).toMatchObject({ remembered: true });
  });

  it("uses the profile again if the remembered target is denied", async () => {
    const lift = block();
    const client = clientOf(ON);
    await client.send(converse());
    lift();
    bedrock.deny({ policyType: "identity-based-policy", stage: "model" });
    const output = await client.send(converse());
    expect(fallbackOf(output)).toBeUndefined();
    expect(output.output?.message?.content?.[0]?.text).toContain(PROFILE);
    expect(sent()).toEqual([`us-east-1 ${PROFILE}`, `us-east-1 ${NOVA}`, `us-east-1 ${NOVA}`, `us-east-1 ${PROFILE}`]);
  });

  it("ends immediately with the abort signal, with the SDK's error", async () => {
    block();
    bedrock.fault({ operation: "Converse", times: 1 });
    bedrock.fault({ operation: "Converse", hang: true });
    const error = await clientOf(ON)
      .send(converse(), { abortSignal: AbortSignal.timeout(50) })
      .catch((thrown) => thrown);
    expect(error.name).toBe("AbortError");
  });
});

describe("every kind and stage of a denial is tried, or has a reason why not", () => {
  const kinds = Object.keys(SIMULATED_SENTENCES) as KindRefusal["kind"][];
  const options: Record<string, ResilienceOptions> = {
    "no fallback": {},
    "source Region": ON,
    "other Region": { fallback: { to: "single-region", allowRegions: ["eu-west-2"] } },
    "other model": { fallback: { to: "single-region", models: { [`us.${SONNET}`]: NOVA } } },
  };
  const profile = `us.${SONNET}`;

  it.each(kinds.flatMap((kind) => Object.keys(options).map((option) => [kind, option] as const)))(
    "%s, %s: isn't about routing",
    async (kind, option) => {
      london.deny({ kind });
      const diagnosis = await diagnosisOf(clientOf(options[option] ?? {}, london).send(converse(profile)));
      expect(diagnosis.kind).toBe(kind);
      expect(diagnosis.fallback?.notTried).toBe(option === "no fallback" ? undefined : "not-about-routing");
      expect(sent(london)).toEqual([`us-east-1 ${profile}`]);
    },
  );

  const stages = [
    ["profile", profile, "not-about-routing"],
    ["source-model", profile, "not-about-routing"],
    ["destination-model", profile, "routing"],
    ["global-model", `global.${SONNET}`, "routing"],
  ] as const;
  const policyTypes = [
    "service-control-policy",
    "permissions-boundary",
    "identity-based-policy",
    "vpc-endpoint-policy",
  ] as const;
  const rows = stages.flatMap(([stage, modelId, says]) =>
    policyTypes.flatMap((policyType) =>
      Object.keys(options).map((option) => ({ stage, modelId, says, policyType, option })),
    ),
  );

  it.each(rows)("$stage, $policyType, $option", async ({ stage, modelId, says, policyType, option }) => {
    london.deny({ policyType, stage });
    const result = await clientOf(options[option] ?? {}, london)
      .send(converse(modelId))
      .catch((thrown) => thrown);
    const isTried = says === "routing" && policyType !== "vpc-endpoint-policy";
    const used = {
      "no fallback": undefined,
      "source Region": undefined,
      "other Region": { modelId: SONNET, region: "eu-west-2" },
      "other model": modelId === profile ? { modelId: NOVA, region: "us-east-1" } : undefined,
    }[option];
    if (isTried && used) {
      expect(fallbackOf(result)?.used).toEqual(used);
      expect(sent(london)).toEqual([`us-east-1 ${modelId}`, `${used.region} ${used.modelId}`]);
      return;
    }
    const reason = says !== "routing" ? says : isTried ? "no-candidate" : "vpc-endpoint-policy";
    expect(result.diagnosis.fallback?.notTried).toBe(option === "no fallback" ? undefined : reason);
    expect(sent(london)).toEqual([`us-east-1 ${modelId}`]);
  });
});

describe("many concurrent calls", () => {
  it("a thousand against a blocked profile: all answered, one denied, one diagnosis, and the profile is used again after the time", async () => {
    const server = await bedrock.listen();
    const lift = block();
    const told = new Set<Diagnosis>();
    const client = withResilience(
      new BedrockRuntimeClient({
        region: "us-east-1",
        endpoint: server.url,
        credentials: { accessKeyId: "A", secretAccessKey: "S" },
      }),
      {
        fallback: { to: "single-region", remember: 60_000 },
        // How busy the machine is has no part in this.
        diagnosis: { timeoutMs: 60_000 },
        onFallback: (_, diagnosis) => told.add(diagnosis),
      },
    );
    const outputs = await Promise.all(Array.from({ length: 1_000 }, () => client.send(converse())));
    expect(outputs.filter((output) => fallbackOf(output)?.used?.modelId === NOVA)).toHaveLength(1_000);
    const to = (modelId: string) => sent().filter((line) => line.endsWith(` ${modelId}`)).length;
    expect(to(PROFILE)).toBeLessThanOrEqual(5);
    expect(to(NOVA)).toBe(1_000);
    expect(told.size).toBe(1);
    const asked = (operation: string) => bedrock.requests.filter((request) => request.operation === operation).length;
    expect([asked("GetInferenceProfile"), asked("GetFoundationModel")]).toEqual([1, 1]);

    lift();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    const before = to(PROFILE);
    const probe = await client.send(converse());
    expect(fallbackOf(probe)).toBeUndefined();
    await Promise.all(Array.from({ length: 20 }, () => client.send(converse())));
    expect(to(PROFILE) - before).toBe(21);
    client.destroy();
    await server.close();
  }, 30_000);

  it("if the profile is still blocked after the time, one call finds out and all are answered", async () => {
    block();
    const client = clientOf({ fallback: { to: "single-region", remember: 60_000 } });
    await client.send(converse());
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    const outputs = await Promise.all(Array.from({ length: 50 }, () => client.send(converse())));
    expect(outputs.every((output) => fallbackOf(output) !== undefined)).toBe(true);
    expect(sent().filter((line) => line.endsWith(PROFILE))).toHaveLength(2);
  });

  it("each gets its own answer: none is lost or duplicated", async () => {
    const of = new SimulatedBedrock({ reply: ({ body }) => JSON.stringify(body) });
    block("us-west-2", of);
    of.fault({ name: "throttling", times: 7 });
    const client = clientOf(ON, of, { maxAttempts: 1 });
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) =>
        client.send(
          new ConverseCommand({ modelId: PROFILE, messages: [{ role: "user", content: [{ text: `call ${n}.` }] }] }),
        ),
      ),
    );
    results.forEach((result, n) => {
      if (result.status === "fulfilled") {
        expect(result.value.output?.message?.content?.[0]?.text).toContain(`call ${n}.`);
      }
    });
    const failed = results.filter(({ status }) => status === "rejected");
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThanOrEqual(7);
  });
});

describe("no request is sent to a target that the application didn't list", () => {
  it("whatever the options and denials are", async () => {
    const models = [{ id: SONNET, onDemandRegions: ["eu-west-2", "us-west-2"] }];
    const region = fc.constantFrom("us-east-1", "us-west-2", "eu-west-2", "eu-west-1");
    const scenario = fc.record({
      modelId: fc.constantFrom(PROFILE, `us.${SONNET}`, `global.${SONNET}`, NOVA, SONNET),
      allowRegions: fc.array(region, { maxLength: 3 }),
      models: fc.dictionary(fc.constantFrom(PROFILE, SONNET, `us.${SONNET}`), fc.constantFrom(NOVA, SONNET)),
      bareModels: fc.constantFrom(undefined, "geographic" as const, "global" as const),
      blocked: fc.array(fc.constantFrom("us-west-2", "us-east-2", "unspecified", "us-east-1", "eu-west-2"), {
        maxLength: 3,
      }),
      isDenied: fc.boolean(),
      calls: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ modelId, allowRegions, bareModels, blocked, isDenied, calls, ...named }) => {
        const of = new SimulatedBedrock({ models });
        for (const each of blocked) of.deny({ policyType: "service-control-policy", region: each });
        if (isDenied) of.deny({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModel" });
        const client = clientOf(
          {
            fallback: { to: "single-region", allowRegions, models: named.models },
            resolve: bareModels ? { bareModels } : {},
          },
          of,
        );
        for (let n = 0; n < calls; n += 1) await client.send(converse(modelId)).catch(() => {});
        const own = modelId.replace(/^(us|global)\./, "");
        const routed = bareModels === "global" ? `global.${own}` : `us.${own}`;
        const models_ = [
          modelId,
          own,
          ...Object.values(named.models),
          ...(bareModels && modelId === own ? [routed] : []),
        ];
        for (const request of of.requests) {
          expect(["us-east-1", ...allowRegions]).toContain(request.sourceRegion);
          if (request.operation.startsWith("Get")) continue;
          expect(models_).toContain(request.modelId);
          // A profile is called from the source Region only.
          if (/^(us|global)\./.test(request.modelId)) expect(request.sourceRegion).toBe("us-east-1");
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe("resolve.bareModels", () => {
  const APPLICATION = "abcdefghijkl";
  const of = new SimulatedBedrock({
    profiles: [
      {
        id: APPLICATION,
        type: "APPLICATION",
        modelId: SONNET,
        routes: { "us-east-1": ["us-east-1", "us-east-2", "us-west-2"] },
      },
    ],
  });
  afterEach(() => of.reset());

  it.each([
    ["geographic", `us.${SONNET}`],
    ["global", `global.${SONNET}`],
    [{ [SONNET]: APPLICATION }, APPLICATION],
  ] as const)("%j: a profile-only model is sent through %s", async (bareModels, used) => {
    const output = await clientOf({ resolve: { bareModels } }, of).send(converse(SONNET));
    expect(fallbackOf(output)).toMatchObject({
      reason: "profile-only-model",
      requested: { modelId: SONNET, region: "us-east-1" },
      used: { modelId: used, region: "us-east-1" },
    });
    expect(sent(of)).toEqual([`us-east-1 ${used}`]);
  });

  it("is off by default, and then the error lists the profiles that work here", async () => {
    const diagnosis = await diagnosisOf(clientOf({}, of).send(converse(SONNET)));
    expect(diagnosis.kind).toBe("on-demand-unsupported");
    expect(diagnosis.alternatives).toMatchObject([
      { profileId: `us.${SONNET}`, destinationRegions: ["us-east-1", "us-east-2", "us-west-2"] },
      { profileId: `global.${SONNET}`, destinationRegions: ["unspecified", "us-east-1"] },
    ]);
  });

  it("doesn't change calls to a model that can be called directly, or IDs that aren't bare model IDs", async () => {
    const client = clientOf({ resolve: { bareModels: "geographic" } }, of);
    for (const id of [NOVA, PROFILE]) expect(fallbackOf(await client.send(converse(id)))).toBeUndefined();
    expect(sent(of)).toEqual([`us-east-1 ${NOVA}`, `us-east-1 ${PROFILE}`]);
  });

  it("uses the catalog if the control plane is denied, and the Region's prefixes for models that are newer than the catalog", async () => {
    const model = "anthropic.claude-next-9";
    const next = new SimulatedBedrock({
      models: [{ id: model, onDemandRegions: [] }],
      profiles: [{ id: `us.${model}`, modelId: model, routes: { "us-east-1": ["us-east-1", "us-west-2"] } }],
    });
    const client = clientOf({ resolve: { bareModels: "geographic" } }, next);
    expect(fallbackOf(await client.send(converse(model)))?.used?.modelId).toBe(`us.${model}`);
    for (const action of ["bedrock:GetFoundationModel", "bedrock:GetInferenceProfile"]) {
      of.deny({ policyType: "identity-based-policy", action });
    }
    const denied = clientOf({ resolve: { bareModels: "geographic" } }, of);
    expect(fallbackOf(await denied.send(converse(SONNET)))?.used?.modelId).toBe(`us.${SONNET}`);
  });

  it("has a diagnosis of the profile that was called", async () => {
    block("us-west-2", of);
    const { modelId, legs, fallback } = await diagnosisOf(
      clientOf({ ...ON, resolve: { bareModels: "geographic" } }, of).send(converse(SONNET)),
    );
    expect(modelId).toBe(`us.${SONNET}`);
    expect(legs.some(({ leg }) => leg.stage === "destination-model")).toBe(true);
    expect(fallback).toMatchObject({ requested: { modelId: SONNET }, notTried: "no-candidate" });
  });
});
