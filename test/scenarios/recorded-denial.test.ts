import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/index.js";
import { policySet } from "../../src/policy/evaluation/policy-set.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { denyIn, FULL } from "../policies.js";

const MODEL = "amazon.nova-pro-v1:0";
const US = `us.${MODEL}`;
const CALLER = "arn:aws:sts::111122223333:assumed-role/App/s";
const OTHER = "arn:aws:sts::111122223333:assumed-role/Operator/o";
const IN_WEST = `User: ${CALLER} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy`;
const WITHOUT_CALLER = IN_WEST.slice(`User: ${CALLER} `.length);
const POLICIES = policySet({
  identity: [FULL],
  serviceControl: [{ level: "Root", policies: [FULL, denyIn("west", ["us-west-2"])] }],
});

/** A client of another principal than the denied one, and the simulated service that it calls. */
function world() {
  const bedrock = new SimulatedBedrock({ principal: OTHER });
  return { bedrock, client: clientOf(bedrock) };
}

describe("diagnose({ error })", () => {
  it("explains a log line with the lookups and the policies of a live diagnosis", async () => {
    const { bedrock, client } = world();
    const diagnosis = await diagnose({
      client,
      error: IN_WEST,
      modelId: US,
      operation: "Converse",
      policies: POLICIES,
    });
    client.destroy();
    expect(diagnosis).toMatchObject({
      kind: "iam-denied",
      principal: { arn: CALLER },
      sourceRegion: "us-east-1",
      blockedRegions: ["us-west-2"],
      policy: { type: "service-control-policy", name: "west" },
    });
    expect(diagnosis?.evidence.map(({ finding }) => finding.code)).toEqual([
      "refusal-names-resource",
      "profile-from-api",
      "policies-evaluated",
    ]);
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["GetInferenceProfile"]);
  });

  it("takes the call and its Region from a CloudTrail record, not from the client", async () => {
    const { client } = world();
    const record = {
      eventSource: "bedrock.amazonaws.com",
      eventName: "ConverseStream",
      awsRegion: "us-east-2",
      errorCode: "AccessDenied",
      errorMessage: IN_WEST.replace("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"),
      requestParameters: { modelId: US },
      userIdentity: { type: "AssumedRole", arn: CALLER, accountId: "111122223333" },
    };
    const diagnosis = await diagnose({ client, error: record, timeoutMs: 0 });
    client.destroy();
    expect(diagnosis).toMatchObject({ operation: "ConverseStream", modelId: US, sourceRegion: "us-east-2" });
  });

  it("takes the source Region from a message that denies a profile, not from the client", async () => {
    const { bedrock, client } = world();
    const error = `User: ${CALLER} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.${MODEL}`;
    const diagnosis = await diagnose({ client, error });
    client.destroy();
    expect(diagnosis).toMatchObject({ modelId: `eu.${MODEL}`, sourceRegion: "eu-west-1" });
    expect(bedrock.requests.map(({ sourceRegion }) => sourceRegion)).toEqual(["eu-west-1"]);
  });

  it("simulates the policies of the principal in the message, whatever principal the question states", async () => {
    const { client } = world();
    const question = { error: IN_WEST, modelId: US, operation: "Converse", simulation: { requestsPerSecond: 50 } };
    const diagnosis = await diagnose({ client, ...question, principalArn: OTHER, timeoutMs: 60_000 });
    client.destroy();
    expect(diagnosis).toMatchObject({ principal: { arn: CALLER } });
    const texts = JSON.stringify(diagnosis);
    expect(texts).toContain("role/App");
    expect(texts).not.toContain("Operator");
  });

  it("doesn't need a Region of the client", async () => {
    const bedrock = new SimulatedBedrock({ principal: OTHER });
    const region = () => Promise.reject(new Error("Region is missing"));
    const client = clientOf(bedrock, {}, { region });
    const diagnosis = await diagnose({ client, error: IN_WEST, modelId: US });
    client.destroy();
    expect(diagnosis).toMatchObject({ kind: "iam-denied", sourceRegion: "unknown", blockedRegions: ["us-west-2"] });
  });

  it("doesn't take the client's own principal for the denied caller, and sends no probe as that principal", async () => {
    const { bedrock, client } = world();
    const sources = { policies: POLICIES, probe: { mayStartSubscription: true } };
    const diagnosis = await diagnose({ client, error: WITHOUT_CALLER, modelId: US, operation: "Converse", ...sources });
    client.destroy();
    expect(diagnosis).not.toHaveProperty("principal");
    const findings = diagnosis?.evidence.map(({ source, finding }) => ({ source, finding }));
    const noCaller = { code: "source-not-applicable", reason: "no-caller" };
    expect(findings).toContainEqual({ source: "identity", finding: noCaller });
    expect(findings).toContainEqual({ source: "probe", finding: noCaller });
    expect(findings).toContainEqual({ source: "policies", finding: { code: "policies-without-principal" } });
    const called = bedrock.requests.map(({ operation }) => operation);
    expect(called).not.toContain("GetCallerIdentity");
    expect(called).not.toContain("Converse");
  });

  it("evaluates the policies for the principal that the question states", async () => {
    const { client } = world();
    const question = { error: WITHOUT_CALLER, modelId: US, operation: "Converse", policies: POLICIES };
    const diagnosis = await diagnose({ client, ...question, principalArn: CALLER });
    client.destroy();
    expect(diagnosis).toMatchObject({ principal: { arn: CALLER }, policy: { name: "west" } });
  });

  it("returns null if it isn't a denial, and makes no lookup", async () => {
    const { bedrock, client } = world();
    expect(await diagnose({ client, error: new Error("socket hang up") })).toBeNull();
    expect(await diagnose({ client, error: undefined })).toBeNull();
    client.destroy();
    expect(bedrock.requests).toEqual([]);
  });

  it.each([
    [{ modelId: "" }, /^diagnose\.modelId must be/],
    [{ operation: "Chat" }, /^diagnose\.operation must be/],
    [{ principalArn: "bob" }, /principalArn/],
    [{ nonsense: 1 }, /nonsense/],
  ])("rejects wrong details: %j", async (details, message) => {
    const { client } = world();
    await expect(diagnose({ client, error: IN_WEST, ...details } as never)).rejects.toThrow(message);
    client.destroy();
  });
});
