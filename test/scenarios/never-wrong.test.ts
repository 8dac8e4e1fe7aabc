import { ConverseCommand, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import {
  type BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type Diagnosis,
  type DiagnosisOptions,
  diagnose,
  isDiagnosedError,
  type PolicyInput,
  type Preflight,
  type PreflightQuestion,
} from "../../src/index.js";
import { evaluateAccess, policySet } from "../../src/offline.js";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";
import { clientOf, inProcess } from "../in-process.js";
import { denyIn, FULL, policy } from "../policies.js";

// What a diagnosis must not say: each of these is a way in which one could be wrong.

const NOVA = "us.amazon.nova-pro-v1:0";
const ACCOUNT = "111122223333";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`;
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/amazon.nova-pro-v1:0`;

const inScp = (...policies: PolicyInput[]): SimulatedBedrockOptions => ({
  organization: {
    managementAccountId: "999900001111",
    root: { name: "Root", policies: [FULL, ...policies], accounts: [{ id: ACCOUNT }] },
  },
});
const simulated = (options: SimulatedBedrockOptions = {}) =>
  new SimulatedBedrock({ principals: [{ arn: SESSION }], ...options });

async function refusedBy(client: BedrockRuntimeClient, modelId = NOVA): Promise<Diagnosis> {
  const error: unknown = await client.send(new ConverseCommand({ modelId, messages: [] })).catch((thrown) => thrown);
  if (!isDiagnosedError(error)) throw new Error("not refused");
  return error.diagnosis;
}
const refused = (bedrock: SimulatedBedrock, diagnosis: DiagnosisOptions, config?: BedrockRuntimeClientConfig) =>
  refusedBy(clientOf(bedrock, { diagnosis }, config));
const ask = (bedrock: SimulatedBedrock, question: Partial<PreflightQuestion>) =>
  diagnose({ modelId: NOVA, client: clientOf(bedrock), ...question } as PreflightQuestion);
const verdicts = ({ legs }: Diagnosis | Preflight) => legs.map(({ leg, verdict }) => `${leg.region} ${verdict}`);
const says = ({ evidence }: Diagnosis | Preflight, source: string) =>
  evidence.filter((piece) => piece.source === source).map((piece) => piece.says);

/** AWS Organizations with nothing but these policies at the levels of the account. */
const organizationWith = (attached: Record<string, object[]>) => ({
  client: {
    send: async ({ constructor: { name }, input }: { constructor: { name: string }; input: { TargetId: string } }) => {
      if (name === "DescribeOrganizationCommand") return { Organization: { MasterAccountId: "999900001111" } };
      if (name === "ListParentsCommand") return { Parents: [{ Id: "r-root" }] };
      if (name === "DescribePolicyCommand") return { Policy: { Content: JSON.stringify(FULL.document) } };
      return { Policies: attached[input.TargetId] ?? [] };
    },
  },
});

describe("policies that weren't provided, although they exist", () => {
  it("an organization that can't be read isn't assumed not to exist", async () => {
    const bedrock = simulated(inScp(denyIn("DenyWest", ["us-west-2"])));
    const own = new OrganizationsClient({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "S" },
      requestHandler: inProcess(bedrock) as never,
    });
    const preflight = await ask(bedrock, { policies: policySet({ identity: [FULL] }), organization: { client: own } });
    expect(preflight.verdict).toBe("unknown");
    expect(new Set(preflight.legs.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
    expect(preflight.legs[0]?.because).toContain("service control policies weren't provided");
  });

  it("a policy that AWS identifies shows that there are more: other Regions that it might block aren't allowed", async () => {
    const bedrock = simulated(inScp(denyIn("Both", ["us-east-2", "us-west-2"])));
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [FULL] }) });
    expect(verdicts(diagnosis)).toEqual([
      "us-east-1 unknown",
      "us-east-1 unknown",
      "us-east-2 blocked",
      "us-west-2 unknown",
    ]);
    expect(says(diagnosis, "policies")[0]).toContain("The policies are incomplete or out of date");
    expect(diagnosis.remedies.some(({ verified }) => verified)).toBe(false);
  });

  it.each(["", " with an explicit deny"])("the same if AWS identifies no policy%s", async (reason) => {
    const bedrock = simulated();
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: ${SESSION} is not authorized to perform: bedrock:InvokeModel on resource: ${model("us-east-2")}${reason}`,
    });
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [FULL] }) });
    expect(verdicts(diagnosis).filter((each) => !each.endsWith("unknown"))).toEqual(["us-east-2 blocked"]);
    expect(diagnosis.legs.at(-1)).toMatchObject({ likely: { verdict: "allowed", source: "policies" } });
    expect(diagnosis.legs.at(-1)?.because).toContain(
      "AWS denied a request that the policies allow, so they are incomplete or out of date",
    );
  });

  it("if the provided policies don't allow a request, others of their type might", async () => {
    const east = policy("East", { Effect: "Allow", Action: "*", Resource: "arn:aws:bedrock:us-east-*:*:*" });
    const extra = policy("Extra", { Effect: "Allow", Action: "*", Resource: "*" });
    const bedrock = simulated({
      principals: [{ arn: SESSION, identity: [east, extra, denyIn("NotEast2", ["us-east-2"])] }],
    });
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [east] }) });
    expect(diagnosis.blockedRegions).toEqual(["us-east-2"]);
    expect(verdicts(diagnosis).at(-1)).toBe("us-west-2 unknown");
  });

  it("a denied probe also shows that there are more policies", async () => {
    const bedrock = simulated(inScp(denyIn("Both", ["us-east-1", "us-west-2"])));
    const preflight = await ask(bedrock, { policies: policySet({ identity: [FULL] }), probe: true });
    expect(preflight.legs.filter(({ verdict }) => verdict === "allowed")).toEqual([]);
    expect(preflight.policy).toMatchObject({ type: "service-control-policy", denyKind: "explicit" });
    expect(preflight.summary).toContain("by an explicit deny in a service control policy");
  });

  it("the simulator shows that there is an organization", async () => {
    const bedrock = simulated(inScp(denyIn("West", ["us-west-2"])));
    const question = { policies: policySet({ identity: [FULL] }), simulation: { requestsPerSecond: 50 } };
    const preflight = await ask(bedrock, question);
    expect(preflight.verdict).toBe("unknown");
    expect(preflight.summary).toContain("Likely denied in us-west-2.");
  });

  it("a remedy isn't verified if AWS identifies a policy that wasn't provided", async () => {
    const bedrock = simulated(inScp(denyIn("West", ["us-west-2"])));
    const east = policy("East", { Effect: "Allow", Action: "*", Resource: ["arn:aws:bedrock:us-east-*:*:*"] });
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [east] }) });
    expect(diagnosis.policy?.type).toBe("service-control-policy");
    expect(diagnosis.remedies.some(({ verified }) => verified)).toBe(false);
    expect(diagnosis.remedies.some(({ who }) => who === "organization-administrator")).toBe(true);
  });

  it("a remedy isn't verified if the denial isn't about one of the call's legs", async () => {
    const bedrock = simulated();
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: ${SESSION} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::logs/x because no identity-based policy allows the s3:PutObject action`,
    });
    const east = policy("East", { Effect: "Allow", Action: "*", Resource: ["arn:aws:bedrock:us-east-*:*:*"] });
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [east] }) });
    expect(diagnosis.remedies.some(({ verified }) => verified)).toBe(false);
    expect(diagnosis.summary).toBe(
      `s3:PutObject was denied on arn:aws:s3:::logs/x, in a call of ${NOVA}, because no identity-based policy allows it.\nAsk an account administrator to allow it.`,
    );
    expect(diagnosis.remedies[0]?.policy?.statements).toMatchObject([{ Action: "s3:PutObject" }]);
  });

  it("a destination that AWS identifies and the profile doesn't list might not be the only one", async () => {
    const bedrock = simulated();
    bedrock.fault({
      operation: "Converse",
      status: 403,
      errorName: "AccessDeniedException",
      message: `User: ${SESSION} is not authorized to perform: bedrock:InvokeModel on resource: ${model("ca-central-1")} because no identity-based policy allows the bedrock:InvokeModel action`,
    });
    const us = policy("Us", { Effect: "Allow", Action: "*", Resource: ["arn:aws:bedrock:us-*:*:*"] });
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [us] }) });
    expect(diagnosis).toMatchObject({ legsComplete: false, blockedRegions: ["ca-central-1"] });
    expect(diagnosis.remedies.some(({ verified }) => verified)).toBe(false);
  });
});

