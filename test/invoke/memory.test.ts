import { describe, expect, it } from "vitest";
import { BlockMemory } from "../../src/invoke/memory.js";

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

  it.each(["undecided", "unrelated"] as const)(
    "the block, after a probe that was %s: the next call tries",
    async (end) => {
      const { clock, turn, tried } = remembering();
      (await tried()).refused(() => "block", "A");
      clock.now += 5 * MINUTE;
      (await tried())[end]();
      await tried();
      expect(await turn()).toEqual({ blocked: "block" });
    },
  );

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
    memory.forget("key");
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

  it("all go when it was answered, or refused for another reason", async () => {
    for (const end of ["answered", "unrelated"] as const) {
      const { turn, tried } = remembering();
      const first = await tried();
      const others = [turn(), turn()];
      first[end]();
      for (const other of await Promise.all(others)) expect(other.blocked).toBeUndefined();
    }
  });

  it("go one by one while nothing is learned", async () => {
    const { turn, tried } = remembering();
    const first = await tried();
    const [second, third] = [turn(), turn()];
    first.undecided();
    const next = await second;
    if (next.blocked !== undefined) throw new Error("nothing is known yet");
    next.refused(() => "block", "A");
    expect(await third).toEqual({ blocked: "block" });
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
