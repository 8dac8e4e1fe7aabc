import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatesFor, consider, hasGuardrail, inputFor } from "../../src/fallback/candidates.js";

const MODEL = "amazon.nova-pro-v1:0";
const PROFILE = `us.${MODEL}`;

const call = ({ modelId = PROFILE, sourceRegion = "us-east-1" } = {}) => ({ modelId, sourceRegion });

describe("where a denied call can be sent", () => {
  const rules = { models: { [PROFILE]: "meta.llama3-1-8b-instruct-v1:0" }, allowRegions: ["eu-west-2", "us-west-2"] };

  it("the profile's own model first, then the listed model; the source Region first, then the allowed ones", () => {
    expect(candidatesFor(call(), MODEL, "us-west-2", rules, false)).toEqual([
      { modelId: MODEL, region: "us-east-1" },
      { modelId: MODEL, region: "eu-west-2" },
      { modelId: MODEL, region: "us-west-2", passedOver: "blocked-region" },
      { modelId: "meta.llama3-1-8b-instruct-v1:0", region: "us-east-1" },
      { modelId: "meta.llama3-1-8b-instruct-v1:0", region: "eu-west-2" },
      { modelId: "meta.llama3-1-8b-instruct-v1:0", region: "us-west-2", passedOver: "blocked-region" },
    ]);
  });

  it("no other Region if the endpoint is pinned", () => {
    const regions = candidatesFor(call(), MODEL, "us-west-2", { ...rules, models: {} }, true);
    expect(regions.map(({ passedOver }) => passedOver)).toEqual([undefined, "endpoint-pinned", "blocked-region"]);
  });

  it("for an application inference profile, its own model, and what is listed for it", () => {
    const through = call({ modelId: "abcdefghijkl" });
    const none = { models: {}, allowRegions: [] };
    expect(candidatesFor(through, MODEL, "us-west-2", none, false)).toEqual([{ modelId: MODEL, region: "us-east-1" }]);
    const byModel = { models: { [MODEL]: "ai21.jamba-1-5-mini-v1:0" }, allowRegions: [] };
    expect(candidatesFor(through, MODEL, "us-west-2", byModel, false)[1]).toEqual({
      modelId: "ai21.jamba-1-5-mini-v1:0",
      region: "us-east-1",
    });
  });

  it("only what is listed for the profile, while its own models are unknown", () => {
    const models = candidatesFor(call(), undefined, "us-west-2", rules, false).map(({ modelId }) => modelId);
    expect(new Set(models)).toEqual(new Set(["meta.llama3-1-8b-instruct-v1:0"]));
    const byModel = { models: { [MODEL]: "ai21.jamba-1-5-mini-v1:0" }, allowRegions: [] };
    expect(candidatesFor(call(), undefined, "us-west-2", byModel, false)).toEqual([]);
  });

  it("only to what the application or the profile lists, whatever the rules are", () => {
    const region = fc.constantFrom("us-east-1", "us-west-2", "eu-west-2", "ap-south-1");
    const model = fc.constantFrom(MODEL, "meta.llama3-1-8b-instruct-v1:0", "ai21.jamba-1-5-mini-v1:0");
    const anyRules = fc.record({
      models: fc.dictionary(fc.constantFrom(PROFILE, MODEL, "other"), model),
      allowRegions: fc.array(region),
    });
    fc.assert(
      fc.property(anyRules, region, fc.boolean(), (some, sourceRegion, isPinned) => {
        for (const candidate of candidatesFor(call({ sourceRegion }), MODEL, "eu-west-1", some, isPinned)) {
          expect([sourceRegion, ...some.allowRegions]).toContain(candidate.region);
          expect([MODEL, ...Object.values(some.models)]).toContain(candidate.modelId);
          if (isPinned && candidate.region !== sourceRegion) expect(candidate.passedOver).toBe("endpoint-pinned");
        }
      }),
    );
  });
});

describe("the lookup of a candidate", () => {
  const place = { modelId: MODEL, region: "us-east-1" };
  const found = (over: object) => ({
    via: "api" as const,
    asOf: "2026-01-01T00:00:00.000Z",
    model: { id: MODEL, region: "us-east-1", inferenceTypes: ["ON_DEMAND"], lifecycle: "ACTIVE", ...over },
  });
  const known = { ...place, knownFrom: "api", asOf: "2026-01-01T00:00:00.000Z" };
  const now = Date.parse("2026-11-24T00:00:00Z");

  it.each([
    ["on demand", found({}), { ...known, outcome: "not-tried" }],
    [
      "on demand, among types of tomorrow",
      found({ inferenceTypes: ["FLEX", "ON_DEMAND"] }),
      { ...known, outcome: "not-tried" },
    ],
    [
      "profile only",
      found({ inferenceTypes: ["INFERENCE_PROFILE"] }),
      { ...known, outcome: "passed-over", reason: "profile-only" },
    ],
    [
      "legacy, which its users can still call",
      found({ lifecycle: "LEGACY" }),
      { ...known, outcome: "not-tried", lifecycle: "LEGACY" },
    ],
    [
      "ended",
      found({ endOfLife: "2026-11-23T00:00:00Z" }),
      { ...known, outcome: "passed-over", reason: "end-of-life" },
    ],
    [
      "not found",
      { via: "none" as const, failure: { reason: "not-found" as const, at: "" } },
      { ...place, outcome: "passed-over", reason: "not-found" },
    ],
    [
      "nobody knows",
      { via: "none" as const, failure: { reason: "denied" as const, at: "" } },
      { ...place, outcome: "passed-over", reason: "unknown" },
    ],
    ["no lookup", undefined, { ...place, outcome: "passed-over", reason: "unknown" }],
  ])("%s", (_, lookup, expected) => {
    expect(consider(place, lookup, now)).toEqual(expected);
  });

  it("keeps the earlier reason for which it was passed over", () => {
    const candidate = { ...place, passedOver: "endpoint-pinned" as const };
    expect(consider(candidate, undefined, now)).toEqual({
      ...place,
      outcome: "passed-over",
      reason: "endpoint-pinned",
    });
  });
});

describe("the input for a candidate", () => {
  it("keeps everything except the model and what only profiles accept", () => {
    const body = new Uint8Array([1, 2, 3]);
    const input = {
      modelId: PROFILE,
      body,
      guardrailIdentifier: "g",
      performanceConfigLatency: "optimized",
      serviceTier: "flex",
    };
    const changed = inputFor({ modelId: MODEL, region: "us-east-1" }, input);
    expect(changed).toEqual({
      input: { modelId: MODEL, body, guardrailIdentifier: "g" },
      dropped: ["performanceConfigLatency", "serviceTier"],
    });
    expect(changed.input.body).toBe(body);
    expect(input.modelId).toBe(PROFILE);
  });

  it("recognizes a guardrail in both forms", () => {
    expect(hasGuardrail({ input: { guardrailIdentifier: "g" } })).toBe(true);
    expect(hasGuardrail({ input: { guardrailConfig: { guardrailIdentifier: "g" } } })).toBe(true);
    expect(hasGuardrail({ input: { guardrailConfig: undefined } })).toBe(false);
  });
});
