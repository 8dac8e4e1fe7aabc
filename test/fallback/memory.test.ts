import { afterEach, describe, expect, it, vi } from "vitest";
import { DenialMemory } from "../../src/fallback/memory.js";

const MINUTE = 60_000;

function remembering(rememberMs = 5 * MINUTE, patienceMs = 1_000) {
  const clock = { now: 1_000_000 };
  const memory = new DenialMemory<string>({ rememberMs, patienceMs, now: () => clock.now });
  const admit = (scope = "A") => memory.admit("key", async () => scope, undefined);
  /** An admission that must be a trial. */
  const tried = async (scope = "A") => {
    const got = await admit(scope);
    if (got.denial !== undefined) throw new Error(`denied by ${got.denial}`);
    return got;
  };
  return { clock, memory, admit, tried };
}

describe("the memory of a profile", () => {
  it("is empty at first, and the call tries the profile", async () => {
    const { tried } = remembering();
    (await tried()).answered();
    await tried();
  });

  it("keeps a denial for its time, then one call tries the profile while the others continue without it", async () => {
    const { clock, admit, tried } = remembering();
    (await tried()).denied(() => "block", "A");
    clock.now += 5 * MINUTE - 1;
    expect(await admit()).toEqual({ denial: "block" });
    clock.now += 1;
    const probe = await tried();
    expect(await admit()).toEqual({ denial: "block" });
    probe.answered();
    await tried();
    await tried();
  });

  it("keeps a denial that a probe confirms for another time", async () => {
    const { clock, admit, tried } = remembering();
    (await tried()).denied(() => "first", "A");
    clock.now += 5 * MINUTE;
    expect((await tried()).denied(() => "second", "A")).toBe("second");
    expect(await admit()).toEqual({ denial: "second" });
  });

  it("keeps the denial after a probe without a result, and the next call tries", async () => {
    const { clock, admit, tried } = remembering();
    (await tried()).denied(() => "block", "A");
    clock.now += 5 * MINUTE;
    (await tried()).undecided();
    await tried();
    expect(await admit()).toEqual({ denial: "block" });
  });

  it("keeps one denial for all calls that were denied at once", async () => {
    const { tried } = remembering();
    const first = await tried();
    first.answered();
    const [a, b] = [await tried(), await tried()];
    expect(a.denied(() => "a", "A")).toBe("a");
    expect(b.denied(() => "b", "A")).toBe("a");
  });

  it("keeps a denial even if a call that began before it is answered late", async () => {
    const { admit, tried } = remembering();
    (await tried()).answered();
    const [slow, other] = [await tried(), await tried()];
    other.denied(() => "block", "A");
    slow.answered();
    expect(await admit()).toEqual({ denial: "block" });
  });

  it("doesn't use one caller's denial for another caller, whose answer doesn't remove it", async () => {
    const { admit, tried } = remembering();
    (await tried("A")).denied(() => "block", "A");
    (await tried("B")).answered();
    expect(await admit("A")).toEqual({ denial: "block" });
    expect((await tried("B")).denied(() => "another", "B")).toBe("another");
    expect(await admit("B")).toEqual({ denial: "another" });
  });

  it("is empty with 0, or after forget", async () => {
    const none = remembering(0);
    expect((await none.tried()).denied(() => "block", "A")).toBe("block");
    await none.tried();
    const { memory, tried } = remembering();
    (await tried()).denied(() => "block", "A");
    memory.forget("key", "another");
    expect((await memory.admit("key", async () => "A", undefined)).denial).toBe("block");
    memory.forget("key", "block");
    await tried();
  });
});

