import { describe, expect, it } from "vitest";
import { type FoundationModel, ModelResolver } from "../../src/resolve/foundation-models.js";
import { knownModel } from "../../src/resolve/known-models.js";
import { onDemandAvailability } from "../../src/resolve/model-availability.js";

const NOVA = "amazon.nova-pro-v1:0";
const never = new AbortController().signal;

function resolverOf(lookUpModel: (modelId: string, region: string) => Promise<FoundationModel>) {
  const asked: string[] = [];
  const source = {
    lookUpModel: (modelId: string, region: string) => {
      asked.push(`${region} ${modelId}`);
      return lookUpModel(modelId, region);
    },
  };
  const catalog = () => import("../../src/resolve/known-models.js");
  return { asked, resolver: new ModelResolver({ source, catalog, cacheTtlMs: 60_000, timeoutMs: 50 }) };
}

const failing = (name: string) => async () => {
  throw Object.assign(new Error("no"), { name });
};

describe("the availability of a model in a Region", () => {
  it("is what the API returns, with one request per Region", async () => {
    const { asked, resolver } = resolverOf(async (id, region) => ({ id, region, inferenceTypes: ["ON_DEMAND"] }));
    const [first, second] = [
      await resolver.resolve(NOVA, "us-east-1", never),
      await resolver.resolve(NOVA, "us-east-1", never),
    ];
    expect(first).toMatchObject({ via: "api", model: { region: "us-east-1", inferenceTypes: ["ON_DEMAND"] } });
    expect(second).toEqual(first);
    await resolver.resolve(NOVA, "eu-west-2", never);
    expect(asked).toEqual([`us-east-1 ${NOVA}`, `eu-west-2 ${NOVA}`]);
    resolver.destroy();
  });

  it.each([
    ["AccessDeniedException", "denied"],
    ["ThrottlingException", "throttled"],
    ["ENOTFOUND", "unreachable"],
  ])("comes from the bundled catalog if the API fails with %s, which is reported", async (name, reason) => {
    const { resolver } = resolverOf(failing(name));
    expect(await resolver.resolve(NOVA, "us-east-1", never)).toMatchObject({
      via: "bundled-catalog",
      asOf: "2026-10-07",
      model: { inferenceTypes: ["ON_DEMAND", "INFERENCE_PROFILE"] },
      failure: { reason },
    });
    expect(await resolver.resolve("acme.new-1", "us-east-1", never)).toMatchObject({
      via: "none",
      failure: { reason },
    });
  });

  it("is undefined if the service doesn't have the model, even if an older list does", async () => {
    const { resolver } = resolverOf(failing("ResourceNotFoundException"));
    expect(await resolver.resolve(NOVA, "us-east-1", never)).toMatchObject({
      via: "none",
      failure: { reason: "not-found" },
    });
  });

  it.each([
    ["another model's answer", { id: "other", region: "us-east-1", inferenceTypes: [] }],
    ["an answer without types", { id: NOVA, region: "us-east-1" }],
  ])("isn't taken from %s", async (_, answer) => {
    const { resolver } = resolverOf(async () => answer as FoundationModel);
    expect(await resolver.resolve(NOVA, "us-east-1", never)).toMatchObject({ failure: { reason: "malformed" } });
  });

  it("is available in time if the API hangs", async () => {
    const { resolver } = resolverOf(() => new Promise(() => {}));
    expect(await resolver.resolve(NOVA, "us-east-1", never)).toMatchObject({
      via: "bundled-catalog",
      failure: { reason: "timeout" },
    });
  });
});

describe("the bundled catalog of models", () => {
  it.each([
    [NOVA, "us-east-1", "available"],
    [NOVA, "us-west-2", "profile-only"],
    ["anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1", "profile-only"],
    ["anthropic.claude-sonnet-4-6", "eu-west-2", "available"],
  ])("%s in %s: %s", (modelId, region, availability) => {
    const known = knownModel(modelId, region);
    expect(known && onDemandAvailability(known.model, 0)).toBe(availability);
  });

  it("distinguishes a legacy model, and has nothing about unknown models", () => {
    expect(knownModel("amazon.nova-premier-v1:0", "us-east-1")?.model.lifecycle).toBe("LEGACY");
    expect(knownModel("acme.new-1", "us-east-1")).toBeUndefined();
  });
});
