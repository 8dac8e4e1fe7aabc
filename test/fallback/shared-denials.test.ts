import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { mayBeSameCaller, SharedDenials } from "../../src/fallback/shared-denials.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { SharedStore } from "../../src/resolve/shared-store.js";

const MINUTE = 60_000;
const CALL = { action: "bedrock:InvokeModel", modelId: "us.amazon.nova-pro-v1:0", region: "us-east-1" };
const session = (name: string, role = "App", account = "111122223333") =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`;

function refusalOf(principal: string, reason = "with an explicit deny in a service control policy"): ParsedRefusal {
  const refusal = parseRefusal({
    name: "AccessDeniedException",
    message: `User: ${principal} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 ${reason}`,
    $metadata: { httpStatusCode: 403 },
  });
  if (!refusal) throw new Error("no refusal");
  return refusal;
}

const DENIAL = {
  deniedRegion: "us-west-2",
  policyType: "service-control-policy",
  denyKind: "explicit",
  errorName: "AccessDeniedException",
  httpStatus: 403,
};

function shared() {
  const clock = { now: 1_000_000 };
  const map = new Map<string, string>();
  const blocksOf = (rememberMs = 5 * MINUTE) => new SharedDenials(new SharedStore(map, () => clock.now), rememberMs);
  const share = (principal = session("one"), callerArn: string | undefined = principal) =>
    blocksOf().share(CALL, refusalOf(principal), callerArn);
  const recall = (callerArn = session("two"), call = CALL) => blocksOf().recall(call, async () => callerArn);
  return { clock, map, blocksOf, share, recall };
}

describe("denied profiles, shared with other processes", () => {
  it("are available to every session of the role, for as long as the reader remembers", async () => {
    const { clock, blocksOf, share, recall } = shared();
    expect(share()).toBe(true);
    const at = clock.now;
    const known = { denial: DENIAL, callerArn: session("two"), at, until: at + 5 * MINUTE };
    expect(await recall()).toEqual(known);
    clock.now += MINUTE;
    // Reading it again doesn't extend it.
    expect(await recall()).toEqual(known);
    expect(await blocksOf(MINUTE).recall(CALL, async () => session("two"))).toBeUndefined();
    clock.now += 4 * MINUTE;
    expect(await recall()).toBeUndefined();
  });

  it("contain no text of a message", () => {
    const { map, blocksOf } = shared();
    const reason =
      "with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-a/p-b";
    const refusal = { ...refusalOf(session("one"), reason), errorName: "Canary<script>", httpStatus: 999 };
    blocksOf().share(CALL, refusal, session("one"));
    const values = [...map.values()].map((text) => JSON.parse(text).value);
    const { errorName: _, httpStatus: __, ...denial } = DENIAL;
    expect(values).toEqual([{ ...CALL, caller: "111122223333:role:App", ...denial }, CALL]);
  });

  it.each<[string, string]>([
    ["another role", session("one", "Other")],
    ["another account", session("one", "App", "444455556666")],
    ["a user of that name", "arn:aws:iam::111122223333:user/App"],
    ["an unknown caller", "arn:aws:sts::***:assumed-role/App/one"],
  ])("aren't used for %s", async (_, caller) => {
    const { share, recall } = shared();
    share();
    expect(await recall(caller)).toBeUndefined();
  });

  it("aren't used for another action, Region, or profile", async () => {
    const { share, recall } = shared();
    share();
    const others = [{ region: "us-east-2" }, { action: "bedrock:InvokeModelWithResponseStream" }, { modelId: "us.x" }];
    for (const other of others) expect(await recall(session("one"), { ...CALL, ...other })).toBeUndefined();
  });

  it("aren't shared if a session policy decided, or if the message hides the caller", () => {
    const { map, blocksOf, share } = shared();
    const reason = "because no session policy allows the bedrock:InvokeModel action";
    blocksOf().share(CALL, refusalOf(session("one"), reason), session("one"));
    expect(share("***", session("one"))).toBe(false);
    expect(map.size).toBe(0);
  });

  it("are shared only for the caller, and not while the caller can't be determined", () => {
    const { map, blocksOf, share } = shared();
    expect(share(session("one", "Victim"), session("one"))).toBe(false);
    expect(share(session("one", "App", "444455556666"), session("one"))).toBe(false);
    expect(share("arn:aws:iam::111122223333:user/App", session("one"))).toBe(false);
    expect(blocksOf().share(CALL, refusalOf(session("one")), undefined)).toBe(false);
    expect(map.size).toBe(0);
  });

  it("are removed for all", async () => {
    const { blocksOf, share, recall } = shared();
    share();
    blocksOf().lift(CALL, refusalOf(session("two")));
    expect(await recall()).toBeUndefined();
  });

  it("cause no identity lookup if no call was denied", async () => {
    const { blocksOf } = shared();
    const callerArn = vi.fn(async () => session("one"));
    await blocksOf().recall(CALL, callerArn);
    expect(callerArn).not.toHaveBeenCalled();
  });

  it("aren't used if the caller can't be determined", async () => {
    const { blocksOf, share } = shared();
    share();
    expect(await blocksOf().recall(CALL, () => Promise.reject(new Error("no STS")))).toBeUndefined();
    expect(await blocksOf().recall(CALL, async () => undefined)).toBeUndefined();
  });
});

describe("an entry that was changed", () => {
  const entry = { ...CALL, caller: "111122223333:role:App", ...DENIAL };
  const poisoned = (value: unknown, at?: unknown) => {
    const made = shared();
    made.share();
    for (const key of made.map.keys()) {
      if (key.endsWith("App")) made.map.set(key, JSON.stringify({ at: at ?? made.clock.now, value }));
    }
    return made;
  };

  it("is used if every field is valid", async () => {
    expect((await poisoned(entry).recall())?.denial).toEqual(DENIAL);
  });

  it.each<[string, unknown]>([
    ["an empty object", {}],
    ["a number", 7],
    ["true", true],
    ["an array", [entry]],
    ["what an earlier release wrote", { raw: refusalOf(session("one")).raw, errorName: "AccessDeniedException" }],
    ["another action's", { ...entry, action: "bedrock:InvokeModelWithResponseStream" }],
    ["another profile's", { ...entry, modelId: "eu.amazon.nova-pro-v1:0" }],
    ["another source Region's", { ...entry, region: "us-east-2" }],
    ["another caller's", { ...entry, caller: "111122223333:role:Other" }],
    ["one without a caller", { ...entry, caller: undefined }],
    ["one without a Region", { ...entry, deniedRegion: undefined }],
    ["an invalid Region", { ...entry, deniedRegion: "us-west-2::foundation-model/evil" }],
    ["a very long Region", { ...entry, deniedRegion: `us-${"west-".repeat(1_000)}2` }],
    ["a list of Regions", { ...entry, deniedRegion: ["us-west-2"] }],
    ["an invalid policy type", { ...entry, policyType: "toString" }],
    ["a policy type in an object", { ...entry, policyType: { "service-control-policy": true } }],
    ["an invalid deny kind", { ...entry, denyKind: "__proto__" }],
    ["nested in another", { value: entry }],
  ])("is ignored: %s", async (_, value) => {
    expect(await poisoned(value).recall()).toBeUndefined();
  });

  it.each([1_000_001, 9e15, 1_000_000 - 5 * MINUTE, -1, "1000000", null])("is ignored with the time %s", async (at) => {
    expect(await poisoned(entry, at === null ? "null" : at).recall()).toBeUndefined();
  });

  it("adds nothing: unknown fields are omitted", async () => {
    const more = { raw: "canary", resource: "arn:aws:bedrock:us-west-2::foundation-model/evil", constructor: "canary" };
    const text = JSON.stringify({ ...entry, ...more, errorName: "canary", httpStatus: 200 });
    const value: unknown = JSON.parse(`{"__proto__":{"policyType":"canary"},${text.slice(1)}`);
    const { errorName: _, httpStatus: __, ...denial } = DENIAL;
    const recalled = await poisoned(value).recall();
    expect(recalled?.denial).toEqual(denial);
    expect(JSON.stringify(recalled)).not.toContain("canary");
  });

  it("is ignored if the mark of a denial is another call's, or expired", async () => {
    for (const [value, at] of [
      [true, 0],
      [{ ...CALL, region: "us-east-2" }, 0],
      [CALL, -5 * MINUTE],
      [CALL, 1],
    ] as const) {
      const { clock, map, share, recall } = shared();
      share();
      const mark = [...map.keys()].find((key) => !key.endsWith("App")) ?? "";
      map.set(mark, JSON.stringify({ at: clock.now + at, value }));
      expect(await recall()).toBeUndefined();
    }
  });

  it("is ignored or valid, whatever it is", async () => {
    const field = fc.oneof(fc.constantFrom(...Object.values(entry), "unspecified", "explicit"), fc.jsonValue());
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record(Object.fromEntries(Object.keys(entry).map((key) => [key, field]))),
    );
    await fc.assert(
      fc.asyncProperty(value, fc.oneof(fc.integer(), fc.double(), fc.jsonValue()), async (stored, at) => {
        const { clock, recall } = poisoned(stored, at);
        const recalled = await recall();
        if (recalled === undefined) return;
        expect(recalled.at).toBeLessThanOrEqual(clock.now);
        expect(recalled.until - recalled.at).toBe(5 * MINUTE);
        expect(recalled.denial.deniedRegion).toMatch(/^(unspecified|[a-z]+(-[a-z]+)+-\d+)$/);
        expect(Object.keys(DENIAL)).toEqual(expect.arrayContaining(Object.keys(recalled.denial)));
      }),
      { numRuns: 500 },
    );
  });
});

describe("whether two ARNs are one caller's", () => {
  it.each<[string | undefined, string | undefined, boolean]>([
    [session("one"), session("two"), true],
    [session("one"), "arn:aws:iam::111122223333:role/path/App", true],
    [session("one"), session("one", "Other"), false],
    [session("one"), session("one", "App", "444455556666"), false],
    ["arn:aws:iam::111122223333:user/App", session("one"), false],
    [undefined, session("one"), true],
    ["arn:aws:sts::***:assumed-role/App/one", session("one"), true],
  ])("%s, %s: %s", (one, other, expected) => {
    expect(mayBeSameCaller(one, other)).toBe(expected);
  });
});
