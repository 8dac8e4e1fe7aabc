import { describe, expect, it } from "vitest";
import { parseRefusal } from "../../src/refusal/parse.js";
import known from "../../src/resolve/known-models.data.json" with { type: "json" };
import { knownModel } from "../../src/resolve/known-models.js";
import profileData from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import { knownProfilesFrom, knownSourceRegions } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";

const ACCOUNT = "111122223333";
const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const US_SONNET = `us.${SONNET}`;
const NOVA = "amazon.nova-pro-v1:0";

// Whatever an operation returns.
// biome-ignore lint/suspicious/noExplicitAny: the assertions say what is expected of it.
type Answer = any;

async function ask(bedrock: SimulatedBedrock, region: string, path: string) {
  const response = await bedrock.handle(new Request(`https://bedrock.${region}.amazonaws.com/${path}`));
  return { status: response.status, body: (await response.json()) as Answer };
}

async function converse(bedrock: SimulatedBedrock, region: string, modelId: string) {
  const url = `https://bedrock-runtime.${region}.amazonaws.com/model/${encodeURIComponent(modelId)}/converse`;
  const body = JSON.stringify({ messages: [{ role: "user", content: [{ text: "Hello" }] }] });
  const response = await bedrock.handle(new Request(url, { method: "POST", body }));
  const name = response.headers.get("x-amzn-errortype")?.split(":")[0];
  const { message } = (await response.json()) as Answer;
  return { status: response.status, ...(name ? { name, message } : {}) };
}

const legsOf = ({ requests }: SimulatedBedrock) => requests.at(-1)?.legs.map(({ leg }) => leg);

const PROFILES = Object.keys(profileData.profiles);
const SOURCE_REGIONS = [...new Set(PROFILES.flatMap(knownSourceRegions))];

describe("the profiles of the bundled catalog", () => {
  it("are offered from every source Region that has them, and authorize the legs of the call", async () => {
    const bedrock = new SimulatedBedrock();
    let calls = 0;
    for (const sourceRegion of SOURCE_REGIONS) {
      for (const { profile } of knownProfilesFrom(sourceRegion)) {
        expect(await converse(bedrock, sourceRegion, profile.id), `${profile.id} ${sourceRegion}`).toEqual({
          status: 200,
        });
        const request = { operation: "Converse", modelId: profile.id, sourceRegion, accountId: ACCOUNT, profile };
        expect(legsOf(bedrock)).toEqual(authorizationLegs(request));
        calls += 1;
      }
    }
    expect(calls).toBe(PROFILES.flatMap(knownSourceRegions).length);
  });

  it("are returned by GetInferenceProfile by id and by ARN, with the Region's own partition", async () => {
    const bedrock = new SimulatedBedrock();
    const id = `us-gov.${SONNET}`;
    const arn = `arn:aws-us-gov:bedrock:us-gov-east-1:${ACCOUNT}:inference-profile/${id}`;
    for (const asked of [id, arn]) {
      const { body } = await ask(bedrock, "us-gov-east-1", `inference-profiles/${encodeURIComponent(asked)}`);
      expect(body).toMatchObject({
        inferenceProfileId: id,
        inferenceProfileArn: arn,
        type: "SYSTEM_DEFINED",
        status: "ACTIVE",
        models: [{ modelArn: `arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${SONNET}` }],
      });
    }
  });

  it.each([
    ["another source Region", `arn:aws:bedrock:us-west-2:${ACCOUNT}:inference-profile/${US_SONNET}`],
    ["another account", `arn:aws:bedrock:us-east-1:999900001111:inference-profile/${US_SONNET}`],
    ["no account", `arn:aws:bedrock:us-east-1::inference-profile/${US_SONNET}`],
    ["another resource type", `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/${US_SONNET}`],
    ["another partition", `arn:aws-cn:bedrock:us-east-1:${ACCOUNT}:inference-profile/${US_SONNET}`],
  ])("aren't found by an ARN with %s", async (_, arn) => {
    const bedrock = new SimulatedBedrock();
    expect((await ask(bedrock, "us-east-1", `inference-profiles/${encodeURIComponent(arn)}`)).status).toBe(404);
    expect((await converse(bedrock, "us-east-1", arn)).status).toBe(400);
  });

  it("are listed page by page, without duplicates", async () => {
    const bedrock = new SimulatedBedrock();
    const ids: string[] = [];
    let token = "";
    do {
      const { body } = await ask(bedrock, "eu-west-1", `inference-profiles?maxResults=7${token}`);
      for (const { inferenceProfileId } of body.inferenceProfileSummaries) ids.push(inferenceProfileId);
      token = body.nextToken ? `&nextToken=${body.nextToken}` : "";
    } while (token !== "");
    expect(ids).toEqual(knownProfilesFrom("eu-west-1").map(({ profile }) => profile.id));
    expect((await ask(bedrock, "eu-west-1", "inference-profiles?type=APPLICATION")).body).toEqual({
      inferenceProfileSummaries: [],
    });
  });
});

