import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { portsOf } from "../../src/aws/ports.js";
import { diagnose } from "../../src/diagnose/diagnose.js";
import type { Conclusion } from "../../src/diagnose/evidence.js";
import {
  type BedrockRuntimeClient,
  type Diagnosis,
  type DiagnosisOptions,
  evaluateAccess,
  formatDiagnosis,
  isDiagnosedError,
  type PolicyInput,
  type PolicyKnowledge,
  parseModelId,
  parseRefusal,
} from "../../src/index.js";
import { resolveOptions } from "../../src/options.js";
import { compileKnowledge } from "../../src/policy/knowledge.js";
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

  it("name every blocked Region and statement, not only the one in the message", async () => {
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
    // The identity's policies are not known, so nothing is called allowed.
    expect(diagnosis.legs.filter(({ verdict }) => verdict === "allowed")).toEqual([]);
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
    expect(formatDiagnosis(diagnosis, "text")).toContain("DenyEast");
  });

  it("with the identity's policies at hand make every leg known, and the remedy is verified", async () => {
    const bedrock = simulated(organization);
    const options = { policies: { identity: [FULL] }, organization: { client: auditing(bedrock) } };
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

  it("are read once for all calls, and go before a copy that the application has", async () => {
    const bedrock = simulated(organization);
    const stale = { serviceControl: [{ level: "Root", policies: [FULL] }], identity: [FULL] };
    const client = clientFor(bedrock, { policies: stale, organization: { client: auditing(bedrock) } });
    const found = await Promise.all(Array.from({ length: 20 }, () => diagnosisOf(client)));
    expect(found.every((diagnosis) => diagnosis?.blockedRegions.length === 2)).toBe(true);
    expect(bedrock.requests.filter(({ operation }) => operation === "DescribeOrganization")).toHaveLength(1);
    const read = bedrock.requests.filter(({ operation }) => operation === "DescribePolicy");
    expect(read).toHaveLength(4);
  });

  it("are not asked for what no policy decides", async () => {
    const bedrock = simulated(organizationOf({}));
    bedrock.refuse({ kind: "account-not-authorized" });
    await diagnosisOf(clientFor(bedrock, { organization: { client: auditing(bedrock) } }));
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["Converse"]);
  });

  it("are read over a real socket by a client of our own, with the credentials that were given", async () => {
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

describe("an organization that cannot be read is evidence of that, and the call's error is its own", () => {
  const organization = organizationOf({ policies: [FULL, denyRegions("DenyWest", "us-west-2")] });
  const cases: [string, Fault | undefined, object][] = [
    ["throttled", { operation: "ListParents", name: "throttling" }, { errorName: "ThrottlingException" }],
    ["failing", { operation: "DescribePolicy", name: "internal-error" }, { errorName: "InternalServerException" }],
    ["answering nonsense", { operation: "ListParents", body: "{}" }, { errorName: "SyntaxError" }],
    ["answering no JSON", { operation: "ListParents", body: "<html>" }, { reason: "error" }],
    ["answering no policy", { operation: "DescribePolicy", body: '{"Policy":{"Content":"{"}}' }, { reason: "error" }],
    ["slow", { operation: "DescribeOrganization", hang: true }, { reason: "deadline" }],
  ];

  it.each(cases)("%s", async (_, fault, finding) => {
    const bedrock = simulated(organization);
    if (fault) bedrock.fault(fault);
    const client = clientFor(bedrock, { timeoutMs: 300, organization: { client: auditing(bedrock) } });
    const diagnosis = await diagnosisOf(client);
    if (!diagnosis) throw new Error("not refused");
    expect(diagnosis.blockedRegions).toEqual(["us-west-2"]);
    expect(toldBy(diagnosis, "organization").at(-1)?.finding).toMatchObject({ code: "source-failed", ...finding });
    expect(diagnosis.legs.filter(({ verdict }) => verdict === "allowed")).toEqual([]);
    client.destroy();
  });

  it("denied, as to every account but the management account's", async () => {
    const bedrock = simulated(organization);
    const own = new OrganizationsClient({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDAPP", secretAccessKey: "S" },
      requestHandler: inProcess(bedrock) as never,
    });
    const diagnosis = await diagnosisOf(clientFor(bedrock, { organization: { client: own } }));
    expect(diagnosis && toldBy(diagnosis, "organization")[0]?.says).toBe("Failed with AccessDeniedException.");
  });
});

/** What the evidence shows of a refused call, read from AWS Organizations by its real client; without remedies, which take their time. */
async function concluded(bedrock: SimulatedBedrock, policies?: PolicyKnowledge): Promise<Conclusion | undefined> {
  const client = clientFor(bedrock, { enabled: false });
  const error = await client.send(new ConverseCommand({ modelId: NOVA, messages: [] })).then(
    () => undefined,
    (thrown) => thrown,
  );
  const refusal = parseRefusal(error);
  if (refusal === null) return undefined;
  const ports = portsOf(client, resolveOptions({ diagnosis: { organization: { client: auditing(bedrock) } } }));
  const call = { operation: "Converse", modelId: NOVA, reference: parseModelId(NOVA), sourceRegion: "us-east-1" };
  const limits = { timeoutMs: 2_000, signal: undefined, now: Date.now };
  const given = policies && compileKnowledge(policies, "policies");
  const { conclusion } = await diagnose({ call, refusal, given }, ports, limits);
  ports.destroy();
  return conclusion;
}

describe("random organizations", () => {
  const SCPS = [
    FULL,
    denyRegions("DenyWest2", "us-west-2"),
    denyRegions("DenyEast2", "us-east-2"),
    policy("OnlyApproved", {
      Effect: "Deny",
      NotAction: ["iam:*", "sts:*"],
      Resource: "*",
      Condition: {
        StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2"] },
        ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*" },
      },
    }),
    policy("ExemptAdmins", {
      Effect: "Deny",
      Action: "bedrock:Invoke*",
      Resource: "*",
      Condition: {
        StringEquals: { "aws:RequestedRegion": "us-west-2" },
        ArnNotLike: { "aws:PrincipalArn": ["arn:aws:iam::*:role/Admin*"] },
      },
    }),
    policy("BedrockOnly", { Effect: "Allow", Action: "bedrock:*", Resource: "*" }),
    policy("NovaOnly", {
      Effect: "Allow",
      Action: "bedrock:*",
      Resource: ["arn:aws:bedrock:*::foundation-model/amazon.*"],
    }),
  ];
  const attached = fc
    .subarray(SCPS, { minLength: 0, maxLength: 3 })
    .map((some) => (some.includes(FULL) ? some : [FULL, ...some]));
  const bare = fc.subarray(SCPS, { minLength: 1, maxLength: 2 });
  const level = fc.oneof({ weight: 4, arbitrary: attached }, { weight: 1, arbitrary: bare });
  const identities = [
    [FULL],
    [
      policy("EastOnly", {
        Effect: "Allow",
        Action: "bedrock:*",
        Resource: ["arn:aws:bedrock:us-east-1:*:*", "arn:aws:bedrock:us-east-2:*:*"],
      }),
    ],
  ];
  const scenario = fc.record({
    levels: fc.array(level, { minLength: 2, maxLength: 5 }),
    identity: fc.constantFrom(...identities),
    role: fc.constantFrom("AppRole", "AdminRole"),
  });

  it("of 500, no leg is said to be allowed that is blocked, nor the other way round, and the statement is the right one", async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ levels, identity, role }) => {
        const arn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
        // From the account up: its own policies, the units', the root's.
        const [own, ...above] = levels.toReversed();
        let unit: VirtualUnit = {
          name: "unit0",
          policies: above[0] ?? [],
          accounts: [{ id: ACCOUNT, policies: own ?? [] }],
        };
        above.slice(1).forEach((policies, depth) => {
          unit = { name: `unit${depth + 1}`, policies, units: [unit] };
        });
        const bedrock = simulated({ managementAccountId: MANAGEMENT, root: unit }, { arn, identity });
        const both = await concluded(bedrock, { identity });
        if (both === undefined) return;
        refused += 1;
        const truth = evaluateAccess({
          legs: both.legs.map(({ leg }) => leg),
          principal: { arn },
          policies: { identity, serviceControl: levels.map((policies, at) => ({ level: String(at), policies })) },
          unknownContext: "absent",
        });
        expect(both.legs.map(({ verdict }) => verdict)).toEqual(truth.map(({ verdict }) => verdict));
        both.legs.forEach(({ decidedBy }, at) => {
          expect(decidedBy?.policyName).toBe(truth[at]?.decidedBy?.policyName);
          expect(decidedBy?.path).toBe(truth[at]?.decidedBy?.path);
        });
        // Alone it knows no identity's policy: what it says is right, and the rest is unknown.
        const alone = await concluded(bedrock);
        alone?.legs.forEach(({ verdict }, at) => {
          if (verdict !== "unknown") expect(verdict).toBe(truth[at]?.verdict);
        });
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(200);
  }, 120_000);
});
