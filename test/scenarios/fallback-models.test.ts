import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type FallbackReport, fallbackOf, isDiagnosedError, type ResilienceOptions } from "../../src/index.js";
import { formatDiagnosis, policySet } from "../../src/offline.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

const NOVA = "amazon.nova-pro-v1:0";
const PROFILE = `us.${NOVA}`;
const LLAMA = "meta.llama3-1-8b-instruct-v1:0";
const APPLICATION = "abcdefghijkl";
const ON: ResilienceOptions = { fallback: { to: "single-region" } };
const ROUTES = { "us-east-1": ["us-east-1", "us-east-2", "us-west-2"] };

const simulated = () =>
  new SimulatedBedrock({
    models: [
      { id: LLAMA, onDemandRegions: ["us-east-1", "us-west-2"] },
      { id: "acme.next-1", onDemandRegions: ["us-east-1"] },
      { id: "model.large", onDemandRegions: ["us-east-1"] },
    ],
    profiles: [
      { id: APPLICATION, type: "APPLICATION", modelId: NOVA, routes: ROUTES },
      { id: "us.acme.next-1", modelId: "acme.next-1", routes: ROUTES },
      { id: "acme.model.large", modelId: "model.large", routes: ROUTES },
    ],
  });

const converse = (modelId = PROFILE) => new ConverseCommand({ modelId, messages: [] });
const sent = (of: SimulatedBedrock) =>
  of.requests.filter(({ operation }) => !operation.startsWith("Get")).map((r) => `${r.sourceRegion} ${r.modelId}`);
const block = (of: SimulatedBedrock) => of.deny({ policyType: "service-control-policy", region: "us-west-2" });
const denyControlPlane = (of: SimulatedBedrock, action = "bedrock:GetInferenceProfile") =>
  of.deny({ policyType: "identity-based-policy", action });

const resourceIn = (region: string, modelId: string) => `arn:aws:bedrock:${region}::foundation-model/${modelId}`;
/** The runtime's next answer is a denial with this message, whatever its origin. */
function say(
  of: SimulatedBedrock,
  resource: string,
  principal = "arn:aws:sts::111122223333:assumed-role/AppRole/session",
) {
  const message = `User: ${principal} is not authorized to perform: bedrock:InvokeModel on resource: ${resource} with an explicit deny in a service control policy`;
  of.fault({ operation: "Converse", status: 403, errorName: "AccessDeniedException", message, times: 1 });
}

async function outcome(
  sending: Promise<unknown>,
): Promise<{ report?: FallbackReport | undefined; isAnswered: boolean }> {
  try {
    return { isAnswered: true, report: fallbackOf(await sending) };
  } catch (error) {
    if (!isDiagnosedError(error)) throw error;
    if (error.diagnosis.fallback) expect(formatDiagnosis(error.diagnosis, "text")).not.toContain("undefined");
    return { isAnswered: false, report: error.diagnosis.fallback };
  }
}

afterEach(() => vi.useRealTimers());

describe("a message can't choose the fallback model", () => {
  it.each([
    ["another model", resourceIn("us-west-2", LLAMA)],
    ["another model in all Regions", resourceIn("", LLAMA)],
    ["a Region that the profile doesn't route to", resourceIn("eu-west-1", NOVA)],
    ["global routing of a geographic profile", resourceIn("", NOVA)],
  ])("%s", async (_, resource) => {
    const of = simulated();
    say(of, resource);
    const { isAnswered, report } = await outcome(clientOf(of, ON).send(converse()));
    expect({ isAnswered, notTried: report?.notTried }).toEqual({ isAnswered: false, notTried: "not-this-profile" });
    expect(sent(of)).toEqual([`us-east-1 ${PROFILE}`]);
  });

  it("or keep the next call from using its profile", async () => {
    const of = simulated();
    const client = clientOf(of, ON);
    say(of, resourceIn("us-west-2", LLAMA));
    await outcome(client.send(converse()));
    expect(await outcome(client.send(converse()))).toEqual({ isAnswered: true, report: undefined });
  });

  it("or make the library use another model if the profile can't be looked up: the prefix identifies the model", async () => {
    const of = simulated();
    denyControlPlane(of);
    say(of, resourceIn("us-west-2", LLAMA));
    const { report } = await outcome(clientOf(of, ON).send(converse("us.acme.next-1")));
    expect(report?.notTried).toBe("not-this-profile");
  });
});

