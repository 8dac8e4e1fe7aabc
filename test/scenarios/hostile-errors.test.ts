import {
  type BedrockRuntimeClient,
  ConverseCommand,
  BedrockRuntimeClient as SdkClient,
} from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, it } from "vitest";
import { diagnosisOf, type ResilienceLogger, type ResilienceOptions, withResilience } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { inProcess } from "../in-process.js";

const PROFILE = "us.amazon.nova-pro-v1:0";
const MODEL = "amazon.nova-pro-v1:0";
const ROLE = "arn:aws:sts::111122223333:assumed-role/AppRole/session";
const ROUTING = `User: ${ROLE} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy`;
const PERMISSION = ROUTING.replace("us-west-2::", "us-east-1::");

const bedrock = new SimulatedBedrock();
afterEach(() => bedrock.reset());

const denial = (message: string) =>
  Object.assign(new Error(message), { name: "AccessDeniedException", $metadata: { httpStatusCode: 403, attempts: 1 } });

function throwing(key: string, error: Error = denial(ROUTING)): Error {
  return Object.defineProperty(error, key, {
    configurable: true,
    get() {
      throw new Error(`${key} can't be read`);
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function frozen(error: Error): Error {
  Object.freeze((error as { $metadata?: object }).$metadata);
  return Object.freeze(error);
}

const THROWN: [says: string, value: unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a text", PERMISSION],
  ["a revoked proxy", revoked()],
  ["a name that throws", throwing("name")],
  ["a message that throws", throwing("message")],
  ["$metadata that throws", throwing("$metadata")],
  ["a permission's $metadata that throws", throwing("$metadata", denial(PERMISSION))],
  ["a permission's $response that throws", throwing("$response", denial(PERMISSION))],
  ["a frozen denial of routing", frozen(denial(ROUTING))],
  ["a frozen denial of permission", frozen(denial(PERMISSION))],
  ["a response without headers", Object.assign(denial(PERMISSION), { $response: { headers: null } })],
  ["headers that are no texts", Object.assign(denial(PERMISSION), { $response: { headers: { "retry-after": {} } } })],
];

const CLIENTS: [says: string, options: ResilienceOptions][] = [
  ["diagnoses", {}],
  ["retries", { retry: { propagation: 500, modelTimeout: 1, modelError: 1 } }],
  ["falls back", { fallback: { to: "single-region" }, retry: { propagation: 500 } }],
  ["routes bare models", { resolve: { bareModels: "geographic" } }],
];

/** A client whose calls end as this function does. What the SDK itself does with such values isn't tested here. */
function ending(options: ResilienceOptions, end: (modelId: unknown, call: number) => unknown): BedrockRuntimeClient {
  const client = new SdkClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    requestHandler: inProcess(bedrock),
    maxAttempts: 1,
  });
  let calls = 0;
  const send = async ({ input }: ConverseCommand) => end(input.modelId, ++calls);
  Object.assign(client, { send });
  return withResilience(client, options);
}

function thrower(value: unknown): never {
  throw value;
}

const converse = () =>
  new ConverseCommand({ modelId: PROFILE, messages: [{ role: "user", content: [{ text: "Hello" }] }] });

async function thrownBy(promise: Promise<unknown>): Promise<{ error: unknown } | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
}

describe.each(CLIENTS)("a client that %s throws the call's own error", (_, options) => {
  it.each(THROWN)("%s", async (_, value) => {
    const client = ending({ ...options, diagnosis: { timeoutMs: 200 } }, () => thrower(value));
    const result = await thrownBy(client.send(converse()));
    expect(result !== undefined && Object.is(result.error, value)).toBe(true);
  });
});

describe("a fallback that fails doesn't replace the error of the call", () => {
  it.each(THROWN)("%s", async (_, value) => {
    const first = denial(ROUTING);
    const options: ResilienceOptions = { fallback: { to: "single-region" }, diagnosis: { timeoutMs: 200 } };
    const client = ending(options, (modelId) => thrower(modelId === PROFILE ? first : value));
    const result = await thrownBy(client.send(converse()));
    expect(result?.error === first).toBe(true);
  });
});

describe("an output that can't be written to is returned after a retry", () => {
  it("a frozen one", async () => {
    const output = Object.freeze({ $metadata: Object.freeze({ attempts: 1 }) });
    const options: ResilienceOptions = { retry: { propagation: 1_000 }, diagnosis: { timeoutMs: 0 } };
    const client = ending(options, (_, call) => (call === 1 ? thrower(denial(PERMISSION)) : output));
    expect(await client.send(converse())).toBe(output);
  });
});

describe("a candidate that is denied while the application aborts the call", () => {
  it("doesn't replace the error of the call", async () => {
    const first = denial(ROUTING);
    const end = new AbortController();
    const options: ResilienceOptions = { fallback: { to: "single-region" }, diagnosis: { timeoutMs: 200 } };
    const client = ending(options, (modelId) => {
      if (modelId === PROFILE) throw first;
      end.abort();
      throw denial(PERMISSION);
    });
    const result = await thrownBy(client.send(converse(), { abortSignal: end.signal }));
    expect(result?.error === first).toBe(true);
    expect(diagnosisOf(first)?.blockedRegions).toEqual(["us-west-2"]);
  });
});

describe("telemetry of the application that fails", () => {
  const reject = () => Promise.reject(new Error("The logger failed."));
  const hang = () => new Promise<void>(() => {});
  const loggers: [says: string, log: () => unknown][] = [
    ["rejects", reject],
    ["hangs", hang],
    ["throws", () => thrower(new Error("The logger failed."))],
    ["returns something that throws", () => throwing("then")],
  ];
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);

  it.each(loggers)("a logger that %s", async (_, log) => {
    rejections.length = 0;
    process.on("unhandledRejection", note);
    try {
      const logger = { debug: log, info: log, warn: log, error: log } as unknown as ResilienceLogger;
      const callbacks = { onDiagnosis: log as () => void, onFallback: log as () => void };
      const options = { logger, ...callbacks, diagnosis: { timeoutMs: 200 } };
      const error = denial(PERMISSION);
      const client = ending(options, () => thrower(error));
      expect((await thrownBy(client.send(converse())))?.error).toBe(error);
      expect(diagnosisOf(error)?.kind).toBe("iam-denied");
      const output = { $metadata: {} };
      const falling = ending({ ...options, fallback: { to: "single-region" } }, (modelId) =>
        modelId === PROFILE ? thrower(denial(ROUTING)) : output,
      );
      expect(await falling.send(converse())).toBe(output);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(rejections).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
});
