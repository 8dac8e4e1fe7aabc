import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type BedrockRuntimeClient,
  type Diagnosis,
  type DiagnosisOptions,
  isDiagnosedError,
  type PolicyInput,
} from "../../src/index.js";
import { formatDiagnosis, policySet } from "../../src/offline.js";
import {
  type Fault,
  SimulatedBedrock,
  type SimulatedBedrockOptions,
  type VirtualPrincipal,
} from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { FULL, policy } from "../policies.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const ACCOUNT = "111122223333";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/AppRole`;
const USER = `arn:aws:iam::${ACCOUNT}:user/dana`;

const IAM = { Effect: "Allow", Action: ["iam:*", "sts:*"], Resource: "*" };
/** An identity policy that forgot every Region but the source. */
const EAST_1 = policy("East1", IAM, {
  Effect: "Allow",
  Action: "bedrock:*",
  Resource: ["arn:aws:bedrock:us-east-1:*:*"],
});
const deny = (name: string, Condition: object) =>
  policy(name, { Sid: name, Effect: "Deny", Action: "bedrock:*", Resource: "*", Condition });
const DENY_WEST = deny("DenyWest", { StringEquals: { "aws:RequestedRegion": ["us-west-2"] } });

const simulated = (principal: Partial<VirtualPrincipal>, options: SimulatedBedrockOptions = {}) =>
  new SimulatedBedrock({ principals: [{ arn: SESSION, ...principal }], ...options });
const inScp = (...policies: PolicyInput[]): SimulatedBedrockOptions => ({
  organization: { root: { name: "Root", policies: [FULL, ...policies], accounts: [{ id: ACCOUNT }] } },
});
const FAST = { simulation: { requestsPerSecond: 50 } };

async function refusedBy(client: BedrockRuntimeClient, modelId = NOVA): Promise<Diagnosis> {
  const messages = [{ role: "user" as const, content: [{ text: "hello" }] }];
  const error: unknown = await client.send(new ConverseCommand({ modelId, messages })).then(
    () => new Error("not refused"),
    (thrown) => thrown,
  );
  if (!isDiagnosedError(error)) throw error;
  expect(error.name).toBe("AccessDeniedException");
  return error.diagnosis;
}
const diagnosed = (bedrock: SimulatedBedrock, diagnosis: DiagnosisOptions, modelId = NOVA) =>
  refusedBy(clientOf(bedrock, { diagnosis }), modelId);

const verdicts = ({ legs }: Diagnosis) =>
  legs.map(
    ({ leg, verdict, likely }) => `${leg.stage} ${leg.region} ${verdict}${likely ? ` (${likely.verdict})` : ""}`,
  );
const says = ({ evidence }: Diagnosis, source: string) =>
  evidence.filter((piece) => piece.source === source).map((piece) => piece.says);
const asked = (bedrock: SimulatedBedrock, operation: string) =>
  bedrock.requests.filter((request) => request.operation === operation);

