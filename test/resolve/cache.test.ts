import { describe, expect, it, vi } from "vitest";
import { type CacheOptions, LookupCache } from "../../src/resolve/cache.js";
import { SharedStore } from "../../src/resolve/shared-store.js";
import { assertWanted, DeadlineError, UnwantedError } from "../../src/resolve/waiting.js";

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
  it("makes one lookup for a thousand concurrent callers", async () => {
    const lookUp = vi.fn(async () => 7);
    const cache = cacheWith();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => cache.get("k", lookUp, never)));
    expect(lookUp).toHaveBeenCalledTimes(1);
    expect(new Set(answers.map((answer) => "value" in answer && answer.value))).toEqual(new Set([7]));
    expect((await cache.get("k", lookUp, never)).cached).toBe(true);
  });

  it("keeps only what it's configured to keep, and needs no signal to wait", async () => {
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

  it("keeps values and failures each for their own time", async () => {
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

  it("lets one caller stop waiting and continues for the others", async () => {
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

  it("ends a lookup that takes too long, and aborts its signal", async () => {
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

  it("treats a lookup that throws synchronously as failed", async () => {
    const answer = await cacheWith().get(
      "k",
      () => {
        throw new TypeError();
      },
      never,
    );
    expect(answer).toMatchObject({ failure: "TypeError" });
  });

  it("holds no more than its maximum", async () => {
    const cache = cacheWith({ maxEntries: 10 });
    const lookUp = vi.fn(async () => 7);
    for (let key = 0; key < 1_000; key++) await cache.get(String(key), lookUp, never);
    await cache.get("999", lookUp, never);
    expect(lookUp).toHaveBeenCalledTimes(1_000);
    await cache.get("0", lookUp, never);
    expect(lookUp).toHaveBeenCalledTimes(1_001);
  });

  it("ends what is in progress when it's cleared, and forgets", async () => {
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

  it("ends a lookup immediately when the last caller aborts, doesn't remember that, and starts a new one the next time", async () => {
    const ended: unknown[] = [];
    const hang = (signal: AbortSignal) =>
      new Promise<number>((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          ended.push(signal.reason);
          reject(signal.reason);
        });
      });
    const cache = cacheWith({ timeoutMs: 60_000, failureTtlMs: 60_000 });
    const [first, second] = [new AbortController(), new AbortController()];
    const left = cache.get("k", hang, first.signal).catch(() => "left");
    const joined = cache.get("k", hang, second.signal).catch(() => "left");
    first.abort(new DOMException("The application's own timeout.", "TimeoutError"));
    expect(await left).toBe("left");
    expect(ended).toEqual([]);
    second.abort();
    expect(await joined).toBe("left");
    expect(ended).toHaveLength(1);
    const lookUp = vi.fn(async () => 7);
    expect(await cache.get("k", lookUp, never)).toMatchObject({ value: 7, cached: false });
  });
});

describe("a lookup that outlasts a caller's deadline", () => {
  /** A lookup that is answered, or fails, from outside; counts its requests. */
  function slow() {
    let bring = (_: number) => {};
    let fail = (_: Error) => {};
    const ended: unknown[] = [];
    const lookUp = vi.fn((signal: AbortSignal) => {
      signal.addEventListener("abort", () => ended.push(signal.reason));
      return new Promise<number>((resolve, reject) => {
        bring = resolve;
        fail = reject;
      });
    });
    return { lookUp, ended, bring: (value: number) => bring(value), fail: (error: Error) => fail(error) };
  }

  /** A caller whose time is over at once. */
  async function comesTooLate(cache: LookupCache<number, string>, lookUp: (signal: AbortSignal) => Promise<number>) {
    const caller = new AbortController();
    const waiting = cache.get("k", lookUp, caller.signal).catch((reason: Error) => reason.name);
    caller.abort(new DeadlineError());
    expect(await waiting).toBe("TimeoutError");
  }

  it("counts as failed for the next callers, who don't wait for it", async () => {
    let time = 0;
    const cache = cacheWith({ timeoutMs: 60_000, now: () => time });
    const { lookUp } = slow();
    await comesTooLate(cache, lookUp);
    time = 99;
    for (let call = 0; call < 1_000; call++) {
      expect(await cache.get("k", lookUp, never)).toEqual({ failure: "TimeoutError", at: 0, cached: true });
    }
    expect(lookUp).toHaveBeenCalledTimes(1);
  });

  it("is made again after the time for which a failure is kept", async () => {
    let time = 0;
    const cache = cacheWith({ timeoutMs: 60_000, now: () => time });
    await comesTooLate(cache, slow().lookUp);
    time = 100;
    vi.useFakeTimers();
    try {
      const { lookUp, bring } = slow();
      // The first flight ended in the meantime.
      cache.clear();
      const answer = cache.get("k", lookUp, never);
      bring(7);
      expect(await answer).toMatchObject({ value: 7, cached: false });
    } finally {
      vi.useRealTimers();
    }
  });

  it("still returns its answer to later callers", async () => {
    const cache = cacheWith({ timeoutMs: 60_000 });
    const { lookUp, bring } = slow();
    await comesTooLate(cache, lookUp);
    bring(7);
    await new Promise(setImmediate);
    expect(await cache.get("k", lookUp, never)).toMatchObject({ value: 7, cached: true });
    expect(lookUp).toHaveBeenCalledTimes(1);
  });

  it("still returns its failure, which then replaces the deadline error", async () => {
    const cache = cacheWith({ timeoutMs: 60_000, failureTtlMs: 60_000 });
    const { lookUp, fail } = slow();
    await comesTooLate(cache, lookUp);
    fail(new RangeError());
    await new Promise(setImmediate);
    expect(await cache.get("k", lookUp, never)).toMatchObject({ failure: "RangeError", cached: true });
  });

  it("continues for the other callers", async () => {
    const cache = cacheWith({ timeoutMs: 60_000 });
    const { lookUp, bring } = slow();
    const patient = cache.get("k", lookUp, never);
    await comesTooLate(cache, lookUp);
    bring(7);
    expect(await patient).toMatchObject({ value: 7 });
    expect(lookUp).toHaveBeenCalledTimes(1);
  });

  it("ends a second after the last caller left, and sends no further request in that second", async () => {
    vi.useFakeTimers();
    try {
      const cache = cacheWith({ timeoutMs: 60_000, failureTtlMs: 60_000 });
      const { lookUp, ended } = slow();
      await comesTooLate(cache, lookUp);
      const [[signal]] = lookUp.mock.calls as [[AbortSignal]];
      expect(() => assertWanted(signal)).toThrow(UnwantedError);
      await vi.advanceTimersByTimeAsync(999);
      expect(ended).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(ended).toHaveLength(1);
      // It still counts as failed. Its end doesn't change that.
      expect(await cache.get("k", lookUp, never)).toMatchObject({ failure: "TimeoutError", cached: true });
    } finally {
      vi.useRealTimers();
    }
  });

  it("continues if a new caller comes within that second", async () => {
    const cache = cacheWith({ timeoutMs: 60_000, failureTtlMs: 0 });
    const { lookUp, bring } = slow();
    await comesTooLate(cache, lookUp);
    const joined = cache.get("k", lookUp, never);
    const [[signal]] = lookUp.mock.calls as [[AbortSignal]];
    expect(() => assertWanted(signal)).not.toThrow();
    bring(7);
    expect(await joined).toMatchObject({ value: 7 });
  });

  it("isn't remembered if it hadn't sent a request yet", async () => {
    const cache = cacheWith({ timeoutMs: 60_000, failureTtlMs: 60_000 });
    let begin = () => {};
    const queued = async (signal: AbortSignal) => {
      await new Promise<void>((resolve) => {
        begin = resolve;
      });
      assertWanted(signal, false);
      return 7;
    };
    await comesTooLate(cache, queued);
    begin();
    await new Promise(setImmediate);
    expect(await cache.get("k", async () => 8, never)).toMatchObject({ value: 8, cached: false });
  });

  it("isn't started by a caller whose time was already over", async () => {
    const lookUp = vi.fn(async () => 7);
    const over = AbortSignal.abort(new DeadlineError());
    await expect(cacheWith().get("k", lookUp, over)).rejects.toThrow(DeadlineError);
    expect(lookUp).not.toHaveBeenCalled();
  });

  it("doesn't keep the process alive with a timer", async () => {
    const active = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = active();
    const cache = cacheWith({ timeoutMs: 60_000 });
    const { lookUp } = slow();
    const caller = new AbortController();
    const waiting = cache.get("k", lookUp, caller.signal).catch(() => {});
    expect(active()).toBe(before + 1);
    caller.abort(new DeadlineError());
    await waiting;
    expect(active()).toBe(before);
  });
});

describe("a store that never responds", () => {
  it("is abandoned immediately on abort, and the lookup behind it isn't remembered as late", async () => {
    const store = new SharedStore({ get: () => new Promise(() => {}), set: () => {}, delete: () => {} });
    const cache = cacheWith({ store, failureTtlMs: 60_000 });
    const sharing = { key: "k", revive: () => undefined };
    const lookUp = vi.fn(async () => 7);
    const aborting = new AbortController();
    const left = cache.get("k", lookUp, aborting.signal, sharing).catch((reason: Error) => reason.name);
    aborting.abort();
    expect(await left).toBe("AbortError");
    const late = new AbortController();
    const over = cache.get("k", lookUp, late.signal, sharing).catch((reason: Error) => reason.name);
    late.abort(new DeadlineError());
    expect(await over).toBe("TimeoutError");
    // Nothing is sent for a caller that left. The wait for the store ends before the next caller starts.
    await vi.waitFor(async () => {
      expect(await cache.get("k", lookUp, never, sharing)).toMatchObject({ value: 7 });
    }, 5_000);
    expect(lookUp).toHaveBeenCalledTimes(1);
  });
});