describe("the models of the bundled catalog", () => {
  it("can be called on demand in the Regions that offer it, and need a profile elsewhere", async () => {
    const bedrock = new SimulatedBedrock();
    for (const id of Object.keys(known.models)) {
      for (const region of ["us-east-1", "eu-west-2", "ap-northeast-2"]) {
        const inferenceTypes = knownModel(id, region)?.model.inferenceTypes;
        if (inferenceTypes === undefined) continue;
        const isOnDemand = inferenceTypes.includes("ON_DEMAND");
        expect(await converse(bedrock, region, id), `${id} ${region}`).toEqual(
          isOnDemand
            ? { status: 200 }
            : {
                status: 400,
                name: "ValidationException",
                message: `Invocation of model ID ${id} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
              },
        );
        const { body } = await ask(bedrock, region, `foundation-models/${encodeURIComponent(id)}`);
        expect(body.modelDetails.inferenceTypesSupported).toEqual(inferenceTypes);
      }
    }
  });

  it("are found by their ARN in this Region, and authorized on it", async () => {
    const bedrock = new SimulatedBedrock();
    const arn = `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`;
    expect(await converse(bedrock, "us-east-1", arn)).toEqual({ status: 200 });
    const { body } = await ask(bedrock, "us-east-1", `foundation-models/${encodeURIComponent(arn)}`);
    expect(body.modelDetails).toMatchObject({ modelArn: arn, modelId: NOVA, modelLifecycle: { status: "ACTIVE" } });
    expect(legsOf(bedrock)).toEqual([
      { stage: "model", action: "bedrock:GetFoundationModel", resource: arn, region: "us-east-1" },
    ]);
    expect(await converse(bedrock, "us-west-2", arn)).toMatchObject({ status: 400 });
  });

  it("have their lifecycle and their availability", async () => {
    const bedrock = new SimulatedBedrock();
    const premier = await ask(bedrock, "us-east-1", "foundation-models/amazon.nova-premier-v1:0");
    expect(premier.body.modelDetails.modelLifecycle).toEqual({ status: "LEGACY" });
    expect((await ask(bedrock, "us-east-1", `foundation-model-availability/${SONNET}`)).body).toMatchObject({
      modelId: SONNET,
      authorizationStatus: "AUTHORIZED",
    });
  });

  it("include those that only a profile lists", async () => {
    const bedrock = new SimulatedBedrock();
    const { body } = await ask(bedrock, "us-east-1", "foundation-models/anthropic.claude-opus-5-5");
    expect(body.modelDetails.inferenceTypesSupported).toEqual(["INFERENCE_PROFILE"]);
  });
});

describe("what a test adds", () => {
  it("takes precedence over the catalog, until it's removed", async () => {
    const bedrock = new SimulatedBedrock();
    const removeProfile = bedrock.addProfile({ id: US_SONNET, modelId: NOVA, routes: { "us-east-1": ["us-east-1"] } });
    const removeModel = bedrock.addModel({ id: SONNET, onDemandRegions: ["us-east-1"], lifecycle: "LEGACY" });
    expect(await converse(bedrock, "us-east-1", US_SONNET)).toEqual({ status: 200 });
    expect(legsOf(bedrock)?.map(({ resource }) => resource)).toEqual([
      `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${US_SONNET}`,
      `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`,
    ]);
    expect((await converse(bedrock, "us-west-2", US_SONNET)).status).toBe(400);
    expect(await converse(bedrock, "us-east-1", SONNET)).toEqual({ status: 200 });
    expect((await ask(bedrock, "us-east-1", "inference-profiles")).body.inferenceProfileSummaries[0]).toMatchObject({
      inferenceProfileId: US_SONNET,
    });
    removeProfile();
    removeModel();
    expect(await converse(bedrock, "us-west-2", US_SONNET)).toEqual({ status: 200 });
    expect((await converse(bedrock, "us-east-1", SONNET)).status).toBe(400);
  });

  it("isn't removed by what it replaced", async () => {
    const bedrock = new SimulatedBedrock();
    const first = bedrock.addModel({ id: "acme.m", onDemandRegions: [] });
    bedrock.addModel({ id: "acme.m", onDemandRegions: ["us-east-1"] });
    first();
    expect(await converse(bedrock, "us-east-1", "acme.m")).toEqual({ status: 200 });
  });

  it.each<[string, string, string[] | undefined]>([
    ["a profile, by id", US_SONNET, ["us-east-1", "us-east-2", "us-west-2"]],
    [
      "a profile, by ARN",
      `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${US_SONNET}`,
      ["us-east-1", "us-east-2", "us-west-2"],
    ],
    ["a profile of another Region", `arn:aws:bedrock:us-west-2:${ACCOUNT}:inference-profile/${US_SONNET}`, undefined],
    ["a model that is offered on demand", NOVA, ["us-east-1"]],
    ["a model, by ARN", `arn:aws:bedrock:us-east-1::foundation-model/${NOVA}`, ["us-east-1"]],
    ["a model that isn't offered on demand", SONNET, undefined],
  ])("can be an application inference profile that copies %s", async (_, copyFrom, regions) => {
    const bedrock = new SimulatedBedrock();
    bedrock.addProfile({ id: "a1b2c3d4e5f6", copyFrom });
    const arn = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`;
    const { status, body } = await ask(bedrock, "us-east-1", `inference-profiles/${encodeURIComponent(arn)}`);
    if (regions === undefined) return expect(status).toBe(404);
    expect(body).toMatchObject({ inferenceProfileArn: arn, type: "APPLICATION" });
    expect(await converse(bedrock, "us-east-1", arn)).toEqual({ status: 200 });
    expect(legsOf(bedrock)?.map(({ region }) => region)).toEqual(["us-east-1", ...regions]);
    expect(legsOf(bedrock)?.[0]?.resource).toBe(arn);
    return expect(legsOf(bedrock)?.[1]?.inferenceProfileArn).toBe(arn);
  });

  it("can copy a profile that comes later in the options", async () => {
    const profiles: SimulatedBedrockOptions["profiles"] = [
      { id: "a1b2c3d4e5f6", copyFrom: "us.acme.m" },
      { id: "us.acme.m", modelId: "acme.m", routes: { "us-east-1": ["us-east-1"] } },
    ];
    expect(await converse(new SimulatedBedrock({ profiles }), "us-east-1", "a1b2c3d4e5f6")).toEqual({ status: 200 });
  });

  it.each<[unknown, string]>([
    [{ id: "a1b2c3d4e5f6", copyFrom: "us.nobody.knows" }, "copyFrom must be the id or ARN of a system-defined"],
    [{ id: "a1b2c3d4e5f6", copyFrom: 5 }, "copyFrom must be the id or ARN of a system-defined"],
    [{ id: "a1b2c3d4e5f6", copyFrom: "a0a0a0a0a0a0" }, "copyFrom must be the id or ARN of a system-defined"],
    [{ id: "x", copyFrom: US_SONNET, routes: {} }, "Unknown field routes of a inference profile."],
    [{ id: "", modelId: NOVA, routes: {} }, 'id must be a text; it is "".'],
    [{ id: "x", modelId: "", routes: {} }, "modelId must be the id of a foundation model"],
    [
      { id: "x", modelId: NOVA, routes: { "us-east-1": "us-east-1" } },
      "routes must be destination Regions by source Region",
    ],
    [{ id: "x", modelId: NOVA, routes: {}, type: "OTHER" }, "type must be SYSTEM_DEFINED or APPLICATION"],
  ])("rejects the invalid profile %j", (profile, message) => {
    const bedrock = new SimulatedBedrock({ profiles: [{ id: "a0a0a0a0a0a0", copyFrom: US_SONNET }] });
    expect(() => bedrock.addProfile(profile as never)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [{ id: "acme.m" }, "onDemandRegions must be an array of Regions"],
    [{ id: "acme.m", onDemandRegions: [], regions: [] }, "Unknown field regions of a model."],
  ])("rejects the invalid model %j", (model, message) => {
    expect(() => new SimulatedBedrock().addModel(model as never)).toThrow(message);
  });
});

describe("the error for an unknown id", () => {
  const INVALID = "The provided model identifier is invalid.";

  it("explains how to add the ID, and from where it's available", async () => {
    const { message } = await converse(new SimulatedBedrock(), "us-east-1", `eu.${SONNET}`);
    expect(message).toMatch(
      new RegExp(
        `^${INVALID} \\(SimulatedBedrock doesn't know eu\\.${SONNET} in us-east-1\\. It's available from eu-central-1, .*\\. Add it with simulated\\.addProfile\\(`,
      ),
    );
    const { body } = await ask(new SimulatedBedrock(), "us-east-1", "inference-profiles/us.acme.m");
    expect(body.message).toContain("Add it with simulated.addProfile(");
    expect((await ask(new SimulatedBedrock(), "us-east-1", "foundation-models/acme.m")).body.message).toContain(
      "simulated.addModel(",
    );
  });

  it("is still parsed as an invalid model ID, whatever the ID is", async () => {
    const ids = ["acme.m", `eu.${SONNET}`, "is not authorized to perform: bedrock:InvokeModel", "x".repeat(3_000)];
    for (const id of ids) {
      const { message } = await converse(new SimulatedBedrock(), "us-east-1", id);
      expect(parseRefusal({ name: "ValidationException", message, statusCode: 400 } as never)?.kind, id).toBe(
        "invalid-model-id",
      );
    }
  });

  it("is AWS's own without hints", async () => {
    const bedrock = new SimulatedBedrock({ hints: false });
    expect((await converse(bedrock, "us-east-1", "acme.m")).message).toBe(INVALID);
    const { body } = await ask(bedrock, "us-east-1", "inference-profiles/us.acme.m");
    expect(body.message).toBe("The resource you requested was not found: us.acme.m");
  });
});