describe("IAM's policy simulator", () => {
  it("reports every Region that the identity-based policies don't cover, not only the one in the message", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(diagnosis.blockedRegions.toSorted()).toEqual(["us-east-2", "us-west-2"]);
    expect(verdicts(diagnosis)).toEqual([
      "profile us-east-1 unknown (allowed)",
      "source-model us-east-1 unknown (allowed)",
      "destination-model us-east-2 blocked",
      "destination-model us-west-2 blocked",
    ]);
    expect(diagnosis.legs.map(({ evidence }) => evidence)).toEqual([[], [], ["message", "simulation"], ["simulation"]]);
    expect(says(diagnosis, "identity")).toEqual([`GetRole: The role is ${ROLE}.`]);
    expect(says(diagnosis, "simulation")).toEqual([`IAM policy simulator, for ${ROLE}: 2 legs allowed, 2 denied.`]);
    expect(diagnosis.legs[3]?.because).toBe("The IAM policy simulator reports an implicit deny.");
    expect(diagnosis.legs[0]?.because).toContain("it doesn't evaluate session policies");
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
  });

  it("is called once per Region and profile, with the context that it doesn't supply by itself", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    await diagnosed(bedrock, FAST);
    const contexts = asked(bedrock, "SimulatePrincipalPolicy").map(({ body }) => {
      const form = body as Record<string, string>;
      expect(form).toMatchObject({ PolicySourceArn: ROLE, "ActionNames.member.1": "bedrock:InvokeModel" });
      const entries = [1, 2, 3, 4, 5, 6, 7].map((at) => `ContextEntries.member.${at}`);
      const told = new Map(
        entries.map((entry) => [form[`${entry}.ContextKeyName`], form[`${entry}.ContextKeyValues.member.1`]]),
      );
      expect(told.get("aws:SecureTransport")).toBe("true");
      return ["aws:PrincipalArn", "aws:userid", "aws:RequestedRegion", "bedrock:InferenceProfileArn"].map((key) =>
        told.get(key),
      );
    });
    const profile = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${NOVA}`;
    expect(contexts).toEqual([
      [ROLE, "AROASIMULATED:session", "us-east-1", undefined],
      [ROLE, "AROASIMULATED:session", "us-east-1", profile],
      [ROLE, "AROASIMULATED:session", "us-west-2", profile],
      // What AWS named comes last: it is known already.
      [ROLE, "AROASIMULATED:session", "us-east-2", profile],
    ]);
  });

  it("isn't conclusive about service control policies, because it doesn't report their missing keys", async () => {
    const tagged = deny("OnlyTagged", { StringNotEquals: { "aws:PrincipalTag/team": "search" } });
    const bedrock = simulated(
      { identity: [EAST_1, FULL], context: { "aws:PrincipalTag/team": "search" } },
      inScp(tagged, DENY_WEST),
    );
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(verdicts(diagnosis)).toEqual([
      // Without the tag, which wasn't provided, the simulator denies everything.
      "profile us-east-1 unknown (blocked)",
      "source-model us-east-1 unknown (blocked)",
      "destination-model us-east-2 unknown (blocked)",
      "destination-model us-west-2 blocked",
    ]);
    expect(diagnosis.summary).toContain("Likely also denied: us-east-1 and us-east-2.");
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);

    const context = { "aws:PrincipalTag/team": "search" };
    const told = await diagnosed(bedrock, { ...FAST, policies: policySet({ context, unknownContext: "absent" }) });
    expect(verdicts(told)).toEqual([
      "profile us-east-1 allowed",
      "source-model us-east-1 allowed",
      "destination-model us-east-2 allowed",
      "destination-model us-west-2 blocked",
    ]);
  });

  it("needs the role's path from IAM, and a guess decides nothing", async () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/service-role/AppRole`;
    const exempt = deny("NotThisRole", {
      StringEquals: { "aws:RequestedRegion": ["us-west-2"] },
      ArnNotLike: { "aws:PrincipalArn": `arn:aws:iam::*:role/service-role/*` },
    });
    const bedrock = simulated({ roleArn, identity: [EAST_1] }, inScp(exempt));
    expect(says(await diagnosed(bedrock, FAST), "identity")).toEqual([`GetRole: The role is ${roleArn}.`]);

    bedrock.fault({ operation: "GetRole", status: 403, errorName: "AccessDenied" });
    const guessed = await diagnosed(bedrock, FAST);
    expect(says(guessed, "identity")[0]).toMatch(/^The role is assumed to be .*role\/AppRole\. .*\(AccessDenied\)\.$/);
    expect(says(guessed, "simulation")).toEqual(["Failed with NoSuchEntityException."]);
    expect(guessed.legs.filter(({ verdict }) => verdict !== "unknown")).toHaveLength(1);
  });

  it("doesn't confuse another account's role of the same name with the caller's", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    bedrock.fault({
      operation: "GetRole",
      body: `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/admin/</Path><RoleName>AppRole</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::444455556666:role/admin/AppRole</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>`,
    });
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(says(diagnosis, "identity")[0]).toContain(`The role is assumed to be ${ROLE}`);
    expect(diagnosis.legs.filter(({ verdict }) => verdict !== "unknown")).toHaveLength(1);
  });

  it.each([
    ["the root user", `arn:aws:iam::${ACCOUNT}:root`, "the IAM policy simulator doesn't support the root user"],
    [
      "a federated user",
      `arn:aws:sts::${ACCOUNT}:federated-user/kim`,
      "the IAM policy simulator doesn't support federated users",
    ],
  ])("reports that it can't simulate %s", async (_, arn, why) => {
    const bedrock = new SimulatedBedrock({ principals: [{ arn, identity: [EAST_1] }], ...inScp(DENY_WEST) });
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(says(diagnosis, "simulation")).toEqual([`Not called: ${why}.`]);
    expect(asked(bedrock, "SimulatePrincipalPolicy")).toEqual([]);
  });

  it("isn't called with the credentials next to an API key, unless they were provided for it", async () => {
    const bedrock = simulated({ arn: USER, identity: [EAST_1] });
    const config = { token: { token: "bedrock-api-key" }, authSchemePreference: ["httpBearerAuth"] };
    const client = clientOf(bedrock, { diagnosis: FAST }, config);
    expect(says(await refusedBy(client), "simulation")).toEqual([
      "Not called: the client uses a Bedrock API key, and other credentials belong to another caller.",
    ]);
    const given = { credentials: { accessKeyId: "AKIDOTHER", secretAccessKey: "S" }, requestsPerSecond: 50 };
    const other = clientOf(bedrock, { diagnosis: { simulation: given } }, config);
    expect((await refusedBy(other)).blockedRegions).toHaveLength(2);
  });

  it("leaves open in another partition what AWS documents for the commercial one", async () => {
    const arn = `arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/AppRole/session`;
    const role = `arn:aws-us-gov:iam::${ACCOUNT}:role/AppRole`;
    const call = `User: ${arn} is not authorized to perform: bedrock:InvokeModel on resource: `;
    const { parseRefusal, parseModelId } = await import("../../src/offline.js");
    const { diagnoseQuestion: diagnose } = await import("../../src/diagnose/diagnose.js");
    const { compilePolicies } = await import("../../src/policy/evaluation/policy-set.js");
    const modelId = "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0";
    const refusal = parseRefusal(
      `${call}arn:aws-us-gov:bedrock:us-gov-east-1::foundation-model/x because no service control policy allows the bedrock:InvokeModel action`,
    );
    if (!refusal) throw new Error("no refusal");
    const { conclusion } = await diagnose(
      {
        call: { operation: "Converse", modelId, reference: parseModelId(modelId), sourceRegion: "us-gov-west-1" },
        refusal,
        policies: compilePolicies({ unknownContext: "absent" }, "policies"),
      },
      {
        resolveProfile: async () => ({ via: "none", cached: false }),
        resolveModel: async () => ({ via: "none" }),
        catalog: async () => import("../../src/resolve/known-profiles.js"),
        modelAccess: async () => ({}),
        isUseCaseFilled: async () => true,
        dataRetentionMode: async () => "default",
        callerArn: async () => arn,
        role: async () => ({ arn: role }),
        simulate: async ({ resources }) =>
          resources.map(() => ({ decision: "explicitDeny", allowedByOrganizations: false })),
      },
      { timeoutMs: 1_000, signal: undefined, now: Date.now },
    );
    const source = conclusion.legs.filter(({ leg }) => leg.region === "us-gov-west-1");
    expect(source.map(({ verdict, likely }) => [verdict, likely?.verdict])).toEqual([
      ["unknown", "blocked"],
      ["unknown", "blocked"],
    ]);
  });

  it("is contradicted by AWS's message: both are listed, and the message decides", async () => {
    const bedrock = simulated({ arn: USER, identity: [FULL] });
    bedrock.deny({ policyType: "identity-based-policy", region: "us-west-2" });
    // There are no policies that the simulator doesn't evaluate.
    const diagnosis = await diagnosed(bedrock, { ...FAST, policies: policySet({ unknownContext: "absent" }) });
    const west = diagnosis.legs.find(({ leg }) => leg.region === "us-west-2");
    expect(west).toMatchObject({ verdict: "blocked", contradictedBy: ["simulation"], evidence: ["message"] });
    expect(west?.because).toContain("The IAM policy simulator shows a different verdict.");
    expect(diagnosis.summary).toContain("The sources disagree about us-west-2. See the evidence.");
    expect(formatDiagnosis(diagnosis, "text").replace(/\s+/g, " ")).toContain(
      " us-west-2 model, destination ✗ BLOCKED no identity-based policy; contradicted by the IAM policy simulator Who ",
    );
  });

  it("contradicts no source about what it can't evaluate", async () => {
    const bedrock = simulated({ arn: USER, identity: [FULL] });
    bedrock.deny({ policyType: "vpc-endpoint-policy", region: "us-west-2", denyKind: "explicit" });
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(diagnosis.legs.some(({ contradictedBy }) => contradictedBy)).toBe(false);
    expect(diagnosis.legs.at(-1)).toMatchObject({ verdict: "blocked", simulated: { decision: "allowed" } });
  });

  it("reports its results until the deadline", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    const diagnosis = await diagnosed(bedrock, { timeoutMs: 1_000, simulation: { requestsPerSecond: 2 } });
    expect(diagnosis.complete).toBe(false);
    expect(says(diagnosis, "simulation")).toEqual([
      `IAM policy simulator, for ${ROLE}: 2 legs allowed, 0 denied, 2 not simulated.`,
      "No response before the deadline.",
    ]);
    expect(diagnosis.blockedRegions).toEqual(["us-east-2"]);
  });
});