describe("the profile's own model", () => {
  it.each([
    ["of an application profile, from GetInferenceProfile", APPLICATION, true, NOVA],
    ["of an application profile, which nothing else shows", APPLICATION, false, undefined],
    ["of a system-defined profile, from the bundled catalog", PROFILE, false, NOVA],
    ["of one newer than the catalog, from GetInferenceProfile", "us.acme.next-1", true, "acme.next-1"],
    ["of one newer than the catalog, by its prefix", "us.acme.next-1", false, "acme.next-1"],
    ["of an unknown geography, which may be no prefix at all", "acme.model.large", false, undefined],
  ])("%s", async (_, modelId, isAllowed, used) => {
    const of = simulated();
    block(of);
    if (!isAllowed) denyControlPlane(of);
    const { isAnswered, report } = await outcome(clientOf(of, ON).send(converse(modelId)));
    expect(isAnswered).toBe(used !== undefined);
    if (used !== undefined) expect(report?.used).toEqual({ modelId: used, region: "us-east-1" });
    else expect(report).toMatchObject({ notTried: "profile-unresolved", considered: [] });
    expect(sent(of)).toEqual([`us-east-1 ${modelId}`, ...(used ? [`us-east-1 ${used}`] : [])]);
  });

  it("isn't needed for a model that the application lists", async () => {
    const of = simulated();
    block(of);
    denyControlPlane(of);
    const client = clientOf(of, { fallback: { to: "single-region", models: { [APPLICATION]: LLAMA } } });
    const { report } = await outcome(client.send(converse(APPLICATION)));
    expect(report?.used).toEqual({ modelId: LLAMA, region: "us-east-1" });
  });

  it("comes from the bundled catalog if GetInferenceProfile hangs", async () => {
    const of = simulated();
    block(of);
    of.fault({ operation: "GetInferenceProfile", hang: true });
    const client = clientOf(of, { ...ON, diagnosis: { timeoutMs: 30 } });
    expect((await outcome(client.send(converse()))).report?.used?.modelId).toBe(NOVA);
  });

  it("comes from the bundled catalog if no lookup is possible", async () => {
    const of = simulated();
    block(of);
    const client = clientOf(of, { ...ON, diagnosis: { timeoutMs: 0 } });
    for (const remembered of [false, true]) {
      const { report } = await outcome(client.send(converse()));
      expect(report).toMatchObject({ remembered, considered: [{ modelId: NOVA, knownFrom: "bundled-catalog" }] });
    }
    expect(of.requests.map(({ operation }) => operation)).toEqual(["Converse", "Converse", "Converse"]);
  });
});

describe("a remembered denial belongs to its caller", () => {
  const OTHER = "arn:aws:sts::444455556666:assumed-role/Other/session";

  it("and isn't used for other callers, if the caller is known", async () => {
    const of = simulated();
    const policies = { identity: [], principalArn: "arn:aws:iam::111122223333:role/AppRole" };
    const client = clientOf(of, { ...ON, diagnosis: { policies: policySet(policies) } });
    for (const principal of [OTHER, undefined]) {
      say(of, resourceIn("us-west-2", NOVA), principal);
      expect((await outcome(client.send(converse()))).report).toMatchObject({ remembered: false });
    }
    expect((await outcome(client.send(converse()))).report).toMatchObject({ remembered: true });
  });

  it("and isn't used after the credentials change while a call is in progress", async () => {
    const of = simulated();
    let accessKeyId = "ONE";
    const credentials = async () => ({ accessKeyId, secretAccessKey: "S", expiration: new Date(Date.now() + 1_000) });
    const client = clientOf(of, ON, { credentials });
    client.middlewareStack.add(
      (next) => async (args) => {
        try {
          return await next(args);
        } finally {
          accessKeyId = "TWO";
        }
      },
      { step: "finalizeRequest", priority: "low", name: "change" },
    );
    say(of, resourceIn("us-west-2", NOVA), "arn:aws:sts::111122223333:assumed-role/RoleONE/session");
    expect((await outcome(client.send(converse()))).report).toMatchObject({ remembered: false });
    expect(await outcome(client.send(converse()))).toEqual({ isAnswered: true, report: undefined });
  });

  it("and isn't shared with other processes if the caller is unknown", async () => {
    const of = simulated();
    const store = new Map<string, string>();
    const client = clientOf(of, { ...ON, store });
    say(of, resourceIn("us-west-2", NOVA), OTHER);
    expect((await outcome(client.send(converse()))).report).toMatchObject({ remembered: false });
    expect([...store.keys()].filter((key) => key.includes("denial:"))).toEqual([]);
    expect(await outcome(client.send(converse()))).toEqual({ isAnswered: true, report: undefined });
  });
});

