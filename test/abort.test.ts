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
  it("calls everybody back, once, however many share a signal, and adds no listener to it", async () => {
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

  it("doesn't call back who no longer waits, and calls back who waits again", () => {
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

  it("calls back at once where the signal has aborted already, and never without one", () => {
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
  it("is the promise's own end, or the signal's reason", async () => {
    const controller = new AbortController();
    expect(await untilAborted(Promise.resolve(1), controller.signal)).toBe(1);
    expect(await untilAborted(Promise.resolve(1), undefined)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("its own")), controller.signal)).rejects.toThrow("its own");
    const late = untilAborted(new Promise(() => {}), controller.signal);
    controller.abort(new Error("enough"));
    await expect(late).rejects.toThrow("enough");
  });
});
