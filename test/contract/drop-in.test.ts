import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isDiagnosedError } from "../../src/index.js";
import type { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { CLIENTS, hello, PROFILE, WIRES, type Wire } from "./wires.js";

/** One thing that an application does with a client; what it observes must be the same with every client. */
interface Scenario {
  prepare?: (bedrock: SimulatedBedrock) => void;
  config?: sdk.BedrockRuntimeClientConfig;
  run: (client: sdk.BedrockRuntimeClient) => Promise<unknown>;
  /** What the SDK's client is known to show, so that the comparison isn't between two empty results. */
  shows: unknown;
}

const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }] });
const answer = `Simulated answer of ${PROFILE}.`;

const refused = (bedrock: SimulatedBedrock) =>
  bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit" });

/** What an application can see of an error, except its message and what differs from call to call. */
function seen(error: unknown) {
  if (!(error instanceof Error)) return error;
  const { $fault, $metadata, $retryable } = error as sdk.BedrockRuntimeServiceException;
  const { requestId, totalRetryDelay, ...metadata } = $metadata ?? {};
  return {
    name: error.name,
    class: error.constructor.name,
    isServiceException: error instanceof sdk.BedrockRuntimeServiceException,
    isAccessDenied: error instanceof sdk.AccessDeniedException,
    isValidation: error instanceof sdk.ValidationException,
    fault: $fault,
    retryable: $retryable,
    metadata,
    hasRequestId: typeof requestId === "string",
    keys: Object.keys(error),
    response: (error as { $response?: { statusCode?: number } }).$response?.statusCode,
    words: isDiagnosedError(error) ? error.diagnosis.refusal.raw : error.message,
    toString: String(error).split(":")[0],
  };
}

const thrownBy = (promise: Promise<unknown>) => promise.then(() => "nothing was thrown", seen);

async function collect<T>(stream: AsyncIterable<T> | undefined): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream ?? []) events.push(event);
  return events;
}

/** send's callback form, as a promise of what the callback got and what send returned. */
const byCallback = (call: (callback: (...args: unknown[]) => void) => unknown) =>
  new Promise((resolve) => {
    let returned: unknown = "not yet";
    const callback = (...args: unknown[]) =>
      setImmediate(() =>
        resolve({ count: args.length, error: seen(args[0]), hasData: args[1] !== undefined, returned }),
      );
    returned = call(callback);
  });

