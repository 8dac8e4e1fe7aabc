import { describe, expect, it } from "vitest";
import { ownModelsOf, routesTo } from "../../src/fallback/own-models.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import type { InferenceProfile } from "../../src/resolve/profile-source.js";
import type { ProfileLookup } from "../../src/resolve/resolve.js";

const MODEL = "amazon.nova-pro-v1:0";
const modelIn = (region: string, modelId = MODEL) => ({
  arn: `arn:aws:bedrock:${region === "unspecified" ? "" : region}::foundation-model/${modelId}`,
  modelId,
  region,
});
const profile = (...models: InferenceProfile["models"]): InferenceProfile => ({
  id: `us.${MODEL}`,
  type: "SYSTEM_DEFINED",
  sourceRegion: "us-east-1",
  models,
});
const failed = (reason: "denied" | "not-found"): ProfileLookup => ({
  via: "none",
  cached: false,
  failure: { reason, at: "" },
});

describe("a profile's own models", () => {
  it("are those that were looked up, even if the prefix suggests another one", () => {
    const models = [modelIn("us-east-1"), modelIn("us-west-2")];
    const lookup: ProfileLookup = { via: "api", cached: false, profile: profile(...models) };
    const own = ownModelsOf(parseModelId("us.acme.other-v1:0"), lookup);
    expect(own).toEqual({ modelIds: [MODEL, MODEL], models });
  });

  it.each([
    ["a system-defined profile of a known geography", `us.${MODEL}`, failed("denied"), true],
    ["the same without a lookup", `us.${MODEL}`, undefined, true],
    ["its ARN", `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${MODEL}`, failed("denied"), true],
    ["an unknown geography", `uk.${MODEL}`, failed("denied"), false],
    ["what only looks like a profile", "acme.model.large", failed("denied"), false],
    ["a profile that doesn't exist", `us.${MODEL}`, failed("not-found"), false],
    ["an application profile", "abcdefghijkl", failed("denied"), false],
    [
      "an application profile's ARN",
      "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl",
      failed("denied"),
      false,
    ],
  ])("by the prefix alone: %s", (_, modelId, lookup, isKnown) => {
    const own = ownModelsOf(parseModelId(modelId), lookup);
    expect(own).toEqual(isKnown ? { modelIds: [MODEL] } : undefined);
  });
});

describe("the destinations of a profile", () => {
  const geographic = { modelIds: [MODEL], models: [modelIn("us-east-1"), modelIn("us-west-2")] };
  const global = { modelIds: [MODEL], models: [modelIn("unspecified"), modelIn("us-east-1")] };
  it.each([
    [geographic, MODEL, "us-west-2", true],
    [geographic, MODEL, "eu-west-1", false],
    [geographic, MODEL, "unspecified", false],
    [geographic, "acme.other", "us-west-2", false],
    [global, MODEL, "unspecified", true],
    [global, MODEL, "ap-northeast-1", true],
    [global, "acme.other", "unspecified", false],
    [{ modelIds: [MODEL] }, MODEL, "us-west-2", true],
    [{ modelIds: [MODEL] }, "acme.other", "us-west-2", false],
  ])("%#: %s in %s", (own, modelId, region, expected) => {
    expect(routesTo(own, { modelId, region })).toBe(expected);
  });
});
