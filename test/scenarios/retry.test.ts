import {
  type BedrockRuntimeClientConfig,
  ConverseCommand,
  ConverseStreamCommand,
  BedrockRuntimeClient as SdkClient,
} from "@aws-sdk/client-bedrock-runtime";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BedrockRuntimeClient, fallbackOf, type ResilienceOptions } from "../../src/index.js";
import {
  type Fault,
  type FaultName,
  type LoopbackServer,
  SimulatedBedrock,
} from "../../src/testing/simulated-bedrock.js";
import { inProcess, clientOf as inProcessClient } from "../in-process.js";

const NOVA = "amazon.nova-pro-v1:0";
const PROFILE = `us.${NOVA}`;
const messages = [{ role: "user" as const, content: [{ text: "Hello" }] }];

let bedrock: SimulatedBedrock;
beforeEach(() => {
  bedrock = new SimulatedBedrock();
  // No jitter, so no delay: both layers draw theirs from here.
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const requests = () => bedrock.requests.filter(({ operation }) => !operation.startsWith("Get")).length;

const clientOf = (resilience: ResilienceOptions, more: BedrockRuntimeClientConfig = {}) =>
  inProcessClient(bedrock, resilience, more);

describe("each failure is retried by exactly one layer", () => {
  /** How many requests the SDK alone sends for a permanent fault. */
  const bySdk = (maxAttempts: number) => maxAttempts;
  const once = () => 1;
  const FAULTS: Record<FaultName, (maxAttempts: number) => number> = {
    throttling: bySdk,
    "internal-error": bySdk,
    unavailable: bySdk,
    "model-not-ready": bySdk,
    "connection-reset": bySdk,
    "model-timeout": once,
    "model-error": once,
    "expired-credentials": once,
    "stream-error": once,
    "truncated-stream": once,
  };
  /** What each set of options adds to that. */
  const OPTIONS: Record<string, { resilience: ResilienceOptions; more: Partial<Record<FaultName, number>> }> = {
    "no options": { resilience: {}, more: {} },
    "no expired credentials": { resilience: { retry: { expiredCredentials: false } }, more: {} },
    fallback: { resilience: { fallback: { to: "single-region" } }, more: {} },
    "model timeouts": { resilience: { retry: { modelTimeout: 2 } }, more: { "model-timeout": 2 } },
    "model errors": { resilience: { retry: { modelError: 1 } }, more: { "model-error": 1 } },
    everything: {
      resilience: {
        fallback: { to: "single-region" },
        resolve: { bareModels: "geographic" },
        retry: { modelTimeout: 1, modelError: 2, propagation: 1_000 },
      },
      more: { "model-timeout": 1, "model-error": 2 },
    },
  };
  const cases = Object.keys(FAULTS).flatMap((name) =>
    [1, 3, 5].flatMap((maxAttempts) =>
      Object.keys(OPTIONS).map((options) => ({ name: name as FaultName, maxAttempts, options })),
    ),
  );

  it.each(cases)("$name, maxAttempts $maxAttempts, $options", async ({ name, maxAttempts, options }) => {
    bedrock.fault({ name });
    const { resilience, more } = OPTIONS[options] ?? { resilience: {}, more: {} };
    const client = clientOf(resilience, { maxAttempts });
    const isStream = name.includes("stream");
    const failure: Promise<unknown> = isStream
      ? client.send(new ConverseStreamCommand({ modelId: PROFILE, messages })).then(async ({ stream }) => {
          for await (const _ of stream ?? []);
        })
      : client.send(new ConverseCommand({ modelId: PROFILE, messages }));
    const error = await failure.then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const expected = FAULTS[name](maxAttempts) + (more[name] ?? 0);
    expect(requests()).toBe(expected);
    if (!isStream) expect(error.$metadata.attempts).toBe(expected);
    expect(error.diagnosis?.kind).toBe(name === "expired-credentials" ? "expired-credentials" : undefined);
  });

  it("a transient failure is followed by an answer, with the attempts and delays of both layers added up", async () => {
    vi.mocked(Math.random).mockReturnValue(0.02);
    bedrock.fault({ name: "throttling", times: 1 });
    bedrock.fault({ name: "model-timeout", times: 1 });
    bedrock.fault({ name: "unavailable", times: 1 });
    const client = clientOf({ retry: { modelTimeout: 1 } });
    const output = await client.send(new ConverseCommand({ modelId: PROFILE, messages }));
    expect(requests()).toBe(4);
    expect(output.$metadata.attempts).toBe(4);
    // The outer pause is at least its shortest; the SDK's own come to it.
    expect(output.$metadata.totalRetryDelay).toBeGreaterThanOrEqual(200);
    expect(fallbackOf(output)).toBeUndefined();
  });

  it("the SDK's own numbers are unchanged if only the SDK retried", async () => {
    bedrock.fault({ name: "throttling", times: 1 });
    const ours = await clientOf({ retry: { modelTimeout: 1 } }).send(
      new ConverseCommand({ modelId: PROFILE, messages }),
    );
    bedrock.fault({ name: "throttling", times: 1 });
    const theirs = await new SdkClient({
      region: "us-east-1",
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      requestHandler: inProcess(bedrock),
    }).send(new ConverseCommand({ modelId: PROFILE, messages }));
    const { attempts, totalRetryDelay } = ours.$metadata;
    expect({ attempts, totalRetryDelay }).toEqual({
      attempts: theirs.$metadata.attempts,
      totalRetryDelay: theirs.$metadata.totalRetryDelay,
    });
  });
});

describe("over a real socket", () => {
  let server: LoopbackServer;
  beforeEach(async () => {
    server = await bedrock.listen();
  });
  afterEach(() => server.close());

  it.each<[Fault, number]>([
    [{ name: "connection-reset" }, 3],
    [{ name: "throttling", times: 1 }, 2],
    [{ name: "model-timeout", times: 1 }, 2],
    [{ name: "truncated-stream" }, 1],
    [{ name: "stream-error" }, 1],
  ])("%j: %i requests", async (fault, expected) => {
    bedrock.fault(fault);
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "A", secretAccessKey: "S" },
      resilience: { retry: { modelTimeout: 1, modelError: 1 }, fallback: { to: "single-region" } },
    });
    const texts: string[] = [];
    const result = await client
      .send(new ConverseStreamCommand({ modelId: PROFILE, messages }))
      .then(async ({ stream }) => {
        for await (const event of stream ?? []) texts.push(event.contentBlockDelta?.delta?.text ?? "");
      })
      .then(
        () => "answered",
        (error) => error.name,
      );
    expect(requests()).toBe(expected);
    if (fault.times) expect([result, texts.join("")]).toEqual(["answered", `Simulated answer of ${PROFILE}.`]);
    else expect(result).not.toBe("answered");
    if (fault.name === "stream-error") expect(result).toBe("ModelStreamErrorException");
    client.destroy();
  });
});