describe("an organization whose service control policies are not in force", () => {
  it("blocks nothing: no policy is attached", async () => {
    const policies = policySet({ identity: [FULL] });
    const organization = organizationWith({});
    const preflight = await ask(simulated(), { policies, organization, enforcedGuardrails: [] });
    expect(preflight.verdict).toBe("allowed");
    expect(says(preflight, "organization")[0]).toContain("No service control policies are attached");
  });

  it("is unknown if one level has no policies and another has some", async () => {
    const organization = organizationWith({ "r-root": [{ Id: "p-full" }] });
    const preflight = await ask(simulated(), { policies: policySet({ identity: [FULL] }), organization });
    expect(preflight.verdict).toBe("unknown");
    expect(says(preflight, "organization")).toContain("Failed with MalformedAnswer.");
  });
});

describe("another caller's", () => {
  const two = () =>
    new SimulatedBedrock({
      principals: [
        { arn: SESSION, accessKeyId: "AKIDONE" },
        { arn: "arn:aws:sts::444455556666:assumed-role/App/session", accessKeyId: "AKIDTWO" },
      ],
    });

  it("account isn't used for this caller's profile ARN", async () => {
    const bedrock = two();
    bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
    let accessKeyId = "AKIDONE";
    const credentials = async () => ({ accessKeyId, secretAccessKey: "S", expiration: new Date() });
    const client = clientOf(bedrock, {}, { credentials });
    await refusedBy(client);
    accessKeyId = "AKIDTWO";
    const { legs, profile } = await refusedBy(client);
    const own = `arn:aws:bedrock:us-east-1:444455556666:inference-profile/${NOVA}`;
    expect([legs[0]?.leg.resource, legs[1]?.leg.inferenceProfileArn, profile?.arn]).toEqual([own, own, own]);
  });

  it("probe isn't used for this caller, and neither is one that was sent with other credentials", async () => {
    const bedrock = new SimulatedBedrock({
      principals: [
        {
          arn: `arn:aws:iam::${ACCOUNT}:role/Deployer`,
          identity: [policy("None", { Effect: "Allow", Action: "bedrock:Get*", Resource: "*" })],
        },
      ],
    });
    const preflight = await ask(bedrock, { principalArn: `arn:aws:iam::${ACCOUNT}:role/App`, probe: true });
    expect(preflight.verdict).toBe("unknown");
    expect(says(preflight, "probe")[0]).toContain("principalArn is another caller");
  });

  it("diagnosis isn't shared if AWS's message hides the caller", async () => {
    const bedrock = two();
    const message = `User: *** is not authorized to perform: bedrock:InvokeModel on resource: ${model("us-west-2")}`;
    bedrock.fault({ operation: "Converse", status: 403, errorName: "AccessDeniedException", message });
    let accessKeyId = "AKIDONE";
    const credentials = async () => ({ accessKeyId, secretAccessKey: "S", expiration: new Date() });
    const client = clientOf(bedrock, { diagnosis: { policies: policySet({ identity: [FULL] }) } }, { credentials });
    expect((await refusedBy(client)).principal?.accountId).toBe(ACCOUNT);
    accessKeyId = "AKIDTWO";
    expect((await refusedBy(client)).principal?.accountId).toBe("444455556666");
  });
});

