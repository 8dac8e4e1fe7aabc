import { describe, expect, it, vi } from "vitest";
import type { CallEnvironment, Ports } from "../../src/call/context.js";
import { type Sender, sender } from "../../src/call/send.js";
import { type ResilienceOptions, resolveOptions } from "../../src/options.js";

const MODEL = "us.amazon.nova-pro-v1:0";

const send = (sdkSend: Parameters<Sender>[0], args: unknown[], context: CallEnvironment) =>
  sender(context)(sdkSend, args);

/** A context whose ports fail, except for those that are passed. */
function contextOf(options: ResilienceOptions, ports: Partial<Ports> = {}): CallEnvironment {
  const broken = { resolveProfile: () => Promise.reject(new Error("broken")) } as unknown as Ports;
  return {
    options: resolveOptions(options),
    destroyed: () => new AbortController().signal,
    sourceRegion: async () => "us-east-1",
    ports: vi.fn(async () => ({ ...broken, ...ports })),
  };
}

const expired = () =>
  Object.assign(new Error("The security token included in the request is expired"), { name: "ExpiredTokenException" });
const denied = () =>
  Object.assign(
    new Error(
      "User: arn:aws:iam::111122223333:user/a is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 with an explicit deny in a service control policy",
    ),
    { name: "AccessDeniedException" },
  );

describe("one send", () => {
  it("calls nothing outside if it's answered", async () => {
    const context = contextOf({ retry: { modelTimeout: 1 } });
    expect(await send(async () => "output", [{ input: {} }], context)).toBe("output");
    expect(context.ports).not.toHaveBeenCalled();
  });

  it("returns what a stubbed send returns, even if it isn't a promise", () => {
    expect(send(() => undefined, [{ input: {} }], contextOf({}))).toBeUndefined();
  });

  it("doesn't send a stream again when credentials have expired", async () => {
    const refreshCredentials = vi.fn(async () => true);
    const sdkSend = vi.fn(() => Promise.reject(expired()));
    const bothWays = { input: { modelId: MODEL, body: (async function* () {})() } };
    const context = contextOf({}, { refreshCredentials });
    await expect(send(sdkSend, [bothWays], context)).rejects.toThrow("expired");
    await expect(
      send(sdkSend, [bothWays], contextOf({ retry: { modelTimeout: 5 } }, { refreshCredentials })),
    ).rejects.toThrow();
    expect([sdkSend.mock.calls.length, refreshCredentials.mock.calls.length]).toEqual([2, 0]);
    await expect(send(sdkSend, [{ input: { modelId: MODEL } }], context)).rejects.toThrow("expired");
    expect([sdkSend.mock.calls.length, refreshCredentials.mock.calls.length]).toEqual([4, 1]);
  });

  it("is the application's own call, with its own error, if nothing else can be loaded", async () => {
    const error = denied();
    const context: CallEnvironment = {
      ...contextOf({ fallback: { to: "single-region" }, resolve: { bareModels: "geographic" } }),
      ports: () => Promise.reject(new Error("no chunk")),
    };
    const sdkSend = vi.fn(() => Promise.reject(error));
    await expect(send(sdkSend, [{ input: { modelId: MODEL } }], context)).rejects.toBe(error);
    expect(sdkSend).toHaveBeenCalledTimes(1);
    const own = expired();
    const plain: CallEnvironment = { ...contextOf({}), ports: () => Promise.reject(new Error("no chunk")) };
    await expect(send(() => Promise.reject(own), [{ input: { modelId: MODEL } }], plain)).rejects.toBe(own);
  });

  it("returns a fallback's answer if the diagnosis fails", async () => {
    const sdkSend = vi.fn(async (command: unknown) => {
      if ((command as { input: { modelId: string } }).input.modelId === MODEL) throw denied();
      return { ok: true };
    });
    const context = contextOf(
      { fallback: { to: "single-region" } },
      {
        credentialsScope: async () => "A",
        isEndpointPinned: async () => true,
        resolveModel: async (id, region) => ({ via: "api", model: { id, region, inferenceTypes: ["ON_DEMAND"] } }),
      },
    );
    class Converse {
      input = { modelId: MODEL };
    }
    expect(
      await send(sdkSend as never, [Object.assign(new Converse(), { schema: [9, "", "Converse"] })], context),
    ).toEqual({
      ok: true,
    });
  });
});