describe("expired credentials", () => {
  const rotating = () => {
    let n = 0;
    return vi.fn(async () => ({
      accessKeyId: `KEY${++n}`,
      secretAccessKey: "S",
      expiration: new Date(Date.now() + 3_600_000),
    }));
  };

  it("are refreshed, and the call is made again with the new ones", async () => {
    bedrock.fault({ name: "expired-credentials", times: 1 });
    const credentials = rotating();
    const output = await clientOf({}, { credentials }).send(new ConverseCommand({ modelId: PROFILE, messages }));
    expect(output.$metadata.attempts).toBe(2);
    expect([requests(), credentials.mock.calls.length]).toEqual([2, 2]);
  });

  it("are refreshed once for many calls that failed together", async () => {
    bedrock.fault({ name: "expired-credentials", times: 20 });
    const credentials = rotating();
    const client = clientOf({}, { credentials });
    const outputs = await Promise.all(
      Array.from({ length: 20 }, () => client.send(new ConverseCommand({ modelId: PROFILE, messages }))),
    );
    expect(outputs).toHaveLength(20);
    expect([requests(), credentials.mock.calls.length]).toEqual([40, 2]);
  });

  it("are retried once, and not indefinitely", async () => {
    bedrock.fault({ name: "expired-credentials" });
    const error = await clientOf({}, { credentials: rotating() })
      .send(new ConverseCommand({ modelId: PROFILE, messages }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "ExpiredTokenException", diagnosis: { kind: "expired-credentials" } });
    expect(requests()).toBe(2);
  });

  it("aren't retried if the provider has no others, or fails", async () => {
    bedrock.fault({ name: "expired-credentials" });
    let n = 0;
    const failing = async () => {
      n += 1;
      if (n > 1) throw new Error("the identity provider is down");
      return { accessKeyId: "A", secretAccessKey: "S", expiration: new Date(Date.now() + 3_600_000) };
    };
    for (const credentials of [{ accessKeyId: "A", secretAccessKey: "S" }, failing]) {
      bedrock.requests.length = 0;
      const error = await clientOf({}, { credentials })
        .send(new ConverseCommand({ modelId: PROFILE, messages }))
        .catch((thrown) => thrown);
      expect([error.name, requests()]).toEqual(["ExpiredTokenException", 1]);
    }
  });

  it("are retried in the callback form and without diagnosis, too", async () => {
    bedrock.fault({ name: "expired-credentials", times: 1 });
    const client = clientOf({ diagnosis: { enabled: false } }, { credentials: rotating() });
    const output = await new Promise((resolve, reject) => {
      client.send(new ConverseCommand({ modelId: PROFILE, messages }), (error, got) =>
        error ? reject(error) : resolve(got),
      );
    });
    expect(output).toMatchObject({ stopReason: "end_turn" });
    bedrock.fault({ name: "expired-credentials" });
    const error = await client.send(new ConverseCommand({ modelId: PROFILE, messages })).catch((thrown) => thrown);
    expect(error.diagnosis).toBeUndefined();
  });
});

