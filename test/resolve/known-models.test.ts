import { describe, expect, it } from "vitest";
import { knownModel } from "../../src/resolve/known-models.js";

const inRegion = (modelId: string, region: string) => {
  const known = knownModel(modelId, region);
  if (known === undefined) return undefined;
  const { inferenceTypes, lifecycle } = known.model;
  return { isOnDemand: inferenceTypes.includes("ON_DEMAND"), lifecycle, asOf: known.asOf };
};

describe("the bundled catalog of models", () => {
  it.each([
    ["anthropic.claude-sonnet-5", "ap-northeast-2", true],
    ["anthropic.claude-sonnet-5", "ap-southeast-1", true],
    ["anthropic.claude-sonnet-5", "us-east-1", false],
    ["anthropic.claude-opus-5", "ap-northeast-2", true],
    ["anthropic.claude-opus-5-5", "eu-west-2", true],
    ["anthropic.claude-opus-5-5", "eu-west-1", false],
    ["moonshotai.kimi-k3", "us-east-1", false],
  ])("%s in %s can be called by its own ID: %s", (modelId, region, isOnDemand) => {
    expect(inRegion(modelId, region)).toEqual({ isOnDemand, lifecycle: "ACTIVE", asOf: "2026-10-07" });
  });

  it("keeps the lifecycle, on-demand support, and date of each Region", () => {
    const haiku = "anthropic.claude-3-haiku-20240307-v1:0";
    expect(inRegion(haiku, "ap-south-1")).toEqual({ isOnDemand: true, lifecycle: "ACTIVE", asOf: "2026-10-07" });
    expect(inRegion(haiku, "eu-central-2")).toEqual({ isOnDemand: true, lifecycle: "LEGACY", asOf: "2026-08-21" });
    // The newest scan of this Region no longer lists the model.
    expect(inRegion(haiku, "us-east-1")).toEqual({ isOnDemand: false, lifecycle: "LEGACY", asOf: "2026-08-21" });
  });

  it("doesn't state a lifecycle for a Region that no source lists", () => {
    expect(inRegion("deepseek.r1-v1:0", "eu-west-1")).toEqual({
      isOnDemand: false,
      lifecycle: undefined,
      asOf: "2026-10-07",
    });
  });
});
