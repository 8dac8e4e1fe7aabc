import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CallEnvironment } from "../../src/call/context.js";
import { sender } from "../../src/call/send.js";
import { type ResilienceOptions, resolveOptions } from "../../src/options.js";

/** The modules that are loaded with a denial, in the order in which they were. */
const { loaded } = vi.hoisted(() => ({ loaded: [] as string[] }));
vi.mock("../../src/refusal/parse.js", async (original) => {
  loaded.push("parser");
  return await original<object>();
});
vi.mock("../../src/call/denied.js", async (original) => {
  loaded.push("diagnosis");
  return await original<object>();
});
vi.mock("../../src/call/pipeline.js", async (original) => {
  loaded.push("pipeline");
  return await original<object>();
});

const command = { input: { modelId: "us.amazon.nova-pro-v1:0" } };

function contextOf(options: ResilienceOptions): CallEnvironment {
  return {
    options: resolveOptions({ diagnosis: { timeoutMs: 0 }, ...options }),
    destroyed: () => new AbortController().signal,
    sourceRegion: async () => "us-east-1",
    ports: () => Promise.reject(new Error("not loaded")),
  };
}

const failure = (name: string, status: number) =>
  Object.assign(new Error("Too many requests."), { name, $metadata: { httpStatusCode: status } });
const failing = (error: unknown) => async () => {
  throw error;
};

beforeEach(() => {
  loaded.length = 0;
  vi.resetModules();
});

// A module is loaded once, so the order of these tests matters: what loads nothing comes first.
describe("what a call loads", () => {
  it("includes nothing, if it's answered", async () => {
    expect(await sender(contextOf({}))(async () => "output", [command])).toBe("output");
    expect(loaded).toEqual([]);
  });

  it.each([
    ["throttling", failure("ThrottlingException", 429)],
    ["a server error", failure("InternalServerException", 500)],
    ["a broken stream", failure("ModelStreamErrorException", 200)],
  ])("includes nothing, if it fails with %s, in either form of send", async (_, error) => {
    const send = sender(contextOf({}));
    await expect(send(failing(error), [command])).rejects.toBe(error);
    const byCallback = new Promise((resolve) => {
      send((_command, _options, callback) => (callback as (error: unknown) => void)(error), [command, resolve]);
    });
    expect(await byCallback).toBe(error);
    expect(loaded).toEqual([]);
  });

  it("includes only the layers, if the application opted in to one and the call isn't denied", async () => {
    const send = sender(contextOf({ fallback: { to: "single-region" }, retry: { modelTimeout: 1 } }));
    expect(await send(async () => "output", [command])).toBe("output");
    const error = failure("ThrottlingException", 429);
    await expect(send(failing(error), [command])).rejects.toBe(error);
    expect(loaded).toEqual(["pipeline"]);
  });

  it("includes the parser, if it fails with an error that could be a denial and isn't", async () => {
    const error = failure("ValidationException", 400);
    await expect(sender(contextOf({}))(failing(error), [command])).rejects.toBe(error);
    expect(loaded).toEqual(["parser"]);
  });

  it("includes the diagnosis, if it's denied", async () => {
    const error = failure("AccessDeniedException", 403);
    await expect(sender(contextOf({}))(failing(error), [command])).rejects.toBe(error);
    expect(error).toHaveProperty("diagnosis");
    expect(loaded).toContain("diagnosis");
    expect(loaded).not.toContain("pipeline");
  });
});
