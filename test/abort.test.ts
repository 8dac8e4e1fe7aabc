import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onAbort, untilAborted } from "../src/abort.js";

let warnings: string[];
const listen = (warning: Error) => warnings.push(warning.name);
beforeEach(() => {
  warnings = [];
  process.on("warning", listen);
});
afterEach(() => {
  process.off("warning", listen);
});
/** Warnings are emitted in a later turn. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("onAbort", () => {
  it("calls every listener once, however many share a signal, and adds no listener to the signal itself", async () => {
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, "addEventListener");
    const callbacks = Array.from({ length: 10_000 }, () => vi.fn());
    for (const callback of callbacks) onAbort(controller.signal, callback);
    controller.abort();
    controller.abort();
    for (const callback of callbacks) expect(callback).toHaveBeenCalledTimes(1);
    await nextTurn();
    expect(add).not.toHaveBeenCalled();
    expect(warnings).not.toContain("MaxListenersExceededWarning");
  });

  it("doesn't call a listener that was removed, and calls one that was added again", () => {
    const controller = new AbortController();
    const [gone, here] = [vi.fn(), vi.fn()];
    for (let n = 0; n < 3; n += 1) onAbort(controller.signal, gone)();
    const stop = onAbort(controller.signal, here);
    onAbort(controller.signal, here);
    stop();
    stop();
    controller.abort();
    expect([gone.mock.calls.length, here.mock.calls.length]).toEqual([0, 1]);
  });

  it("calls immediately if the signal has already aborted, and never without a signal", () => {
    const callback = vi.fn();
    onAbort(AbortSignal.abort(), callback)();
    expect(callback).toHaveBeenCalledTimes(1);
    onAbort(undefined, callback)();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("works with timeouts, and with signals that aren't Node's own", async () => {
    await new Promise<void>((resolve) => onAbort(AbortSignal.timeout(5), resolve));
    const target = new EventTarget();
    const foreign = Object.assign(target, { aborted: false }) as unknown as AbortSignal;
    const callback = vi.fn();
    onAbort(foreign, callback);
    target.dispatchEvent(new Event("abort"));
    expect(callback).toHaveBeenCalledTimes(1);
  });
});

describe("untilAborted", () => {
  it("settles as the promise does, or rejects with the signal's reason", async () => {
    const controller = new AbortController();
    expect(await untilAborted(Promise.resolve(1), controller.signal)).toBe(1);
    expect(await untilAborted(Promise.resolve(1), undefined)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("its own")), controller.signal)).rejects.toThrow("its own");
    const late = untilAborted(new Promise(() => {}), controller.signal);
    controller.abort(new Error("enough"));
    await expect(late).rejects.toThrow("enough");
  });
});
