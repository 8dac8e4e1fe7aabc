import { describe, expect, it } from "vitest";
import { type Pace, takeSteps } from "../../src/policy/remedies/pace.js";

/** Each step takes so many milliseconds of a clock that nothing else moves. */
function paced(stepMs: number, steps: number, limits: Partial<Pace> = {}) {
  let time = 0;
  let taken = 0;
  let sinceTurn = 0;
  const longest = { ms: 0 };
  function* work() {
    while (taken < steps) {
      taken += 1;
      time += stepMs;
      sinceTurn += stepMs;
      longest.ms = Math.max(longest.ms, sinceTurn);
      yield;
    }
  }
  const yieldToEventLoop = async () => {
    sinceTurn = 0;
  };
  const pace = { now: () => time, yieldToEventLoop, until: Number.POSITIVE_INFINITY, ...limits };
  return { run: () => takeSteps(work(), pace), longest, taken: () => taken };
}

describe("takeSteps", () => {
  it.each([0.1, 1, 3, 7.9])("yields to the event loop before 8 ms and one step of %d ms are over", async (stepMs) => {
    const { run, longest, taken } = paced(stepMs, 1_000);
    expect(await run()).toBe(true);
    expect(taken()).toBe(1_000);
    expect(longest.ms).toBeLessThanOrEqual(8 + stepMs);
  });

  it("ends when the time is over, after the current slice", async () => {
    const { run, taken } = paced(1, 1_000, { until: 100 });
    expect(await run()).toBe(false);
    expect(taken()).toBe(104);
  });

  it("ends with the caller's signal", async () => {
    const { run, taken } = paced(1, 1_000, { signal: AbortSignal.abort() });
    expect(await run()).toBe(false);
    expect(taken()).toBe(8);
  });

  it("always runs the first slice, so that a small search completes whatever the deadline", async () => {
    const { run } = paced(1, 7, { until: 0, signal: AbortSignal.abort() });
    expect(await run()).toBe(true);
  });
});