describe("a poisoned store", () => {
  const MODELS = [NOVA, LLAMA, "evil.model-v1:0", APPLICATION];
  const CALLER = "111122223333:role:AppRole";
  const REMEMBER = 60_000;
  /** Stands for the profile that is called. */
  const THIS = "@this@";

  const text = fc.oneof(
    fc.constantFrom(
      ...MODELS,
      PROFILE,
      CALLER,
      "us-west-2",
      "us-east-1",
      "eu-west-1",
      "unspecified",
      "bedrock:InvokeModel",
    ),
    fc.string({ maxLength: 30 }),
    fc.constant("x".repeat(100_000)),
  );
  const model = fc.constantFrom(...MODELS);
  const region = fc.constantFrom("us-east-1", "us-west-2", "eu-west-1", "");
  const profileEntry = fc.record({
    id: fc.constantFrom(PROFILE, APPLICATION),
    arn: fc.option(fc.constant(`arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/${APPLICATION}`), {
      nil: undefined,
    }),
    type: fc.constantFrom("SYSTEM_DEFINED", "APPLICATION"),
    sourceRegion: fc.constant("us-east-1"),
    models: fc.array(
      fc.tuple(model, region, model).map(([modelId, at, inArn]) => ({
        modelId,
        region: at || "unspecified",
        arn: resourceIn(at, inArn),
      })),
      { minLength: 1, maxLength: 3 },
    ),
  });
  const modelEntry = fc.record({
    id: model,
    region,
    inferenceTypes: fc.constantFrom(["ON_DEMAND"], ["INFERENCE_PROFILE"], []),
  });
  const blockEntry = fc.record(
    {
      action: fc.oneof({ weight: 9, arbitrary: fc.constant("bedrock:InvokeModel") }, text),
      modelId: fc.oneof({ weight: 9, arbitrary: fc.constant(THIS) }, text),
      region: fc.oneof({ weight: 9, arbitrary: fc.constant("us-east-1") }, text),
      caller: fc.oneof({ weight: 9, arbitrary: fc.constant(CALLER) }, text),
      deniedRegion: fc.oneof({ weight: 9, arbitrary: fc.constantFrom("us-west-2", "unspecified", "eu-west-1") }, text),
      policyType: fc.oneof({ weight: 5, arbitrary: fc.constant("service-control-policy") }, fc.jsonValue()),
      denyKind: fc.oneof({ weight: 5, arbitrary: fc.constant("explicit") }, fc.jsonValue()),
      errorName: fc.oneof(fc.constant("AccessDeniedException"), text),
      httpStatus: fc.oneof(fc.constant(403), fc.jsonValue()),
      raw: text,
      resource: model.map((id) => resourceIn("us-west-2", id)),
    },
    { requiredKeys: ["action", "modelId", "region", "caller", "deniedRegion"] },
  );
  const entry = fc.record({
    value: fc.oneof(
      { weight: 5, arbitrary: blockEntry },
      { weight: 3, arbitrary: profileEntry },
      { weight: 2, arbitrary: modelEntry },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    age: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: REMEMBER - 1 }) },
      fc.integer({ min: -REMEMBER, max: 3 * REMEMBER }),
      fc.constant(-9e15),
    ),
    hasProto: fc.boolean(),
  });

  const denial = fc.record({
    value: blockEntry,
    age: fc.integer({ min: 0, max: REMEMBER - 1 }),
    hasProto: fc.boolean(),
  });
  /** What another process of the same caller stores. */
  const right = fc.record({
    value: fc.constant({
      action: "bedrock:InvokeModel",
      modelId: THIS,
      region: "us-east-1",
      caller: CALLER,
      deniedRegion: "us-west-2",
    }),
    age: fc.integer({ min: 0, max: REMEMBER - 1 }),
    hasProto: fc.boolean(),
  });

  /** What stands under every key of one sort, whatever its name is. */
  const storeOf = (
    entries: Record<"mark" | "block" | "profile" | "model", fc.Arbitrary<unknown> | unknown>,
    now: () => number,
    modelId = PROFILE,
  ) => {
    const start = now();
    const asText = (kind: keyof typeof entries) => {
      const { value, age, hasProto } = entries[kind] as { value: unknown; age: number; hasProto: boolean };
      const json = JSON.stringify({ at: start - age, value }).replaceAll(THIS, modelId);
      return hasProto ? json.replace("{", '{"__proto__":{"at":0,"isAdmin":true},') : json;
    };
    return {
      get: (key: string) => {
        if (key.includes(":profile:")) return asText("profile");
        if (key.includes(":model:")) return asText("model");
        return asText(key.endsWith(CALLER) ? "block" : "mark");
      },
      set: () => {},
      delete: () => {},
    };
  };
  const mark = fc.record({
    value: fc.oneof(
      { weight: 9, arbitrary: fc.constant({ action: "bedrock:InvokeModel", modelId: THIS, region: "us-east-1" }) },
      fc.jsonValue(),
    ),
    age: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: REMEMBER - 1 }) }, fc.integer()),
    hasProto: fc.boolean(),
  });

  it("never leads to another model, Region, or profile, and never lasts longer than the memory", async () => {
    let fromStore = 0;
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          mark,
          // One in four is right, so that what is right is used in every run, whatever the seed is.
          block: fc.oneof(
            { weight: 2, arbitrary: right },
            ...[denial, entry].map((arbitrary) => ({ weight: 3, arbitrary })),
          ),
          profile: entry,
          model: entry,
        }),
        fc.constantFrom(PROFILE, APPLICATION),
        fc.boolean(),
        async (entries, modelId, isBlocked) => {
          vi.setSystemTime(1_800_000_000_000);
          const of = simulated();
          if (isBlocked) block(of);
          const client = clientOf(of, {
            store: storeOf(entries, () => 1_800_000_000_000, modelId) as never,
            fallback: { to: "single-region", allowRegions: ["us-west-2"], remember: REMEMBER },
          });
          const { report } = await outcome(client.send(converse(modelId)));
          if (report?.remembered) fromStore += 1;
          await outcome(client.send(converse(modelId)));
          for (const request of sent(of)) {
            expect(["us-east-1 ", "us-west-2 "]).toContain(request.slice(0, 10));
            expect([modelId, NOVA]).toContain(request.slice(10));
          }
          // The clock of the store's reader goes on: whatever was in there is over.
          vi.setSystemTime(1_800_000_000_000 + 3 * REMEMBER);
          of.requests.length = 0;
          await outcome(client.send(converse(modelId)));
          expect(sent(of)[0]).toBe(`us-east-1 ${modelId}`);
        },
      ),
      { numRuns: 200 },
    );
    // The property isn't empty: some entries were right, and were used.
    expect(fromStore).toBeGreaterThan(5);
  }, 120_000);

  it("doesn't extend an entry, however often it's read", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const start = Date.now();
    const call = { action: "bedrock:InvokeModel", modelId: PROFILE, region: "us-east-1" };
    const at = (value: unknown) => ({ value, age: 0, hasProto: false });
    const store = storeOf(
      {
        mark: at(call),
        block: at({ ...call, caller: CALLER, deniedRegion: "us-west-2" }),
        profile: at(0),
        model: at(0),
      },
      () => start,
    );
    const of = simulated();
    const options = { store: store as never, fallback: { to: "single-region", remember: REMEMBER } } as const;
    const [first, second] = [clientOf(of, options), clientOf(of, options)];
    const remembered = async (client: typeof first) => (await outcome(client.send(converse()))).report?.remembered;
    expect(await remembered(first)).toBe(true);
    vi.setSystemTime(start + REMEMBER - 1);
    expect([await remembered(first), await remembered(second)]).toEqual([true, true]);
    vi.setSystemTime(start + REMEMBER);
    expect([await remembered(first), await remembered(second)]).toEqual([undefined, undefined]);
  });
});
