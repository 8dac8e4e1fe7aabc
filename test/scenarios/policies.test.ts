import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  BedrockRuntimeClient,
  type Diagnosis,
  isDiagnosedError,
  type PolicyInput,
  type PolicySet,
} from "../../src/index.js";
import { type PolicySetInput, policySet } from "../../src/offline.js";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";
import { FULL, MODEL, REGION_DENY } from "../cases/policies.js";
import { patched } from "../json-patch.js";

const APP = "arn:aws:sts::111122223333:assumed-role/App/session";
const DENY = REGION_DENY("us-east-1");
const scps = (policies: PolicyInput[]) => [{ level: "Root", policies }];
const organizationOf = (policies: PolicyInput[]) => ({
  root: { name: "Root", policies, accounts: [{ id: "111122223333" }] },
});

async function world(options: SimulatedBedrockOptions, policies: PolicySetInput, region = "us-east-1") {
  const bedrock = new SimulatedBedrock({ principal: APP, ...options });
  const server = await bedrock.listen();
  const client = new BedrockRuntimeClient({
    region,
    endpoint: server.url,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s" },
    resilience: { diagnosis: { policies: policySet(policies) } },
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  return { bedrock, client };
}

async function refusedBy(client: BedrockRuntimeClient, modelId = `us.${MODEL}`): Promise<Diagnosis> {
  const error = await client.send(new ConverseCommand({ modelId, messages: [] })).catch((thrown: unknown) => thrown);
  if (!isDiagnosedError(error)) throw new Error("The call was expected to be denied.", { cause: error });
  return error.diagnosis;
}

describe("a denied call, with provided policies", () => {
  it("lists every blocked leg, not only the one in the message, and the deciding statement", async () => {
    const { client } = await world(
      { organization: organizationOf([FULL, DENY]) },
      { identity: [FULL], serviceControl: scps([FULL, DENY]) },
    );
    const diagnosis = await refusedBy(client);
    expect(
      diagnosis.legs.map(({ leg, verdict, evidence }) => `${leg.region} ${verdict} by ${evidence.join(" and ")}`),
    ).toEqual([
      "us-east-1 allowed by policies",
      "us-east-1 allowed by policies",
      "us-east-2 blocked by message and policies",
      "us-west-2 blocked by policies",
    ]);
    expect(diagnosis.blockedRegions).toEqual(["us-east-2", "us-west-2"]);
    expect(diagnosis.policy).toEqual({
      type: "service-control-policy",
      denyKind: "explicit",
      name: "GRREGIONDENY",
      level: "Root",
      statement: { index: 0, path: "$.Statement[0]", sid: "GRREGIONDENY" },
    });
    expect(diagnosis.summary).toContain("is denied in us-east-2 and us-west-2");
    expect(diagnosis.summary).toContain("by an explicit deny in service control policy GRREGIONDENY");
    expect(diagnosis.evidence.at(-1)).toMatchObject({
      source: "policies",
      finding: { code: "policies-evaluated", allowed: 2, blocked: 2, unknown: 0 },
    });
    expect(JSON.parse(JSON.stringify(diagnosis))).toStrictEqual(diagnosis);
  });

  it.each(["us", "global"])(
    "has a verified remedy that works: after it's applied to the organization, the %s call succeeds",
    async (prefix) => {
      const { client } = await world(
        { organization: organizationOf([FULL, DENY]) },
        { identity: [FULL], serviceControl: scps([FULL, DENY]) },
      );
      const { remedies } = await refusedBy(client, `${prefix}.${MODEL}`);
      const verified = remedies.filter((remedy) => remedy.verified);
      expect(verified.length).toBeGreaterThan(0);
      expect(verified[0]?.opens).not.toContain("direct-call");
      for (const { edits = [], opens = [], confidence } of verified) {
        expect(confidence).toBe("certain");
        const document = edits.reduce<unknown>((now, { diff }) => patched(now, diff), DENY.document);
        const { client: after } = await world(
          { organization: organizationOf([FULL, { name: "Edited", document }]) },
          {},
        );
        const output = await after.send(new ConverseCommand({ modelId: `${prefix}.${MODEL}`, messages: [] }));
        expect(output.$metadata.httpStatusCode).toBe(200);
        // A direct call in a Region that isn't approved stays denied, unless the remedy opens such calls.
        const edited = organizationOf([FULL, { name: "Edited", document }]);
        const { client: elsewhere } = await world({ organization: edited }, {}, "us-west-2");
        const isOpened = opens.includes("direct-call");
        expect((await refusedBy(elsewhere, "amazon.nova-pro-v1:0")).blockedRegions).toEqual(
          isOpened ? [] : ["us-west-2"],
        );
      }
    },
  );

  it("keeps AWS's message as the reason if the provided policies don't explain it, and then verifies nothing", async () => {
    const { bedrock, client } = await world({}, { identity: [FULL], serviceControl: scps([FULL]) });
    bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
    const diagnosis = await refusedBy(client);
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
    expect(diagnosis.legs.at(-1)).toMatchObject({ verdict: "blocked", evidence: ["message"] });
    expect(diagnosis.evidence.at(-1)).toMatchObject({
      finding: { code: "policies-disagree" },
      says: expect.stringContaining("but AWS denied it"),
    });
    expect(diagnosis.remedies.some(({ verified }) => verified)).toBe(false);
  });

  it("has unknown verdicts for policies that weren't provided: with service control policies alone, nothing is allowed", async () => {
    const { client } = await world(
      { organization: organizationOf([FULL, DENY]) },
      { serviceControl: scps([FULL, DENY]) },
    );
    const diagnosis = await refusedBy(client);
    expect(diagnosis.legs.map(({ verdict }) => verdict)).toEqual(["unknown", "unknown", "blocked", "blocked"]);
    expect(diagnosis.remedies.some(({ verified }) => verified)).toBe(false);
    expect(diagnosis.remedies[0]).toMatchObject({
      code: "exempt-inference-profiles",
      edits: [{ policyName: "GRREGIONDENY" }],
    });
  });

  it("is evaluated for the provided principal, if the message hides the caller", async () => {
    const { bedrock, client } = await world(
      {},
      {
        principalArn: "arn:aws:iam::111122223333:role/AWSControlTowerExecution",
        identity: [FULL],
        serviceControl: scps([FULL, DENY]),
      },
    );
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: *** is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL}`,
    });
    expect((await refusedBy(client)).evidence.at(-1)).toMatchObject({ finding: { code: "policies-disagree" } });
  });

  it("isn't evaluated with the policies of another principal", async () => {
    const principalArn = "arn:aws:iam::111122223333:role/Other";
    const { bedrock, client } = await world({}, { principalArn, identity: [FULL] });
    bedrock.deny({ region: "us-west-2", policyType: "identity-based-policy" });
    const diagnosis = await refusedBy(client);
    expect(diagnosis.evidence.at(-1)?.says).toBe(
      `The policies weren't evaluated, because they apply to ${principalArn}, and the error message contains another caller.`,
    );
    expect(diagnosis.legs.filter(({ verdict }) => verdict !== "unknown")).toHaveLength(1);
  });

  it("adds nothing to a call that succeeds, and streams like any other", async () => {
    const { bedrock, client } = await world({}, { identity: [FULL] });
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: `us.${MODEL}`, messages: [] }));
    for await (const _ of stream ?? []);
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["ConverseStream"]);
  });

  it("accepts only a policy set, and states how to make one", () => {
    const make = (policies: unknown) => () =>
      new BedrockRuntimeClient({ region: "us-east-1", resilience: { diagnosis: { policies: policies as PolicySet } } });
    const allowed = 'resilience.diagnosis.policies must be made by policySet({ … }) from "resilient-bedrock/offline"';
    expect(make({ identity: [FULL] })).toThrow(allowed);
    expect(make({ ...policySet({ identity: [FULL] }) })).toThrow(allowed);
    expect(make([FULL])).toThrow(allowed);
    expect(make(null)).toThrow(allowed);
    expect(make(policySet({ identity: [FULL] }))).not.toThrow();
  });
});
