import { afterEach, describe, expect, it, vi } from "vitest";
import { BlockMemory } from "../../src/fallback/memory.js";

const MINUTE = 60_000;

function remembering(rememberMs = 5 * MINUTE, patienceMs = 1_000) {
  const clock = { now: 1_000_000 };
  const memory = new BlockMemory<string>({ rememberMs, patienceMs, now: () => clock.now });
  const turn = (scope = "A") => memory.turn("key", async () => scope, undefined);
  /** A turn that must be a try. */
  const tried = async (scope = "A") => {
    const got = await turn(scope);
    if (got.blocked !== undefined) throw new Error(`blocked by ${got.blocked}`);
    return got;
  };
  return { clock, memory, turn, tried };
}

describe("what is remembered of a profile", () => {
  it("nothing at first: the call tries it", async () => {
    const { tried } = remembering();
    (await tried()).answered();
    await tried();
  });

  it("a block, for its time; then one call tries while the others go on without", async () => {
    const { clock, turn, tried } = remembering();
    (await tried()).refused(() => "block", "A");
    clock.now += 5 * MINUTE - 1;
    expect(await turn()).toEqual({ blocked: "block" });
    clock.now += 1;
    const probe = await tried();
    expect(await turn()).toEqual({ blocked: "block" });
    probe.answered();
    await tried();
    await tried();
  });

  it("a block that a probe meets again, for another time", async () => {
    const { clock, turn, tried } = remembering();
    (await tried()).refused(() => "first", "A");
    clock.now += 5 * MINUTE;
    expect((await tried()).refused(() => "second", "A")).toBe("second");
    expect(await turn()).toEqual({ blocked: "second" });
  });

  it("the block, after a probe that was undecided: the next call tries", async () => {
    const { clock, turn, tried } = remembering();
    (await tried()).refused(() => "block", "A");
    clock.now += 5 * MINUTE;
    (await tried()).undecided();
    await tried();
    expect(await turn()).toEqual({ blocked: "block" });
  });

  it("one block for all that were refused at once", async () => {
    const { tried } = remembering();
    const first = await tried();
    first.answered();
    const [a, b] = [await tried(), await tried()];
    expect(a.refused(() => "a", "A")).toBe("a");
    expect(b.refused(() => "b", "A")).toBe("a");
  });

  it("a block, though a call that began before it is answered late", async () => {
    const { turn, tried } = remembering();
    (await tried()).answered();
    const [slow, refused] = [await tried(), await tried()];
    refused.refused(() => "block", "A");
    slow.answered();
    expect(await turn()).toEqual({ blocked: "block" });
  });

  it("nothing of one caller's block for another caller, whose answer does not lift it", async () => {
    const { turn, tried } = remembering();
    (await tried("A")).refused(() => "block", "A");
    (await tried("B")).answered();
    expect(await turn("A")).toEqual({ blocked: "block" });
    expect((await tried("B")).refused(() => "another", "B")).toBe("another");
    expect(await turn("B")).toEqual({ blocked: "another" });
  });

  it("nothing at all with 0, or after forget", async () => {
    const none = remembering(0);
    expect((await none.tried()).refused(() => "block", "A")).toBe("block");
    await none.tried();
    const { memory, tried } = remembering();
    (await tried()).refused(() => "block", "A");
    memory.forget("key", "another");
    expect((await memory.turn("key", async () => "A", undefined)).blocked).toBe("block");
    memory.forget("key", "block");
    await tried();
  });
});