describe("the first calls through a profile", () => {
  it("wait for the very first one, and use its result", async () => {
    const { admit, tried } = remembering();
    const first = await tried();
    const others = [admit(), admit(), admit()];
    first.denied(() => "block", "A");
    expect(await Promise.all(others)).toEqual([{ denial: "block" }, { denial: "block" }, { denial: "block" }]);
  });

  it("are all sent if it was answered, or ended in any other way", async () => {
    for (const end of ["answered", "undecided"] as const) {
      const { admit, tried } = remembering();
      const first = await tried();
      const others = [admit(), admit()];
      first[end]();
      for (const other of await Promise.all(others)) expect(other.denial).toBeUndefined();
    }
  });

  it("wait no longer than their patience, and don't wait after they're aborted", async () => {
    const clock = { now: 0 };
    const memory = new DenialMemory<string>({ rememberMs: 1, patienceMs: 20, now: () => clock.now });
    await memory.admit("key", async () => "A", undefined);
    const waiting = memory.admit("key", async () => "A", undefined);
    clock.now = 20;
    expect((await waiting).denial).toBeUndefined();
    const patient = new DenialMemory<string>({ rememberMs: 1, patienceMs: 60_000, now: Date.now });
    await patient.admit("key", async () => "A", undefined);
    const abort = new AbortController();
    const aborted = patient.admit("key", async () => "A", abort.signal);
    abort.abort();
    expect((await aborted).denial).toBeUndefined();
  });
});

