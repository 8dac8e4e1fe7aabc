import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
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
  type VirtualOrganization,
  type VirtualPrincipal,
  type VirtualUnit,
} from "../../src/testing/simulated-bedrock.js";
import { clientOf, inProcess } from "../in-process.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const ACCOUNT = "111122223333";
const MANAGEMENT = "999900001111";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/AppRole`;
const AUDITOR: VirtualPrincipal = { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: "AKIDAUDITOR" };

const policy = (name: string, ...statements: object[]): PolicyInput => ({
  name,
  arn: `arn:aws:organizations::${MANAGEMENT}:policy/o-simulated/service_control_policy/p-${name.toLowerCase()}`,
  document: { Version: "2012-10-17", Statement: statements },
});
const FULL = policy("Full", { Effect: "Allow", Action: "*", Resource: "*" });
const denyRegions = (name: string, ...regions: string[]) =>
  policy(name, {
    Sid: name,
    Effect: "Deny",
    Action: "bedrock:*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": regions } },
  });

function organizationOf(root: Partial<VirtualUnit>): VirtualOrganization {
  return { managementAccountId: MANAGEMENT, root: { name: "Root", accounts: [{ id: ACCOUNT }], ...root } };
}

const clientFor = (bedrock: SimulatedBedrock, diagnosis: DiagnosisOptions) =>
  clientOf(bedrock, { diagnosis }, { credentials: { accessKeyId: "AKIDAPP", secretAccessKey: "S" } });

const auditing = (bedrock: SimulatedBedrock) =>
  new OrganizationsClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDAUDITOR", secretAccessKey: "S" },
    requestHandler: inProcess(bedrock) as never,
    maxAttempts: 1,
  });

const simulated = (organization: VirtualOrganization, principal: Partial<VirtualPrincipal> = {}) =>
  new SimulatedBedrock({ organization, principals: [{ arn: ROLE, ...principal }, AUDITOR] });

async function diagnosisOf(client: BedrockRuntimeClient): Promise<Diagnosis | undefined> {
  const error: unknown = await client.send(new ConverseCommand({ modelId: NOVA, messages: [] })).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (error === undefined) return undefined;
  if (!isDiagnosedError(error)) throw error;
  return error.diagnosis;
}

const verdicts = ({ legs }: Diagnosis) => legs.map(({ leg, verdict }) => `${leg.stage} ${leg.region} ${verdict}`);
const toldBy = ({ evidence }: Diagnosis, source: string) => evidence.filter((piece) => piece.source === source);

describe("the service control policies of the organization", () => {
  const organization = organizationOf({
    policies: [FULL, denyRegions("DenyWest", "us-west-2")],
    units: [
      { name: "Work Loads", policies: [FULL, denyRegions("DenyEast", "us-east-2")], accounts: [{ id: ACCOUNT }] },
    ],
    accounts: [],
  });

  it("identify every blocked Region and statement, not only the one in the message", async () => {
    const bedrock = simulated(organization);
    const diagnosis = await diagnosisOf(clientFor(bedrock, { organization: { client: auditing(bedrock) } }));
    if (!diagnosis) throw new Error("not refused");
    expect(diagnosis.blockedRegions.toSorted()).toEqual(["us-east-2", "us-west-2"]);
    const blocked = diagnosis.legs.filter(({ verdict }) => verdict === "blocked");
    expect(blocked.map(({ decidedBy }) => decidedBy)).toMatchObject([
      { policyName: "DenyEast", level: "ou-root-workloads", sid: "DenyEast", path: "$.Statement[0]" },
      { policyName: "DenyWest", level: "r-root", sid: "DenyWest" },
    ]);
    expect(toldBy(diagnosis, "organization")[0]?.says).toBe(
      `AWS Organizations: r-root has Full and DenyWest; ou-root-workloads has Full and DenyEast; ${ACCOUNT} has FullAWSAccess.`,
    );
    expect(blocked.every(({ evidence }) => evidence.includes("organization"))).toBe(true);
    // The identity-based policies are unknown, so no leg is reported as allowed.
    expect(diagnosis.legs.filter(({ verdict }) => verdict === "allowed")).toEqual([]);
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
    expect(formatDiagnosis(diagnosis, "text")).toContain("DenyEast");
  });

  it("are distinguished from the other policy that blocks, with who has to fix which", async () => {
    const forgetful = policy(
      "Forgetful",
      { Effect: "Allow", Action: ["iam:*", "bedrock:Get*"], Resource: "*" },
      {
        Effect: "Allow",
        Action: "bedrock:*",
        Resource: ["arn:aws:bedrock:us-east-1:*:*", "arn:aws:bedrock:us-west-2:*:*"],
      },
    );
    const bedrock = simulated(organizationOf({ policies: [FULL, denyRegions("DenyWest", "us-west-2")] }), {
      identity: [forgetful],
    });
    const options = { simulation: { requestsPerSecond: 50 }, organization: { client: auditing(bedrock) } };
    const client = clientFor(bedrock, options);
    const diagnosis = await diagnosisOf(client);
    if (!diagnosis) throw new Error("not refused");
    const said = `is denied in us-east-2 (no identity-based policy allows it) and us-west-2 (the service control policy DenyWest (p-denywest) denies it explicitly).\nAsk an account administrator and an AWS Organizations administrator. Each of these denials must be fixed.`;
    expect(diagnosis.summary).toBe(`bedrock:InvokeModel through ${NOVA} from us-east-1 ${said}`);
    expect(diagnosis.policy).toEqual({ type: "identity-based-policy", denyKind: "implicit" });
    expect(diagnosis.remedies.map(({ who }) => who)).toEqual(
      expect.arrayContaining(["account-administrator", "organization-administrator"]),
    );
    // None of them is enough by itself.
    expect(diagnosis.remedies.filter(({ confidence }) => confidence !== "possible")).toEqual([]);

    const preflight = await client.diagnose(new ConverseCommand({ modelId: NOVA, messages: [] }));
    expect(preflight.summary).toContain(said);
    expect(preflight.policy).toBeUndefined();
  });

  it("with the provided identity-based policies, make every leg known, and the remedy is verified", async () => {
    const bedrock = simulated(organization);
    const options = { policies: policySet({ identity: [FULL] }), organization: { client: auditing(bedrock) } };
    const diagnosis = await diagnosisOf(clientFor(bedrock, options));
    if (!diagnosis) throw new Error("not refused");
    expect(verdicts(diagnosis)).toEqual([
      "profile us-east-1 allowed",
      "source-model us-east-1 allowed",
      "destination-model us-east-2 blocked",
      "destination-model us-west-2 blocked",
    ]);
    expect(diagnosis.remedies[0]).toMatchObject({ verified: true, who: "organization-administrator" });
  });

  it("are read once for all calls, and take precedence over a copy that the application provides", async () => {
    const bedrock = simulated(organization);
    const stale = { serviceControl: [{ level: "Root", policies: [FULL] }], identity: [FULL] };
    const client = clientFor(bedrock, { policies: policySet(stale), organization: { client: auditing(bedrock) } });
    const found = await Promise.all(Array.from({ length: 20 }, () => diagnosisOf(client)));
    expect(found.every((diagnosis) => diagnosis?.blockedRegions.length === 2)).toBe(true);
    expect(bedrock.requests.filter(({ operation }) => operation === "DescribeOrganization")).toHaveLength(1);
    const read = bedrock.requests.filter(({ operation }) => operation === "DescribePolicy");
    expect(read).toHaveLength(4);
  });

  it("aren't read if no policy decides", async () => {
    const bedrock = simulated(organizationOf({}));
    bedrock.deny({ kind: "account-not-authorized" });
    await diagnosisOf(clientFor(bedrock, { organization: { client: auditing(bedrock) } }));
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["Converse"]);
  });

  it("are read over a real socket by our own client, with the provided credentials", async () => {
    const bedrock = simulated(organization);
    const server = await bedrock.listen();
    onTestFinished(() => server.close());
    process.env.AWS_ENDPOINT_URL_ORGANIZATIONS = server.url;
    onTestFinished(() => {
      delete process.env.AWS_ENDPOINT_URL_ORGANIZATIONS;
    });
    const client = clientFor(bedrock, {
      organization: { credentials: { accessKeyId: "AKIDAUDITOR", secretAccessKey: "S" } },
    });
    const diagnosis = await diagnosisOf(client);
    expect(diagnosis?.blockedRegions.toSorted()).toEqual(["us-east-2", "us-west-2"]);
    client.destroy();
  });
});

describe("an organization that can't be read is evidence, and the call's error doesn't change", () => {
  const organization = organizationOf({ policies: [FULL, denyRegions("DenyWest", "us-west-2")] });

  it.each<Fault>([
    { operation: "ListParents", body: "{}" },
    { operation: "DescribePolicy", body: "{}" },
    { operation: "DescribePolicy", body: '{"Policy":{"Content":"{"}}' },
  ])("if it returns %j", async (fault) => {
    const bedrock = simulated(organization);
    bedrock.fault(fault);
    const diagnosis = await diagnosisOf(clientFor(bedrock, { organization: { client: auditing(bedrock) } }));
    if (!diagnosis) throw new Error("not refused");
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
    expect(toldBy(diagnosis, "organization").at(-1)?.finding).toMatchObject({ code: "source-failed", reason: "error" });
    expect(diagnosis.legs.filter(({ verdict }) => verdict === "allowed")).toEqual([]);
  });

  it("if it denies, as it does for every account except the management account", async () => {
    const bedrock = simulated(organization);
    const own = new OrganizationsClient({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDAPP", secretAccessKey: "S" },
      requestHandler: inProcess(bedrock) as never,
    });
    const diagnosis = await diagnosisOf(clientFor(bedrock, { organization: { client: own } }));
    expect(diagnosis && toldBy(diagnosis, "organization")[0]?.says).toBe(
      "AWS Organizations denied the request. It accepts requests only from the management account and from delegated administrators.",
    );
  });
});

describe("the path of the caller's role, which a session's ARN doesn't contain", () => {
  const session = {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/admin/AppRole`,
  };
  const exempting = (arn: string) =>
    policy("ExemptAdmins", {
      Effect: "Deny",
      Action: "bedrock:*",
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": "us-east-2" }, ArnNotLike: { "aws:PrincipalArn": arn } },
    });
  const organizationWith = (exempt: PolicyInput) =>
    organizationOf({ policies: [FULL, denyRegions("DenyWest", "us-west-2"), exempt] });
  const diagnosed = async (bedrock: SimulatedBedrock) => {
    const organization = { client: auditing(bedrock) };
    const diagnosis = await diagnosisOf(
      clientFor(bedrock, { organization, policies: policySet({ identity: [FULL] }) }),
    );
    if (!diagnosis) throw new Error("not refused");
    return diagnosis;
  };
  const east2 = ({ legs }: Diagnosis) => legs.find(({ leg }) => leg.region === "us-east-2");

  it("is looked up in IAM if a policy depends on it", async () => {
    const bedrock = simulated(organizationWith(exempting("arn:aws:iam::*:role/admin/*")), session);
    const diagnosis = await diagnosed(bedrock);
    expect(toldBy(diagnosis, "identity").map(({ says }) => says)).toEqual([`GetRole: The role is ${session.roleArn}.`]);
    expect(east2(diagnosis)?.verdict).toBe("allowed");
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
  });

  it("makes the verdict a guess if IAM doesn't return it", async () => {
    const bedrock = simulated(organizationWith(exempting("arn:aws:iam::*:role/admin/*")), session);
    bedrock.fault({ operation: "GetRole", status: 403, errorName: "AccessDenied" });
    const diagnosis = await diagnosed(bedrock);
    const leg = east2(diagnosis);
    expect(leg).toMatchObject({
      verdict: "unknown",
      likely: { verdict: "blocked", source: "policies", decidedBy: { policyName: "ExemptAdmins" } },
      evidence: [],
    });
    expect(leg?.decidedBy).toBeUndefined();
    expect(leg?.because).toContain(
      "Likely blocked: the service control policy ExemptAdmins at level r-root ($.Statement[0]) denies it, if the role is arn:aws:iam::111122223333:role/AppRole. The session's ARN doesn't contain the role's path",
    );
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
    expect(diagnosis.summary).toContain("Likely also denied: us-east-2.");
    expect(toldBy(diagnosis, "policies").at(-1)?.finding).toMatchObject({ allowed: 2, blocked: 1, unknown: 1 });
  });

  it("isn't looked up if no policy depends on it", async () => {
    const bedrock = simulated(organizationWith(exempting("arn:*:iam::*:role/AWSControlTowerExecution")), session);
    const diagnosis = await diagnosed(bedrock);
    expect(bedrock.requests.map(({ operation }) => operation)).not.toContain("GetRole");
    expect(diagnosis.blockedRegions.toSorted()).toEqual(["us-east-2", "us-west-2"]);
  });
});
