import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { within } from "../../src/flow/deadline.js";

/** Work that only its signal ends. */
const endless = (ends: AbortSignal) =>
  new Promise<string>((resolve) => ends.addEventListener("abort", () => resolve("ended")));

describe("within", () => {
  it("hands on what the work gives, and leaves no listener", async () => {
    const { signal } = new AbortController();
    expect(await within(60_000, signal, async (ends) => ends.aborted)).toBe(false);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("hands on what the work throws, and leaves no listener", async () => {
    const { signal } = new AbortController();
    const failing = within(60_000, signal, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("ends the work when its time is up", async () => {
    expect(await within(1, undefined, endless)).toBe("ended");
  });

  it("ends the work with the call's signal", async () => {
    const call = new AbortController();
    const working = within(60_000, call.signal, endless);
    call.abort();
    expect(await working).toBe("ended");
  });

  it("begins ended where the call was", async () => {
    expect(await within(60_000, AbortSignal.abort(), async (ends) => ends.aborted)).toBe(true);
  });
});