/** Whether a promise has settled once everything that is under way at this moment has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

describe("a first call that hangs", () => {
  afterEach(() => vi.useRealTimers());

  it("delays the calls that wait for it by their patience, and later calls not at all", async () => {
    vi.useFakeTimers();
    const { admit, tried } = remembering();
    await tried();
    const waiting = [admit(), admit("B")];
    await vi.advanceTimersByTimeAsync(900);
    expect(await isSettled(Promise.race(waiting))).toBe(false);
    await vi.advanceTimersByTimeAsync(150);
    expect(await isSettled(Promise.all(waiting))).toBe(true);
    for (let later = 0; later < 3; later += 1) expect(await isSettled(admit())).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("doesn't delay a call that starts when the patience is over", async () => {
    vi.useFakeTimers();
    const { admit, tried } = remembering();
    await tried();
    await vi.advanceTimersByTimeAsync(1_050);
    expect(await isSettled(admit())).toBe(true);
  });

  it.each(["answered", "denied", "undecided"] as const)(
    "releases all of them when any other call through the profile is %s",
    async (end) => {
      vi.useFakeTimers();
      const { memory, admit, tried } = remembering();
      await tried();
      const waiting = [admit(), admit(), admit()];
      await vi.advanceTimersByTimeAsync(500);
      expect(await isSettled(Promise.race(waiting))).toBe(false);
      const impatient = await memory.admit("key", async () => "A", AbortSignal.abort());
      if (impatient.denial !== undefined) throw new Error("nothing is known yet");
      if (end === "denied") impatient.denied(() => "block", "A");
      else impatient[end]();
      expect(await isSettled(Promise.all(waiting))).toBe(true);
      expect((await admit()).denial).toBe(end === "denied" ? "block" : undefined);
    },
  );

  it("keeps calls waiting for an answer that arrived while the event loop was busy", async () => {
    const { admit, tried } = remembering(5 * MINUTE, 20);
    const first = await tried();
    const waiting = admit();
    // The answer is there, and only the event loop has to come round to it.
    const { port1, port2 } = new MessageChannel();
    port1.on("message", () => first.denied(() => "block", "A"));
    port2.postMessage("the answer");
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(await waiting).toEqual({ denial: "block" });
    port1.close();
  });

  it("keeps no process alive", async () => {
    const { tried } = remembering();
    const handles = () => process.getActiveResourcesInfo().filter((type) => type === "Timeout").length;
    const before = handles();
    await tried();
    expect(handles()).toBe(before);
  });
});

describe("the credentials of a call", () => {
  afterEach(() => vi.useRealTimers());

  it("decide for each caller, however they alternate", async () => {
    const { admit, tried } = remembering();
    (await tried("A")).denied(() => "a", "A");
    (await tried("B")).denied(() => "b", "B");
    for (const [scope, denial] of [
      ["A", "a"],
      ["B", "b"],
      ["A", "a"],
    ] as const) {
      expect(await admit(scope)).toEqual({ denial });
    }
  });

  it("are kept for at most a thousand or two", async () => {
    const { admit, tried } = remembering();
    for (let n = 0; n < 3_000; n += 1) (await tried(`${n}`)).denied(() => `${n}`, `${n}`);
    expect((await admit("0")).denial).toBeUndefined();
    expect((await admit("2999")).denial).toBe("2999");
  });

  it("each have a first call, for which the others with the same credentials wait", async () => {
    const { admit, tried } = remembering();
    (await tried("A")).denied(() => "a", "A");
    const first = await tried("B");
    const others = [admit("B"), admit("B")];
    first.denied(() => "b", "B");
    expect(await Promise.all(others)).toEqual([{ denial: "b" }, { denial: "b" }]);
  });

  it("are waited for no longer than the patience or the signal", async () => {
    vi.useFakeTimers();
    const { memory, tried } = remembering();
    (await tried()).denied(() => "block", "A");
    const never = () => new Promise<string>(() => {});
    const late = memory.admit("key", never, undefined);
    await vi.advanceTimersByTimeAsync(999);
    expect(await isSettled(late)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect((await late).denial).toBeUndefined();
    const abort = new AbortController();
    const aborted = memory.admit("key", never, abort.signal);
    abort.abort();
    expect(await isSettled(aborted)).toBe(true);
    expect((await memory.admit("key", () => Promise.reject(new Error("none")), undefined)).denial).toBeUndefined();
  });

  it("that can't be determined leave nothing behind", async () => {
    const { admit, tried } = remembering();
    expect((await tried()).denied(() => "block", undefined)).toBe("block");
    expect((await admit()).denial).toBeUndefined();
  });
});

describe("a denial from another process", () => {
  const recalling = (at: number, until: number) => {
    const { clock, memory } = remembering();
    const recall = vi.fn(async () => ({ value: "theirs", at: clock.now + at, until: clock.now + until }));
    return { clock, recall, admit: () => memory.admit("key", async () => "A", undefined, recall) };
  };

  it("applies from its own time on for as long as it's remembered, and is then looked up again", async () => {
    const { clock, recall, admit } = recalling(-MINUTE, 4 * MINUTE);
    expect(await admit()).toEqual({ denial: "theirs" });
    clock.now += 4 * MINUTE - 1;
    expect(await admit()).toEqual({ denial: "theirs" });
    expect(recall).toHaveBeenCalledTimes(1);
    recall.mockResolvedValue({ value: "theirs", at: clock.now - 5 * MINUTE, until: clock.now });
    clock.now += 1;
    expect((await admit()).denial).toBeUndefined();
    expect(recall).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["from the future", 1, 5 * MINUTE],
    ["over", -5 * MINUTE, 0],
    ["older than the memory, whatever its own time", -5 * MINUTE, 60 * MINUTE],
    ["no time", Number.NaN, Number.NaN],
  ])("isn't used: %s", async (_, at, until) => {
    expect((await recalling(at, until).admit()).denial).toBeUndefined();
  });

  it("ends if the clock is set back", async () => {
    const { clock, recall, admit } = recalling(0, 5 * MINUTE);
    expect(await admit()).toEqual({ denial: "theirs" });
    recall.mockResolvedValue({ value: "theirs", at: clock.now, until: clock.now + 5 * MINUTE });
    clock.now -= 1;
    expect((await admit()).denial).toBeUndefined();
  });
});

describe("credentials that change during the lookup in the store", () => {
  it("don't get the denial of the previous ones", async () => {
    const memory = new DenialMemory<string>({ rememberMs: 5 * MINUTE, patienceMs: 1_000, now: () => 1_000_000 });
    let scope = "A";
    const recall = async () => {
      scope = "B";
      return { value: "A's", at: 1_000_000, until: 1_000_000 + MINUTE };
    };
    const admit = () => memory.admit("key", async () => scope, undefined, recall);
    expect((await admit()).denial).toBeUndefined();
  });
});