describe("the first calls through a profile", () => {
  it("wait for the very first one, and go its way", async () => {
    const { turn, tried } = remembering();
    const first = await tried();
    const others = [turn(), turn(), turn()];
    first.refused(() => "block", "A");
    expect(await Promise.all(others)).toEqual([{ blocked: "block" }, { blocked: "block" }, { blocked: "block" }]);
  });

  it("all go when it was answered, or ended in any other way", async () => {
    for (const end of ["answered", "undecided"] as const) {
      const { turn, tried } = remembering();
      const first = await tried();
      const others = [turn(), turn()];
      first[end]();
      for (const other of await Promise.all(others)) expect(other.blocked).toBeUndefined();
    }
  });

  it("wait no longer than their patience, and not at all once aborted", async () => {
    const clock = { now: 0 };
    const memory = new BlockMemory<string>({ rememberMs: 1, patienceMs: 20, now: () => clock.now });
    await memory.turn("key", async () => "A", undefined);
    const waiting = memory.turn("key", async () => "A", undefined);
    clock.now = 20;
    expect((await waiting).blocked).toBeUndefined();
    const patient = new BlockMemory<string>({ rememberMs: 1, patienceMs: 60_000, now: Date.now });
    await patient.turn("key", async () => "A", undefined);
    const abort = new AbortController();
    const aborted = patient.turn("key", async () => "A", abort.signal);
    abort.abort();
    expect((await aborted).blocked).toBeUndefined();
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

  it("costs those behind it their patience, and the calls after them nothing", async () => {
    vi.useFakeTimers();
    const { turn, tried } = remembering();
    await tried();
    const waiting = [turn(), turn("B")];
    await vi.advanceTimersByTimeAsync(900);
    expect(await isSettled(Promise.race(waiting))).toBe(false);
    await vi.advanceTimersByTimeAsync(150);
    expect(await isSettled(Promise.all(waiting))).toBe(true);
    for (let later = 0; later < 3; later += 1) expect(await isSettled(turn())).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("costs a call nothing that starts when the patience is over", async () => {
    vi.useFakeTimers();
    const { turn, tried } = remembering();
    await tried();
    await vi.advanceTimersByTimeAsync(1_050);
    expect(await isSettled(turn())).toBe(true);
  });

  it.each(["answered", "refused", "undecided"] as const)(
    "releases all of them when any other call through the profile is %s",
    async (end) => {
      vi.useFakeTimers();
      const { memory, turn, tried } = remembering();
      await tried();
      const waiting = [turn(), turn(), turn()];
      await vi.advanceTimersByTimeAsync(500);
      expect(await isSettled(Promise.race(waiting))).toBe(false);
      const impatient = await memory.turn("key", async () => "A", AbortSignal.abort());
      if (impatient.blocked !== undefined) throw new Error("nothing is known yet");
      if (end === "refused") impatient.refused(() => "block", "A");
      else impatient[end]();
      expect(await isSettled(Promise.all(waiting))).toBe(true);
      expect((await turn()).blocked).toBe(end === "refused" ? "block" : undefined);
    },
  );

  it("keeps waiting for an answer that arrived while the event loop was busy", async () => {
    const { turn, tried } = remembering(5 * MINUTE, 20);
    const first = await tried();
    const waiting = turn();
    // The answer is there, and only the event loop has to come round to it.
    const { port1, port2 } = new MessageChannel();
    port1.on("message", () => first.refused(() => "block", "A"));
    port2.postMessage("the answer");
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(await waiting).toEqual({ blocked: "block" });
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

describe("whose credentials", () => {
  afterEach(() => vi.useRealTimers());

  it("decides for each of them, however they alternate", async () => {
    const { turn, tried } = remembering();
    (await tried("A")).refused(() => "a", "A");
    (await tried("B")).refused(() => "b", "B");
    for (const [scope, blocked] of [
      ["A", "a"],
      ["B", "b"],
      ["A", "a"],
    ] as const) {
      expect(await turn(scope)).toEqual({ blocked });
    }
  });

  it("are kept for a thousand or two at most", async () => {
    const { turn, tried } = remembering();
    for (let n = 0; n < 3_000; n += 1) (await tried(`${n}`)).refused(() => `${n}`, `${n}`);
    expect((await turn("0")).blocked).toBeUndefined();
    expect((await turn("2999")).blocked).toBe("2999");
  });

  it("each have a first call: the others of theirs wait for it", async () => {
    const { turn, tried } = remembering();
    (await tried("A")).refused(() => "a", "A");
    const first = await tried("B");
    const others = [turn("B"), turn("B")];
    first.refused(() => "b", "B");
    expect(await Promise.all(others)).toEqual([{ blocked: "b" }, { blocked: "b" }]);
  });

  it("are waited for no longer than the patience, nor than the signal", async () => {
    vi.useFakeTimers();
    const { memory, tried } = remembering();
    (await tried()).refused(() => "block", "A");
    const never = () => new Promise<string>(() => {});
    const late = memory.turn("key", never, undefined);
    await vi.advanceTimersByTimeAsync(999);
    expect(await isSettled(late)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect((await late).blocked).toBeUndefined();
    const abort = new AbortController();
    const aborted = memory.turn("key", never, abort.signal);
    abort.abort();
    expect(await isSettled(aborted)).toBe(true);
    expect((await memory.turn("key", () => Promise.reject(new Error("none")), undefined)).blocked).toBeUndefined();
  });

  it("that nobody can determine leave nothing behind", async () => {
    const { turn, tried } = remembering();
    expect((await tried()).refused(() => "block", undefined)).toBe("block");
    expect((await turn()).blocked).toBeUndefined();
  });
});

describe("what another process learned", () => {
  const recalling = (at: number, until: number) => {
    const { clock, memory } = remembering();
    const recall = vi.fn(async () => ({ value: "theirs", at: clock.now + at, until: clock.now + until }));
    return { clock, recall, turn: () => memory.turn("key", async () => "A", undefined, recall) };
  };

  it("holds from its own time on for as long as is remembered, and is looked up again then", async () => {
    const { clock, recall, turn } = recalling(-MINUTE, 4 * MINUTE);
    expect(await turn()).toEqual({ blocked: "theirs" });
    clock.now += 4 * MINUTE - 1;
    expect(await turn()).toEqual({ blocked: "theirs" });
    expect(recall).toHaveBeenCalledTimes(1);
    recall.mockResolvedValue({ value: "theirs", at: clock.now - 5 * MINUTE, until: clock.now });
    clock.now += 1;
    expect((await turn()).blocked).toBeUndefined();
    expect(recall).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["from the future", 1, 5 * MINUTE],
    ["over", -5 * MINUTE, 0],
    ["older than is remembered, whatever it says", -5 * MINUTE, 60 * MINUTE],
    ["no time", Number.NaN, Number.NaN],
  ])("is nothing: %s", async (_, at, until) => {
    expect((await recalling(at, until).turn()).blocked).toBeUndefined();
  });

  it("ends with a clock that is set back", async () => {
    const { clock, recall, turn } = recalling(0, 5 * MINUTE);
    expect(await turn()).toEqual({ blocked: "theirs" });
    recall.mockResolvedValue({ value: "theirs", at: clock.now, until: clock.now + 5 * MINUTE });
    clock.now -= 1;
    expect((await turn()).blocked).toBeUndefined();
  });
});

describe("credentials that change while other processes are asked", () => {
  it("aren't given what is known of the ones before", async () => {
    const memory = new BlockMemory<string>({ rememberMs: 5 * MINUTE, patienceMs: 1_000, now: () => 1_000_000 });
    let scope = "A";
    const recall = async () => {
      scope = "B";
      return { value: "A's", at: 1_000_000, until: 1_000_000 + MINUTE };
    };
    const turn = () => memory.turn("key", async () => scope, undefined, recall);
    expect((await turn()).blocked).toBeUndefined();
  });
});
