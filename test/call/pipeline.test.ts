import { afterEach, describe, expect, it, vi } from "vitest";
import { attempted } from "../../src/call/attempt.js";
import type { CallEnvironment, Ports } from "../../src/call/context.js";
import { pipelineOf } from "../../src/call/pipeline.js";
import { sender } from "../../src/call/send.js";
import { diagnosisOf } from "../../src/error/diagnosis-of.js";
import { type ResilienceOptions, resolveOptions } from "../../src/options.js";

/** How often the parser read each error, and how often a call was diagnosed. */
const { parsed, diagnosed } = vi.hoisted(() => ({ parsed: [] as unknown[], diagnosed: [] as unknown[] }));
vi.mock("../../src/refusal/parse.js", async (original) => {
  const actual = await original<typeof import("../../src/refusal/parse.js")>();
  return {
    ...actual,
    parseCallError: (error: unknown) => {
      parsed.push(error);
      return actual.parseCallError(error);
    },
  };
});
vi.mock("../../src/diagnose/diagnose.js", async (original) => {
  const actual = await original<typeof import("../../src/diagnose/diagnose.js")>();
  return {
    ...actual,
    diagnoseQuestion: (...args: Parameters<typeof actual.diagnoseQuestion>) => {
      diagnosed.push(args[0]);
      return actual.diagnoseQuestion(...args);
    },
  };
});
afterEach(() => {
  parsed.length = 0;
  diagnosed.length = 0;
});

const MODEL = "amazon.nova-pro-v1:0";
const PROFILE = `us.${MODEL}`;
const ROUTING = `User: arn:aws:sts::111122223333:assumed-role/App/session is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy`;
const PERMISSION = ROUTING.replace("us-west-2::", "us-east-1::");

const EVERY_LAYER: ResilienceOptions = {
  fallback: { to: "single-region" },
  resolve: { bareModels: "geographic" },
  retry: { modelTimeout: 1, modelError: 1, propagation: 1 },
};

const denial = (message: string) =>
  Object.assign(new Error(message), { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } });

function contextOf(options: ResilienceOptions): CallEnvironment {
  const unavailable = () => Promise.reject(new Error("not available"));
  const ports: Partial<Ports> = {
    credentialsScope: async () => "A",
    isEndpointPinned: async () => true,
    resolveProfile: unavailable,
    callerArn: unavailable,
    resolveModel: async (id, region) => ({ via: "api", model: { id, region, inferenceTypes: ["ON_DEMAND"] } }),
  };
  return {
    options: resolveOptions(options),
    destroyed: () => new AbortController().signal,
    sourceRegion: async () => "us-east-1",
    ports: async () => ports as Ports,
  };
}

class Converse {
  readonly schema = [9, "", "Converse"];
  constructor(readonly input: { modelId: string }) {}
}

/** A `send` that fails with an error per model. */
const failing = (errors: Record<string, unknown>) => async (command: unknown) => {
  throw errors[(command as Converse).input.modelId];
};

describe("a denied call with every layer on", () => {
  it.each([
    ["a denial of permission", PERMISSION],
    ["a denial of routing", ROUTING],
  ])("parses each error once, and has one diagnosis: %s", async (_, message) => {
    const [own, fallback] = [denial(message), denial(PERMISSION)];
    const send = sender(contextOf(EVERY_LAYER));
    const sent = send(failing({ [PROFILE]: own, [MODEL]: fallback }), [new Converse({ modelId: PROFILE })]);
    await expect(sent).rejects.toBe(own);
    expect(parsed).toEqual(message === ROUTING ? [own, fallback] : [own]);
    expect(diagnosed).toHaveLength(1);
    expect(diagnosisOf(own)?.fallback?.considered).toHaveLength(message === ROUTING ? 1 : 0);
  });

  it("does the same without layers", async () => {
    const own = denial(ROUTING);
    const sent = sender(contextOf({}))(failing({ [PROFILE]: own }), [new Converse({ modelId: PROFILE })]);
    await expect(sent).rejects.toBe(own);
    expect(parsed).toEqual([own]);
    expect(diagnosed).toHaveLength(1);
  });

  it("parses each error once when it's sent again, with expired credentials", async () => {
    const errors = [1, 2].map(() => Object.assign(denial("The security token included in the request is expired")));
    for (const options of [{}, EVERY_LAYER]) {
      parsed.length = 0;
      const context = contextOf(options);
      const ports = { ...(await context.ports()), refreshCredentials: async () => true };
      const left = [...errors];
      const sdkSend = async () => {
        throw left.shift();
      };
      const send = sender({ ...context, ports: async () => ports });
      await expect(send(sdkSend, [new Converse({ modelId: PROFILE })])).rejects.toBe(errors[1]);
      expect(parsed).toEqual(errors);
      for (const error of errors) Object.assign(error, { diagnosis: undefined });
    }
  });
});

describe("a layer that is turned off", () => {
  it("is absent: without layers the pipeline is the SDK's own send", () => {
    expect(pipelineOf(contextOf({ retry: { expiredCredentials: false } }))).toBe(attempted);
    expect(pipelineOf(contextOf({}))).not.toBe(attempted);
  });
});
