import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { orElse, within } from "../src/deadline.js";
import { DeadlineError } from "../src/resolve/waiting.js";

/** Work that only its signal ends. */
const endless = (ends: AbortSignal) =>
  new Promise<string>((resolve) => ends.addEventListener("abort", () => resolve("ended")));

describe("within", () => {
  it("returns what the work returns, and leaves no listener", async () => {
    const { signal } = new AbortController();
    expect(await within(60_000, signal, async (ends) => ends.aborted)).toBe(false);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("throws what the work throws, and leaves no listener", async () => {
    const { signal } = new AbortController();
    const failing = within(60_000, signal, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("ends the work when its time is over", async () => {
    expect(await within(1, undefined, endless)).toBe("ended");
  });

  it("ends the work with the call's signal", async () => {
    const call = new AbortController();
    const working = within(60_000, call.signal, endless);
    call.abort();
    expect(await working).toBe("ended");
  });

  it("starts ended if the call's signal has aborted", async () => {
    expect(await within(60_000, AbortSignal.abort(), async (ends) => ends.aborted)).toBe(true);
  });
});

describe("the reason of within's signal", () => {
  const reason = (ends: AbortSignal) =>
    new Promise<unknown>((resolve) => {
      if (ends.aborted) resolve(ends.reason);
      ends.addEventListener("abort", () => resolve(ends.reason));
    });

  it("is a deadline if the time is over, also if there was none", async () => {
    expect(await within(1, undefined, reason)).toBeInstanceOf(DeadlineError);
    expect(await within(0, undefined, reason)).toBeInstanceOf(DeadlineError);
  });

  it("isn't a deadline if the application aborts the call, whatever its reason", async () => {
    expect(await within(60_000, AbortSignal.timeout(1), reason)).not.toBeInstanceOf(DeadlineError);
    expect(await within(0, AbortSignal.abort(new DeadlineError()), reason)).not.toBeInstanceOf(DeadlineError);
  });
});

describe("orElse", () => {
  const over = AbortSignal.abort();

  it("returns a value that is already available, even without any time", async () => {
    expect(await orElse(Promise.resolve(7), over, 8)).toBe(7);
    await expect(orElse(Promise.reject(new RangeError()), over, 8)).rejects.toThrow(RangeError);
  });

  it("returns the substitute if there is no value in time, and leaves no listener", async () => {
    const hanging = new Promise<number>(() => {});
    expect(await orElse(hanging, over, 8)).toBe(8);
    const { signal } = new AbortController();
    expect(await orElse(Promise.resolve(7), signal, 8)).toBe(7);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