describe("a role whose path is known", () => {
  it("is the role that a VPC endpoint policy identifies with the path", async () => {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/service-role/App`;
    const vpcEndpoint = policy("Endpoint", {
      Effect: "Allow",
      Principal: { AWS: roleArn },
      Action: "*",
      Resource: "*",
    });
    const bedrock = simulated({ principals: [{ arn: SESSION, roleArn }], vpcEndpoint });
    const preflight = await ask(bedrock, {
      policies: policySet({ identity: [FULL], vpcEndpoint }),
      enforcedGuardrails: [],
    });
    expect(preflight.verdict).toBe("allowed");
  });
});

describe("a probe", () => {
  it("isn't evidence for another operation", async () => {
    const bedrock = simulated();
    const preflight = await ask(bedrock, { operation: "CountTokens", modelId: "amazon.nova-pro-v1:0", probe: true });
    expect(bedrock.requests.some(({ operation }) => operation === "Converse")).toBe(false);
    expect(says(preflight, "probe")[0]).toContain("needs another permission");
  });

  it("that AWS denied takes precedence over policies, and over a probe that succeeded", async () => {
    const bedrock = simulated();
    bedrock.deny({ stage: "profile", policyType: "service-control-policy" });
    const preflight = await ask(bedrock, { policies: policySet({ identity: [FULL] }), probe: true });
    expect(preflight).toMatchObject({ verdict: "blocked", blockedRegions: ["us-east-1"] });
    expect(preflight.legs[0]).toMatchObject({ verdict: "blocked", evidence: ["probe"] });
    expect(says(preflight, "policies")[0]).toContain("but AWS denied it. The policies are incomplete or out of date.");

    const other = simulated();
    other.deny({ kind: "account-not-authorized" });
    const unsure = await ask(other, { policies: policySet({ identity: [FULL] }), probe: true });
    expect(unsure.verdict).toBe("unknown");
    expect(unsure.summary).toContain("AWS denied an empty request (account-not-authorized).");
  });
});

describe("what a call needs in addition to its legs", () => {
  it("prevents a preflight from being allowed: a prompt's model, a guardrail, an API key", async () => {
    const bedrock = simulated();
    const policies = policySet({ identity: [FULL] });
    const prompt = await ask(bedrock, { modelId: `arn:aws:bedrock:us-east-1:${ACCOUNT}:prompt/ABCDEFGHIJ`, policies });
    expect(prompt).toMatchObject({ verdict: "unknown", legsComplete: false });
    expect(prompt.summary).toContain("there might be more legs");

    const guarded = { guardrailIdentifier: "g-1", guardrailVersion: "1" };
    const client = clientOf(bedrock, { diagnosis: { policies, enforcedGuardrails: [] } });
    expect((await client.diagnose(new InvokeModelCommand({ modelId: NOVA, body: "{}" }))).verdict).toBe("allowed");
    const preflight = await client.diagnose(new InvokeModelCommand({ modelId: NOVA, body: "{}", ...guarded }));
    expect(preflight).toMatchObject({ verdict: "unknown", leftOut: ["guardrail-profile"] });
    expect(preflight.summary).toContain("the following wasn't checked: the guardrail profile");

    const apiKey = { token: { token: "key" }, authSchemePreference: ["httpBearerAuth"] };
    const principalArn = `arn:aws:iam::${ACCOUNT}:user/dana`;
    const stated = { policies, principalArn, enforcedGuardrails: [] };
    const bearer = await diagnose({ modelId: NOVA, client: clientOf(bedrock, {}, apiKey), ...stated });
    expect(bearer).toMatchObject({ verdict: "unknown", leftOut: ["api-key"] });
  });

  it("includes keys that the call sets, with the call's values", async () => {
    const guardrail = policy("Guarded", {
      Effect: "Deny",
      Action: "bedrock:Invoke*",
      Resource: "*",
      Condition: {
        StringNotEquals: { "bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/g" },
      },
    });
    const policies = policySet({ identity: [FULL, guardrail], unknownContext: "absent" });
    const client = clientOf(simulated(), { diagnosis: { policies } });
    const guardedBy = (guardrailConfig: { guardrailIdentifier: string; guardrailVersion: string | undefined }) =>
      client.diagnose(new ConverseCommand({ modelId: NOVA, messages: [], guardrailConfig }));
    const ofModel = ({ legs }: Preflight) =>
      new Set(legs.filter(({ leg }) => leg.stage !== "guardrail").map(({ verdict }) => verdict));
    const guarded = await guardedBy({ guardrailIdentifier: "g", guardrailVersion: "DRAFT" });
    expect(ofModel(guarded)).toEqual(new Set(["allowed"]));
    expect(ofModel(await guardedBy({ guardrailIdentifier: "g", guardrailVersion: "1" }))).toEqual(new Set(["blocked"]));
    const undetermined = await guardedBy({ guardrailIdentifier: "g", guardrailVersion: undefined });
    expect(ofModel(undetermined)).toEqual(new Set(["unknown"]));
    const plain = await client.diagnose(new ConverseCommand({ modelId: NOVA, messages: [] }));
    expect(plain.verdict).toBe("blocked");
  });
});

describe("policies and their names", () => {
  it("are listed once if one blocks two Regions, also if AWS identifies it by ARN", async () => {
    const arn = "arn:aws:organizations::999900001111:policy/o-x/service_control_policy/p-abc12345";
    const both = { ...denyIn("RegionDeny", ["us-east-2", "us-west-2"]), arn };
    const serviceControl = [{ level: "Root", policies: [FULL, both] }];
    const bedrock = simulated(inScp(both));
    const diagnosis = await refused(bedrock, { policies: policySet({ identity: [FULL], serviceControl }) });
    expect(diagnosis.summary).toContain(
      "is denied in us-east-2 and us-west-2, destination Regions of us.amazon.nova-pro-v1:0 (source Region us-east-1), by an explicit deny in service control policy RegionDeny (p-abc12345)",
    );
  });

  it("don't get AWS's ARN if several documents without an ARN might be that policy", async () => {
    const policyArn = "arn:aws:organizations::999900001111:policy/o-x/service_control_policy/p-bbbb";
    const bedrock = simulated();
    bedrock.deny({ region: "us-west-2", policyType: "service-control-policy", denyKind: "explicit", policyArn });
    const deny = (name: string) => denyIn(name, ["us-west-2"]);
    const serviceControl = [{ level: "Root", policies: [FULL, deny("A"), deny("B")] }];
    const { policy: decided } = await refused(bedrock, { policies: policySet({ identity: [FULL], serviceControl }) });
    expect(decided).toEqual({ type: "service-control-policy", denyKind: "explicit", arn: policyArn, id: "p-bbbb" });
  });

  it("can't break out of a line in a summary, a reason, or a report", async () => {
    const evil = "Evil\n\n# PWNED\u001b[2J";
    const serviceControl = [{ level: evil, policies: [FULL, denyIn(evil, ["us-west-2"])] }];
    const preflight = await ask(simulated(), { policies: policySet({ identity: [FULL], serviceControl }) });
    const lines = preflight.summary.split("\n");
    expect(lines).toHaveLength(2);
    const texts = [...lines, ...preflight.legs.map(({ because }) => because)];
    for (const text of texts) expect(text).not.toMatch(/\p{Cc}/u);
    const { formatDiagnosis } = await import("../../src/offline.js");
    for (const format of ["text", "markdown", "html"] as const) {
      expect(formatDiagnosis(preflight, format)).not.toContain("\n# PWNED");
      expect(formatDiagnosis(preflight, format)).not.toContain("\u001b");
    }
  });
});

describe("callers whose service control or session policies apply in another way", () => {
  const [leg] = [
    { stage: "model" as const, action: "bedrock:InvokeModel", resource: model("us-east-1"), region: "us-east-1" },
  ];
  const verdictOf = (arn: string, policies: object, context = {}) =>
    evaluateAccess({ legs: [leg], principal: { arn }, policies, context })[0]?.verdict;

  it("a federated user has a session policy, provided or not", () => {
    const kim = `arn:aws:sts::${ACCOUNT}:federated-user/kim`;
    expect(verdictOf(kim, { identity: [FULL] })).toBe("unknown");
    expect(verdictOf(kim, { identity: [FULL], session: [FULL] })).toBe("allowed");
  });

  it("a session of a service-linked role isn't subject to service control policies", () => {
    const serviceControl = [{ level: "Root", policies: [FULL, denyIn("East", ["us-east-1"])] }];
    const context = { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/aws-service-role/x.amazonaws.com/App` };
    expect(verdictOf(SESSION, { identity: [FULL], serviceControl })).toBe("blocked");
    expect(verdictOf(SESSION, { identity: [FULL], serviceControl }, context)).toBe("allowed");
  });
});