describe("the caller", () => {
  it("is looked up with STS if AWS's message hides it", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: *** is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0 because no identity-based policy allows the bedrock:InvokeModel action`,
    });
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(says(diagnosis, "identity")[0]).toBe(`GetCallerIdentity: The caller is ${SESSION}.`);
    expect(diagnosis.blockedRegions.toSorted()).toEqual(["us-east-2", "us-west-2"]);
  });
});

describe("a request without content", () => {
  it("shows by a denial what is blocked, and by a validation error only what is likely allowed, at the source", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    const diagnosis = await diagnosed(bedrock, { probe: true });
    expect(verdicts(diagnosis).slice(0, 3)).toEqual([
      "profile us-east-1 unknown (allowed)",
      "source-model us-east-1 unknown (allowed)",
      "destination-model us-east-2 blocked",
    ]);
    expect(says(diagnosis, "probe")).toEqual([
      "Amazon Bedrock rejected the content of an empty request, so the call is likely authorized in the source Region.",
    ]);
    expect(asked(bedrock, "Converse")).toHaveLength(2);
    expect(asked(bedrock, "Converse")[1]?.body).toEqual({});

    const other = simulated({ identity: [policy("None", IAM)] });
    const refused = await diagnosed(other, { probe: true });
    expect(refused.legs[0]).toMatchObject({ verdict: "blocked", evidence: ["message", "probe"] });
  });

  it("isn't sent if it might subscribe the account to a model, unless that is allowed", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    bedrock.fault({ operation: "GetFoundationModelAvailability", status: 403, errorName: "AccessDeniedException" });
    const diagnosis = await diagnosed(bedrock, { probe: true }, SONNET);
    expect(says(diagnosis, "probe")[0]).toContain("mayStartSubscription");
    expect(asked(bedrock, "Converse")).toHaveLength(1);
    await diagnosed(bedrock, { probe: { mayStartSubscription: true } }, SONNET);
    expect(asked(bedrock, "Converse")).toHaveLength(3);
  });

  it("is one request, also if the SDK would retry", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    const client = clientOf(bedrock, { diagnosis: { probe: true } }, { maxAttempts: 5 });
    const refusal = `User: ${SESSION} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0`;
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: refusal,
      times: 1,
    });
    bedrock.fault({ operation: "Converse", name: "throttling" });
    expect(says(await refusedBy(client), "probe")).toEqual([
      "An empty request failed with ThrottlingException, which isn't about permissions.",
    ]);
    expect(asked(bedrock, "Converse")).toHaveLength(2);
  });

  it("isn't sent twice within 20 seconds, whatever the model", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    const client = clientOf(bedrock, { diagnosis: { probe: true } });
    await refusedBy(client);
    expect(says(await refusedBy(client, SONNET), "probe")).toEqual([
      "Not called: another empty request was sent less than 20 seconds ago.",
    ]);
  });
});

describe("an invalid response is listed as evidence", () => {
  it.each<Fault>([
    { operation: "SimulatePrincipalPolicy", body: "<a/>" },
    { operation: "SimulatePrincipalPolicy", body: "" },
    {
      operation: "SimulatePrincipalPolicy",
      body: "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults><member><EvalDecision>allowed</EvalDecision></member></EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>",
    },
  ])("%j", async (fault) => {
    const bedrock = simulated({ identity: [EAST_1] });
    bedrock.fault(fault);
    const diagnosis = await diagnosed(bedrock, FAST);
    expect(diagnosis.evidence.find(({ source }) => source === "simulation")?.finding).toMatchObject({
      code: "source-failed",
      reason: "error",
    });
    expect(diagnosis.legs.filter(({ verdict }) => verdict !== "unknown")).toHaveLength(1);
  });
});

describe("over a real socket", () => {
  it("the SDK's STS and IAM clients work with the simulated AWS, in its wire formats", async () => {
    const bedrock = simulated({ identity: [EAST_1] });
    const server = await bedrock.listen();
    onTestFinished(() => server.close());
    const { BedrockRuntimeClient } = await import("../../src/index.js");
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "S" },
      resilience: { diagnosis: FAST },
    });
    const diagnosis = await refusedBy(client);
    expect(diagnosis.blockedRegions.toSorted()).toEqual(["us-east-2", "us-west-2"]);
    expect(asked(bedrock, "SimulatePrincipalPolicy").every(({ protocol }) => protocol === "HTTP/1.1")).toBe(true);
    client.destroy();
  });
});