const SCENARIOS: Record<string, Scenario> = {
  "Converse answers": {
    run: async (client) => {
      const { $metadata, ...output } = await client.send(new sdk.ConverseCommand(hello()));
      return { output, status: $metadata.httpStatusCode, attempts: $metadata.attempts };
    },
    shows: expect.objectContaining({ status: 200, attempts: 1 }),
  },
  "ConverseStream yields its events in order": {
    run: async (client) => collect((await client.send(new sdk.ConverseStreamCommand(hello()))).stream),
    shows: expect.arrayContaining([
      { messageStart: { role: "assistant" } },
      { messageStop: { stopReason: "end_turn" } },
    ]),
  },
  "InvokeModel hands the body's bytes out": {
    run: async (client) => {
      const output = await client.send(new sdk.InvokeModelCommand({ modelId: PROFILE, body }));
      return { text: output.body.transformToString(), contentType: output.contentType };
    },
    shows: { text: expect.stringContaining(answer), contentType: "application/json" },
  },
  "InvokeModelWithResponseStream yields chunks": {
    run: async (client) => {
      const output = await client.send(new sdk.InvokeModelWithResponseStreamCommand({ modelId: PROFILE, body }));
      return (await collect(output.body)).map((event) => new TextDecoder().decode(event.chunk?.bytes));
    },
    shows: expect.arrayContaining([expect.stringContaining("content_block_delta")]),
  },
  "a refusal keeps class, name, fault, metadata and fields": {
    prepare: refused,
    run: (client) => thrownBy(client.send(new sdk.ConverseCommand(hello()))),
    shows: expect.objectContaining({
      name: "AccessDeniedException",
      isAccessDenied: true,
      fault: "client",
      response: 403,
    }),
  },
  "a denied stream rejects before its first event": {
    prepare: refused,
    run: (client) => thrownBy(client.send(new sdk.ConverseStreamCommand(hello()))),
    shows: expect.objectContaining({ name: "AccessDeniedException" }),
  },
  "a refusal under another name keeps it": {
    run: (client) =>
      thrownBy(client.send(new sdk.ConverseCommand({ ...hello(), modelId: "amazon.no-such-model-v1:0" }))),
    shows: expect.objectContaining({ name: "ValidationException", isValidation: true, isAccessDenied: false }),
  },
  "a malformed request is the SDK's own error": {
    run: (client) => thrownBy(client.send(new sdk.InvokeModelCommand({ modelId: PROFILE, body: "not json" }))),
    shows: expect.objectContaining({ name: "ValidationException", words: expect.stringContaining("Malformed input") }),
  },
  "throttling is retried by the SDK as its settings say": {
    config: { maxAttempts: 2 },
    prepare: (bedrock) => bedrock.fault({ status: 429, errorName: "ThrottlingException", message: "Slow down." }),
    run: (client) => thrownBy(client.send(new sdk.ConverseCommand(hello()))),
    shows: expect.objectContaining({ name: "ThrottlingException", metadata: expect.objectContaining({ attempts: 2 }) }),
  },
  "a fault that passes is got over": {
    prepare: (bedrock) => bedrock.fault({ status: 500, times: 1 }),
    run: async (client) => (await client.send(new sdk.ConverseCommand(hello()))).$metadata.attempts,
    shows: 2,
  },
  "an aborted signal ends the call before it begins": {
    run: (client) => thrownBy(client.send(new sdk.ConverseCommand(hello()), { abortSignal: AbortSignal.abort() })),
    shows: expect.objectContaining({ name: "AbortError" }),
  },
  "an abort ends a call under way": {
    prepare: (bedrock) => bedrock.fault({ hang: true }),
    run: (client) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      return thrownBy(client.send(new sdk.ConverseCommand(hello()), { abortSignal: controller.signal }));
    },
    shows: expect.objectContaining({ name: "AbortError" }),
  },
  "send(command, callback) gets the output": {
    run: (client) => byCallback((callback) => client.send(new sdk.ConverseCommand(hello()), callback)),
    shows: { count: 2, error: null, hasData: true, returned: undefined },
  },
  "send(command, options, callback) gets a refusal": {
    prepare: refused,
    run: (client) => byCallback((callback) => client.send(new sdk.ConverseCommand(hello()), {}, callback)),
    shows: expect.objectContaining({ count: 1, hasData: false, returned: undefined }),
  },
  "send(command, callback) gets an error that isn't a denial": {
    config: { maxAttempts: 1 },
    prepare: (bedrock) => bedrock.fault({ status: 503, errorName: "ServiceUnavailableException", message: "Later." }),
    run: (client) => byCallback((callback) => client.send(new sdk.ConverseCommand(hello()), callback)),
    shows: expect.objectContaining({
      count: 1,
      error: expect.objectContaining({ name: "ServiceUnavailableException" }),
    }),
  },
  "what a callback throws disappears, as in the SDK": {
    prepare: refused,
    run: (client) =>
      byCallback((callback) =>
        client.send(new sdk.ConverseCommand(hello()), (...args: unknown[]) => {
          callback(...args);
          throw new Error("thrown by the callback");
        }),
      ),
    shows: expect.objectContaining({ count: 1 }),
  },
  "client middleware and command middleware see and change the request": {
    run: async (client) => {
      const names: string[] = [];
      client.middlewareStack.add(
        (next, context) => (args) => {
          names.push(`client: ${context.commandName}`);
          return next(args);
        },
        { step: "initialize", name: "seen" },
      );
      const command = new sdk.ConverseCommand(hello());
      command.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers["x-from-command"] = "yes";
          names.push("command");
          return next(args);
        },
        { step: "build" },
      );
      await client.send(command);
      return { names, identify: client.middlewareStack.identify().filter((line) => line.startsWith("seen")) };
    },
    shows: { names: ["client: ConverseCommand", "command"], identify: ["seen - initialize"] },
  },
  "the very object that the SDK threw comes out, refusal or not": {
    prepare: refused,
    run: async (client) => {
      const inside: unknown[] = [];
      client.middlewareStack.add(
        (next) => async (args) => {
          try {
            return await next(args);
          } catch (error) {
            inside.push(error);
            throw error;
          }
        },
        { step: "initialize", priority: "high" },
      );
      const outside: unknown[] = [];
      for (const modelId of [PROFILE, "amazon.no-such-model-v1:0"]) {
        await client.send(new sdk.ConverseCommand({ ...hello(), modelId })).catch((error) => outside.push(error));
      }
      await client
        .send(new sdk.InvokeModelCommand({ modelId: PROFILE, body: "x" }))
        .catch((error) => outside.push(error));
      return outside.map((error, index) => error === inside[index]);
    },
    shows: [true, true, true],
  },
  "the client's own fields and configuration are the SDK's": {
    run: async (client) => ({
      fields: Object.keys(client),
      config: Object.keys(client.config).sort(),
      region: await client.config.region(),
      isSdkClient: client instanceof sdk.BedrockRuntimeClient,
      json: Object.keys(
        JSON.parse(JSON.stringify({ ...client, config: undefined, middlewareStack: undefined, initConfig: undefined })),
      ),
    }),
    shows: expect.objectContaining({
      fields: expect.arrayContaining(["config", "middlewareStack"]),
      isSdkClient: true,
    }),
  },
  "one client goes on after a refusal": {
    prepare: (bedrock) => bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", times: 1 }),
    run: async (client) => {
      const first = await thrownBy(client.send(new sdk.ConverseCommand(hello())));
      const second = await client.send(new sdk.ConverseCommand(hello()));
      return [(first as { name: string }).name, second.stopReason];
    },
    shows: ["AccessDeniedException", "end_turn"],
  },
  "anything other than a command throws synchronously": {
    run: async (client) => {
      try {
        client.send(undefined as never);
        return "nothing was thrown";
      } catch (error) {
        return [(error as Error).name, (error as Error).message];
      }
    },
    shows: ["TypeError", expect.any(String)],
  },
  "destroy() can be called twice": {
    run: async (client) => [client.destroy(), client.destroy()],
    shows: [undefined, undefined],
  },
};

describe.each(Object.keys(WIRES))("drop-in over %s", (name) => {
  let wire: Wire;

  beforeAll(async () => {
    const open = WIRES[name];
    if (!open) throw new Error(`no wire ${name}`);
    wire = await open();
  });
  afterAll(() => wire.close());
  beforeEach(() => wire.bedrock.reset());

  describe.each(Object.entries(SCENARIOS))("%s", (_, scenario) => {
    const observe = async (make: (config: sdk.BedrockRuntimeClientConfig) => sdk.BedrockRuntimeClient) => {
      wire.bedrock.reset();
      scenario.prepare?.(wire.bedrock);
      const client = make({ ...wire.config(), ...scenario.config });
      try {
        return await scenario.run(client);
      } finally {
        client.destroy();
      }
    };

    it.each(Object.entries(CLIENTS))("the same with %s", async (_, make) => {
      const measure = await observe((config) => new sdk.BedrockRuntimeClient(config));
      expect(measure).toEqual(scenario.shows);
      expect(await observe(make)).toEqual(measure);
    });
  });
});