describe("pauses", () => {
  it("last as long as Retry-After specifies", async () => {
    bedrock.fault({ name: "model-timeout", times: 1, retryAfter: 1 });
    const { $metadata } = await clientOf({ retry: { modelTimeout: 1 } }).send(
      new ConverseCommand({ modelId: PROFILE, messages }),
    );
    expect($metadata.totalRetryDelay).toBeGreaterThanOrEqual(1_000);
  });

  it("don't begin if Retry-After exceeds the deadline", async () => {
    bedrock.fault({ name: "model-timeout", retryAfter: 2 });
    const client = clientOf({ retry: { modelTimeout: 5, timeoutMs: 1_000 } });
    const error = await client.send(new ConverseCommand({ modelId: PROFILE, messages })).catch((thrown) => thrown);
    expect([error.name, requests()]).toEqual(["ModelTimeoutException", 1]);
  });

  it("end immediately with the abort signal, with the SDK's error, and no further request is sent", async () => {
    bedrock.fault({ name: "model-timeout", retryAfter: 30 });
    const client = clientOf({ retry: { modelTimeout: 5 } });
    const error = await client
      .send(new ConverseCommand({ modelId: PROFILE, messages }), { abortSignal: AbortSignal.timeout(50) })
      .catch((thrown) => thrown);
    expect([error.name, requests()]).toEqual(["AbortError", 1]);
  }, 1_500);
});

describe("after a policy change", () => {
  it("a call that IAM still denies is retried for the configured time", async () => {
    bedrock.deny({ policyType: "identity-based-policy", stage: "profile", times: 2 });
    const output = await clientOf({ retry: { propagation: 5_000 } }).send(
      new ConverseCommand({ modelId: PROFILE, messages }),
    );
    expect(output.$metadata.attempts).toBe(3);
  });

  it("isn't retried after that time", async () => {
    bedrock.deny({ policyType: "identity-based-policy", stage: "profile" });
    const error = await clientOf({ retry: { propagation: 500 } })
      .send(new ConverseCommand({ modelId: PROFILE, messages }))
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "AccessDeniedException", diagnosis: { kind: "iam-denied" } });
    expect(requests()).toBeGreaterThan(1);
    expect(requests()).toBeLessThan(5);
  });

  it("isn't retried if a destination is denied", async () => {
    bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
    await clientOf({ retry: { propagation: 60_000 } })
      .send(new ConverseCommand({ modelId: PROFILE, messages }))
      .catch(() => {});
    expect(requests()).toBe(1);
  });
});
