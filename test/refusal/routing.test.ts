import { describe, expect, it } from "vitest";
import { deniedModelOf } from "../../src/refusal/routing.js";

const MODEL = "amazon.nova-pro-v1:0";
const PROFILE = `us.${MODEL}`;

describe("the model that was denied", () => {
  it.each([
    [`arn:aws:bedrock:us-west-2::foundation-model/${MODEL}`, { modelId: MODEL, region: "us-west-2" }],
    [`arn:aws:bedrock:::foundation-model/${MODEL}`, { modelId: MODEL, region: "unspecified" }],
    [`arn:aws:bedrock:us-east-1:111122223333:inference-profile/${PROFILE}`, undefined],
    [`arn:aws:sagemaker:us-west-2::foundation-model/${MODEL}`, undefined],
    ["*", undefined],
    [undefined, undefined],
  ])("%s", (resource, expected) => {
    expect(deniedModelOf({ raw: "", kind: "iam-denied", ...(resource ? { resource } : {}) })).toEqual(expected);
  });
});
