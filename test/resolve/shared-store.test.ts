import { describe, expect, it, vi } from "vitest";
import { type KeyValueStore, SharedStore } from "../../src/resolve/shared-store.js";

const asText = (stored: unknown) => (typeof stored === "string" ? stored : undefined);
/** A store whose answer is scripted. */
const storeOf = (get: KeyValueStore["get"]) => ({ get: vi.fn(get), set: vi.fn(), delete: vi.fn() });

describe("SharedStore", () => {
  it("returns what was written, with its age, from any Map", async () => {
    const clock = { now: 1_000 };
    const map = new Map<string, string>();
    const store = new SharedStore(map, () => clock.now);
    store.write("k", "value", 500);
    clock.now = 1_400;
    expect(await store.read("k", 500, asText)).toEqual({ value: "value", at: 1_000 });
    expect([...map.keys()]).toEqual(["resilient-bedrock:1:k"]);
    store.forget("k");
    expect(await store.read("k", 500, asText)).toBeUndefined();
  });

  it("passes the store the time to live, and doesn't rely on it", async () => {
    const clock = { now: 1_000 };
    const inner = storeOf(() => JSON.stringify({ at: 1_000, value: "value" }));
    const store = new SharedStore(inner, () => clock.now);
    store.write("k", "value", 500);
    expect(inner.set).toHaveBeenCalledWith("resilient-bedrock:1:k", expect.any(String), 500);
    clock.now = 1_500;
    expect(await store.read("k", 500, asText)).toBeUndefined();
  });

  it("ignores an entry from the future until its time has come", async () => {
    const clock = { now: 1_000 };
    const store = new SharedStore(
      storeOf(() => JSON.stringify({ at: 1_200, value: "value" })),
      () => clock.now,
    );
    expect(await store.read("k", 500, asText)).toBeUndefined();
    clock.now = 1_699;
    expect(await store.read("k", 500, asText)).toEqual({ value: "value", at: 1_200 });
    clock.now = 1_700;
    expect(await store.read("k", 500, asText)).toBeUndefined();
  });

  it("doesn't parse what is longer than any entry", async () => {
    const text = JSON.stringify({ at: 0, value: "x".repeat(2_000_000) });
    expect(await new SharedStore(storeOf(() => text)).read("k", 1e15, asText)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["an object", { at: 1, value: "value" }],
    ["no JSON", "{"],
    ["a bare value", '"value"'],
    ["JSON's null", "null"],
    ["no age", '{"value":"value"}'],
    ["an endless age", '{"at":1e999,"value":"value"}'],
    ["another form", JSON.stringify({ at: Date.now(), value: 7 })],
  ])("ignores %s", async (_, stored) => {
    expect(await new SharedStore(storeOf(async () => stored)).read("k", 1e12, asText)).toBeUndefined();
  });

  it("ignores an entry whose check throws", async () => {
    const store = new SharedStore(storeOf(() => JSON.stringify({ at: Date.now(), value: null })));
    expect(await store.read("k", 1_000, (stored) => (stored as { x: string }).x)).toBeUndefined();
  });

  it.each<[string, KeyValueStore["get"]]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("gone"))],
    ["never answers", () => new Promise(() => {})],
  ])("doesn't use a store that %s for ten seconds", async (_, get) => {
    const clock = { now: 0 };
    const inner = storeOf(get);
    const store = new SharedStore(inner, () => clock.now);
    expect(await store.read("k", 1_000, asText)).toBeUndefined();
    expect(await store.read("k", 1_000, asText)).toBeUndefined();
    store.write("k", 1, 1_000);
    store.forget("k");
    expect(inner.get).toHaveBeenCalledTimes(1);
    expect(inner.set).not.toHaveBeenCalled();
    expect(inner.delete).not.toHaveBeenCalled();
    clock.now = 10_000;
    await store.read("k", 1_000, asText);
    expect(inner.get).toHaveBeenCalledTimes(2);
  });
});
