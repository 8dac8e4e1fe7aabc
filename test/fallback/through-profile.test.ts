import { describe, expect, it } from "vitest";
import { Call, type Send } from "../../src/call/call.js";
import { reportOf } from "../../src/fallback/report.js";
import { type ProfileLookups, profileOfBareModel, throughProfile } from "../../src/fallback/through-profile.js";
import * as bundled from "../../src/resolve/known-profiles.js";
import type { ModelReference } from "../../src/resolve/model-id.js";
import { type ProfileCatalog, profileCatalog } from "../../src/resolve/profile-catalog.js";
import type { ProfileLookup } from "../../src/resolve/resolve.js";

const OPUS = "anthropic.claude-opus-5";

/** The profiles that GetInferenceProfile finds, as destinations by ID; or "denied". */
type Service = Record<string, string[]> | "denied";

function portsOf(service: Service, catalog: ProfileCatalog = bundled): ProfileLookups & { asked: string[] } {
  const asked: string[] = [];
  const lookUp = (id: string, sourceRegion: string): ProfileLookup => {
    const at = "2026-11-25T00:00:00.000Z";
    if (service === "denied") {
      const known = catalog.knownProfile(id, sourceRegion);
      const failure = { reason: "denied", at } as const;
      if (known === undefined) return { via: "none", cached: false, failure };
      return { via: "bundled-catalog", cached: false, profile: known.profile, asOf: known.asOf, failure };
    }
    const regions = service[id];
    if (regions === undefined) return { via: "none", cached: false, failure: { reason: "not-found", at } };
    const modelId = id.slice(id.indexOf(".") + 1);
    const models = regions.map((region) => {
      const inArn = region === "unspecified" ? "" : region;
      return { arn: `arn:aws:bedrock:${inArn}::foundation-model/${modelId}`, modelId, region };
    });
    return { via: "api", cached: false, asOf: at, profile: { id, type: "SYSTEM_DEFINED", sourceRegion, models } };
  };
  return {
    asked,
    catalog: async () => catalog,
    resolveModel: async (id, region) => ({ via: "api", model: { id, region, inferenceTypes: ["INFERENCE_PROFILE"] } }),
    resolveProfile: async (reference: ModelReference, sourceRegion) => {
      asked.push(reference.id);
      return lookUp(reference.id, sourceRegion);
    },
  };
}

/** A catalog of one source Region. */
const catalogWith = (profiles: Record<string, (number | string)[]>) =>
  profileCatalog({
    asOf: "2026-10-07",
    sources: [["2026-10-07", "scan"]],
    regionSets: ["ap-south-1", "*", "ap-south-1 ap-south-2", "ap-south-1 ap-south-2 ap-southeast-1"],
    routes: [[[0, 0, 1]], [[0, 0, 2]], [[0, 0, 3]]],
    profiles,
  });

const find = async (ports: ProfileLookups, route: "geographic" | "global", modelId = OPUS) =>
  (await profileOfBareModel(modelId, "ap-south-1", route, ports, undefined))?.profileId;

describe("the inference profile of a bare model ID", () => {
  const india: Service = {
    [`in.${OPUS}`]: ["ap-south-1", "ap-south-2"],
    [`global.${OPUS}`]: ["unspecified", "ap-south-1"],
  };

  it("is in. and not global. for Opus 5 in Mumbai", async () => {
    expect(await find(portsOf(india), "geographic")).toBe(`in.${OPUS}`);
    expect(await find(portsOf("denied"), "geographic")).toBe(`in.${OPUS}`);
    expect(await find(portsOf(india), "global")).toBe(`global.${OPUS}`);
  });

  it("is found by its prefix if the catalog has another profile of the model only", async () => {
    const partly = catalogWith({ [`global.${OPUS}`]: [0], "in.acme.m": [1], "apac.acme.m": [2] });
    const ports = portsOf(india, partly);
    expect(await find(ports, "geographic")).toBe(`in.${OPUS}`);
    // Each candidate is looked up once, and none of another route.
    expect(ports.asked).toEqual([`in.${OPUS}`, `apac.${OPUS}`]);
  });

  it("is the same for a model that the catalog contains partly, or not at all", async () => {
    const partly = catalogWith({ [`apac.${OPUS}`]: [2], "in.acme.m": [1], "global.acme.m": [0] });
    const none = catalogWith({ "apac.acme.m": [2], "in.acme.m": [1], "global.acme.m": [0] });
    for (const route of ["geographic", "global"] as const) {
      const found = await Promise.all([partly, none].map((catalog) => find(portsOf(india, catalog), route)));
      expect(found[0]).toBe(found[1]);
      expect(found[0]).toBeDefined();
    }
  });

  it("isn't guessed if GetInferenceProfile is denied", async () => {
    const none = catalogWith({ "in.acme.m": [1], "global.acme.m": [0] });
    expect(await find(portsOf("denied", none), "geographic")).toBeUndefined();
  });

  it("can be one that the catalog marks as retired only if GetInferenceProfile finds it", async () => {
    const retired = catalogWith({ [`in.${OPUS}`]: [1, "", 1] });
    expect(await find(portsOf("denied", retired), "geographic")).toBeUndefined();
    expect(await find(portsOf(india, retired), "geographic")).toBe(`in.${OPUS}`);
  });
});

describe("the layer that sends a bare model through its profile", () => {
  class Converse {
    readonly schema = [9, "", "Converse"];
    constructor(readonly input: { modelId: string }) {}
  }
  const callOf = (modelId: string) =>
    Call.of({
      command: new Converse({ modelId }),
      options: undefined,
      attempt: async () => undefined,
      sourceRegion: "ap-south-1",
    });
  const ports = () => portsOf({ [`global.${OPUS}`]: ["unspecified", "ap-south-1"] });
  const routing = (lookups: ProfileLookups = ports()) =>
    ({ route: "global", lookups, timeoutMs: 1_000, catalogOf: (date: string) => `catalog of ${date}` }) as const;
  const answering: Send = async (call) => ({ output: call.modelId });

  it("reports what it changed, and doesn't change the call that it received", async () => {
    const call = callOf(OPUS);
    const result = await throughProfile(routing())(answering)(call);
    expect(result).toMatchObject({
      output: `global.${OPUS}`,
      report: { reason: "profile-only-model", requested: { modelId: OPUS, region: "ap-south-1" } },
    });
    expect(call.modelId).toBe(OPUS);
  });

  it("returns the failure of the call that was sent", async () => {
    const failing: Send = async (call) => ({ error: "failed", refusal: null, sent: call });
    const result = await throughProfile(routing())(failing)(callOf(OPUS));
    expect(result).toMatchObject({
      error: "failed",
      sent: { modelId: `global.${OPUS}`, requested: { modelId: OPUS } },
    });
  });

  it("keeps the report of a fallback", async () => {
    const report = reportOf(callOf(OPUS), { why: "the fallback's" });
    const result = await throughProfile(routing())(async () => ({ output: 1, report }))(callOf(OPUS));
    expect(result).toEqual({ output: 1, report });
  });

  it("passes on a profile, and a model whose lookup fails, unchanged", async () => {
    const failing = { ...ports(), resolveModel: () => Promise.reject(new Error("down")) };
    expect(await throughProfile(routing(failing))(answering)(callOf(OPUS))).toEqual({ output: OPUS });
    const { asked, ...lookups } = ports();
    const profile = `us.${OPUS}`;
    expect(await throughProfile(routing(lookups))(answering)(callOf(profile))).toEqual({ output: profile });
    expect(asked).toEqual([]);
  });
});
