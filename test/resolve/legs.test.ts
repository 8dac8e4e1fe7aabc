import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionOf } from "../../src/authorization.js";
import { authorizationLegs, type LegsRequest } from "../../src/resolve/legs.js";
import type { InferenceProfile } from "../../src/resolve/profile-source.js";

const ACCOUNT = "111122223333";
const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const model = (region: string, partition = "aws") => ({
  arn: `arn:${partition}:bedrock:${region === "unspecified" ? "" : region}::foundation-model/${MODEL}`,
  modelId: MODEL,
  region,
});

function profile(prefix: string, sourceRegion: string, regions: string[], partition = "aws"): InferenceProfile {
  const id = `${prefix}.${MODEL}`;
  const arn = `arn:${partition}:bedrock:${sourceRegion}:${ACCOUNT}:inference-profile/${id}`;
  return { id, arn, type: "SYSTEM_DEFINED", sourceRegion, models: regions.map((region) => model(region, partition)) };
}

const through = (found: InferenceProfile, operation = "Converse") =>
  authorizationLegs({
    operation,
    modelId: found.id,
    sourceRegion: found.sourceRegion,
    accountId: ACCOUNT,
    profile: found,
  });
const short = (legs: ReturnType<typeof authorizationLegs>) => legs.map(({ stage, region }) => `${stage} ${region}`);

describe("authorizationLegs", () => {
  it("returns the profile, the source Region's model, and each other destination's, for a geographic profile", () => {
    const us = profile("us", "us-east-1", ["us-east-1", "us-east-2", "us-west-2"]);
    expect(through(us)).toEqual([
      { stage: "profile", action: "bedrock:InvokeModel", resource: us.arn, region: "us-east-1" },
      ...["us-east-1", "us-east-2", "us-west-2"].map((region) => ({
        stage: region === "us-east-1" ? "source-model" : "destination-model",
        action: "bedrock:InvokeModel",
        resource: model(region).arn,
        region,
        inferenceProfileArn: us.arn,
      })),
    ]);
  });

  it("returns the Region-less model, for a global profile", () => {
    expect(short(through(profile("global", "us-east-1", ["unspecified", "us-east-1"])))).toEqual([
      "profile us-east-1",
      "source-model us-east-1",
      "global-model unspecified",
    ]);
  });

  it("keeps the source Region's model as a leg if it isn't a destination", () => {
    expect(short(through(profile("us", "us-east-2", ["us-east-1", "us-west-2"])))).toEqual([
      "profile us-east-2",
      "source-model us-east-2",
      "destination-model us-east-1",
      "destination-model us-west-2",
    ]);
    const gov = through(profile("us-gov", "us-gov-east-1", ["us-gov-west-1"], "aws-us-gov"));
    expect(gov.map(({ resource }) => resource.split(":")[1])).toEqual(["aws-us-gov", "aws-us-gov", "aws-us-gov"]);
    expect(short(gov)).toContain("source-model us-gov-east-1");
  });

  it("binds the models behind an application inference profile to that profile's ARN", () => {
    const arn = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`;
    const found: InferenceProfile = {
      ...profile("us", "us-east-1", ["us-east-1", "us-west-2"]),
      id: "a1b2c3d4e5f6",
      arn,
      type: "APPLICATION",
    };
    const [first, ...models] = through(found);
    expect(first).toEqual({ stage: "profile", action: "bedrock:InvokeModel", resource: arn, region: "us-east-1" });
    expect(models.map(({ inferenceProfileArn }) => inferenceProfileArn)).toEqual([arn, arn]);
  });

  it("returns what is certain without the profile's destinations, and invents no account", () => {
    const legs = authorizationLegs({ operation: "Converse", modelId: `us.${MODEL}`, sourceRegion: "us-east-1" });
    expect(legs.map(({ stage, resource }) => [stage, resource])).toEqual([
      ["profile", `arn:aws:bedrock:us-east-1:<account-id>:inference-profile/us.${MODEL}`],
      ["source-model", model("us-east-1").arn],
    ]);
  });

  it.each([
    ["arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc", "bedrock:InvokeModel", undefined],
    ["arn:aws:bedrock:us-east-1:111122223333:imported-model/abc", "bedrock:InvokeModel", undefined],
    ["arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/abc", "bedrock:InvokeModel", undefined],
    ["arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ", "bedrock:RenderPrompt", undefined],
    [
      "arn:aws:sagemaker:us-east-1:111122223333:endpoint/mine",
      "bedrock:InvokeModel",
      "arn:aws:bedrock:us-east-1:111122223333:marketplace/model-endpoint/all-access",
    ],
  ])("passes %s through as one leg", (modelId, action, resource) => {
    expect(authorizationLegs({ operation: "Converse", modelId, sourceRegion: "us-east-1" })).toEqual([
      { stage: "model", action, resource: resource ?? modelId, region: "us-east-1" },
    ]);
  });

  it("returns one leg for a model called directly, and none for an operation without a model", () => {
    const ask = (operation: string, modelId: string) =>
      authorizationLegs({ operation, modelId, sourceRegion: "us-east-1", accountId: ACCOUNT });
    expect(ask("InvokeModel", MODEL)).toEqual([
      { stage: "model", action: "bedrock:InvokeModel", resource: model("us-east-1").arn, region: "us-east-1" },
    ]);
    expect(ask("CountTokens", MODEL).map(({ action }) => action)).toEqual(["bedrock:CountTokens"]);
    expect(ask("ApplyGuardrail", MODEL)).toEqual([]);
    expect(ask("Converse", "not an id")).toEqual([]);
  });

  it("contains each leg once, and every destination", () => {
    const region = fc.constantFrom("us-east-1", "us-east-2", "us-west-2", "ca-central-1", "unspecified");
    fc.assert(
      fc.property(fc.constantFrom("us-east-1", "eu-west-1"), fc.array(region, { minLength: 1 }), (source, regions) => {
        const legs = through(profile("us", source, regions));
        expect(new Set(legs.map(({ resource }) => resource)).size).toBe(legs.length);
        for (const destination of [source, ...regions]) {
          expect(legs.some((leg) => leg.stage !== "profile" && leg.region === destination)).toBe(true);
        }
      }),
    );
  });

  it.each<[Partial<LegsRequest>, string]>([
    [{ operation: "" }, 'operation must be the name of an operation, such as "Converse"; it is "".'],
    [{ modelId: undefined as unknown as string }, "modelId must be"],
    [{ sourceRegion: "" }, "sourceRegion must be"],
    [{ accountId: "" }, "accountId must be"],
    [
      { profile: profile("us", "us-west-2", ["us-west-2"]) },
      'must have been looked up from us-east-1; its sourceRegion is "us-west-2".',
    ],
    [{ profile: {} as InferenceProfile }, "it has no models."],
  ])("throws for %j and identifies the field", (wrong, message) => {
    const request = { operation: "Converse", modelId: `us.${MODEL}`, sourceRegion: "us-east-1", ...wrong };
    expect(() => authorizationLegs(request)).toThrow(message);
  });
});

describe("actionOf", () => {
  it.each([
    ["Converse", "bedrock:InvokeModel"],
    ["ConverseCommand", "bedrock:InvokeModel"],
    ["ConverseStream", "bedrock:InvokeModelWithResponseStream"],
    ["InvokeModelWithBidirectionalStream", "bedrock:InvokeModel"],
    ["StartAsyncInvoke", "bedrock:InvokeModel"],
    ["SomethingNew", undefined],
  ])("of %s is %s", (operation, action) => expect(actionOf(operation)).toBe(action));
});
