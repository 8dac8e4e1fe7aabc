import { describe, expect, it, vi } from "vitest";
import { type CacheOptions, LookupCache } from "../../src/resolve/cache.js";

const never = new AbortController().signal;
const cacheWith = (options: Partial<CacheOptions<number, string>> = {}) =>
  new LookupCache<number, string>({
    ttlMs: 1_000,
    failureTtlMs: 100,
    timeoutMs: 1_000,
    maxEntries: 100,
    now: Date.now,
    describe: (error) => (error instanceof Error ? error.name : "?"),
    ...options,
  });

describe("LookupCache", () => {
  it("makes one lookup of a thousand at once", async () => {
    const lookUp = vi.fn(async () => 7);
    const cache = cacheWith();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => cache.get("k", lookUp, never)));
    expect(lookUp).toHaveBeenCalledTimes(1);
    expect(new Set(answers.map((answer) => "value" in answer && answer.value))).toEqual(new Set([7]));
    expect((await cache.get("k", lookUp, never)).cached).toBe(true);
  });

  it("keeps only what it is told to, and needs no signal to wait", async () => {
    const lookUp = vi.fn(async () => lookUp.mock.calls.length);
    const cache = cacheWith({ isKept: (value) => value > 1 });
    const values = [];
    for (let call = 0; call < 3; call++) values.push(await cache.get("k", lookUp, undefined));
    expect(values).toMatchObject([
      { value: 1, cached: false },
      { value: 2, cached: false },
      { value: 2, cached: true },
    ]);
  });

  it("keeps a value and a failure each for its own time", async () => {
    let time = 0;
    const cache = cacheWith({ now: () => time });
    const value = vi.fn(async () => 7);
    const failure = vi.fn(async () => Promise.reject(new RangeError()));
    await cache.get("v", value, never);
    expect(await cache.get("f", failure, never)).toEqual({ failure: "RangeError", at: 0, cached: false });
    time = 99;
    expect(await cache.get("f", failure, never)).toMatchObject({ cached: true });
    time = 100;
    await cache.get("f", failure, never);
    await cache.get("v", value, never);
    expect([value.mock.calls.length, failure.mock.calls.length]).toEqual([1, 2]);
    time = 1_000;
    await cache.get("v", value, never);
    expect(value).toHaveBeenCalledTimes(2);
  });

  it("lets one caller stop waiting and serves the others", async () => {
    const cache = cacheWith();
    let bring = (_: number) => {};
    const lookUp = vi.fn(
      () =>
        new Promise<number>((resolve) => {
          bring = resolve;
        }),
    );
    const impatient = new AbortController();
    const left = cache.get("k", lookUp, impatient.signal);
    const stays = cache.get("k", lookUp, never);
    impatient.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    bring(7);
    expect(await stays).toMatchObject({ value: 7 });
    expect(lookUp).toHaveBeenCalledTimes(1);
  });

  it("ends a lookup that takes too long, and tells it so", async () => {
    const cache = cacheWith({ timeoutMs: 20 });
    let told: AbortSignal | undefined;
    const answer = await cache.get(
      "k",
      (signal) => {
        told = signal;
        return new Promise(() => {});
      },
      never,
    );
    expect(answer).toMatchObject({ failure: expect.any(String) });
    expect(told?.aborted).toBe(true);
  });

  it("takes a lookup that throws at once for a failed one", async () => {
    const answer = await cacheWith().get(
      "k",
      () => {
        throw new TypeError();
      },
      never,
    );
    expect(answer).toMatchObject({ failure: "TypeError" });
  });

  it("holds no more than it may", async () => {
    const cache = cacheWith({ maxEntries: 10 });
    const lookUp = vi.fn(async () => 7);
    for (let key = 0; key < 1_000; key++) await cache.get(String(key), lookUp, never);
    await cache.get("999", lookUp, never);
    expect(lookUp).toHaveBeenCalledTimes(1_000);
    await cache.get("0", lookUp, never);
    expect(lookUp).toHaveBeenCalledTimes(1_001);
  });

  it("ends what is under way when it is cleared, and forgets", async () => {
    const cache = cacheWith();
    const lookUp = vi.fn(
      (signal: AbortSignal) =>
        new Promise<number>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const waiting = cache.get("k", lookUp, never);
    cache.clear();
    expect(await waiting).toHaveProperty("failure");
    expect(await cache.get("k", async () => 8, never)).toMatchObject({ value: 8, cached: false });
  });

  it("ends a lookup ten seconds after the last one left, does not remember that, and asks again", async () => {
    vi.useFakeTimers();
    try {
      const ended: unknown[] = [];
      const hang = (signal: AbortSignal) =>
        new Promise<number>((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            ended.push(signal.reason);
            reject(signal.reason);
          });
        });
      const cache = cacheWith({ timeoutMs: 60_000, failureTtlMs: 60_000 });
      const first = new AbortController();
      const left = cache.get("k", hang, first.signal).catch(() => "left");
      first.abort();
      expect(await left).toBe("left");
      await vi.advanceTimersByTimeAsync(9_000);
      // Someone joins, and leaves: the ten seconds begin again.
      const second = new AbortController();
      const joined = cache.get("k", hang, second.signal).catch(() => "left");
      second.abort();
      await joined;
      await vi.advanceTimersByTimeAsync(9_999);
      expect(ended).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(ended).toHaveLength(1);
      const lookUp = vi.fn(async () => 7);
      expect(await cache.get("k", lookUp, never)).toMatchObject({ value: 7, cached: false });
    } finally {
      vi.useRealTimers();
    }
  });
});
