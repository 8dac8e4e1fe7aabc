import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portsOf } from "../../src/aws/ports.js";
import { diagnoseQuestion } from "../../src/diagnose/diagnose.js";
import type { Conclusion } from "../../src/diagnosis.js";
import type { BedrockRuntimeClient, Decision, DiagnosisOptions, PolicyInput } from "../../src/index.js";
import { evaluateAccess, type PolicySetInput, parseModelId, parseRefusal, policySet } from "../../src/offline.js";
import { resolveOptions } from "../../src/options.js";
import {
  SimulatedBedrock,
  type VirtualOrganization,
  type VirtualPrincipal,
  type VirtualUnit,
} from "../../src/testing/simulated-bedrock.js";
import { authorizerOf } from "../../src/testing/virtual-organization.js";
import { clientOf } from "../in-process.js";
import { denyIn, FULL, policy } from "../policies.js";

// The truth is what the simulated Bedrock decides, leg by leg, with all information. No source has all of it.

const NOVA = "us.amazon.nova-pro-v1:0";
const GLOBAL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0";
const ACCOUNT = "111122223333";
const MANAGEMENT = "999900001111";
const TEAM = { "aws:PrincipalTag/team": "search" };

/** For callers that aren't allowed everything: what the sources need for themselves. */
const SELF = { Effect: "Allow", Action: ["iam:*", "sts:*", "bedrock:Get*"], Resource: "*" };
const allowIn = (name: string, ...regions: string[]) =>
  policy(name, SELF, {
    Effect: "Allow",
    Action: "bedrock:Invoke*",
    Resource: regions.map((region) => `arn:aws:bedrock:${region}:*:*`),
  });

const SCPS = [
  denyIn("DenyWest2", ["us-west-2"]),
  denyIn("DenyEast2", ["us-east-2"]),
  denyIn("DenyEast1", ["us-east-1"]),
  denyIn("ExemptAdmins", ["us-west-2", "us-east-2"], {
    ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/admin/*" },
  }),
  policy("OnlyApproved", {
    Effect: "Deny",
    NotAction: ["iam:*", "sts:*"],
    Resource: "*",
    Condition: {
      StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2"] },
      ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
    },
  }),
  denyIn("ExemptSso", ["us-west-2", "unspecified"], {
    ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/eu-west-1/*" },
  }),
  denyIn("OnlyAdmins", ["us-east-2", "unspecified"], {
    StringLike: { "aws:PrincipalArn": "*:role/ad*n/*" },
  }),
  denyIn("ExemptUs", ["us-west-2"], {
    ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" },
  }),
  denyIn("OnlyServices", ["us-east-2"], { Bool: { "aws:PrincipalIsAWSService": "false" } }),
  denyIn("OnlyTls", ["us-west-2", "us-east-2"], { Bool: { "aws:SecureTransport": "false" } }),
  denyIn("OnlyTagged", ["us-east-2"], { StringNotEquals: { "aws:PrincipalTag/team": "search" } }),
  denyIn("NotTagged", ["us-east-2"], { StringEquals: { "aws:PrincipalTag/team": "search" } }),
];
/** What a level allows: all, as AWS sets it up, or a list. */
const ALLOWING = [
  FULL,
  FULL,
  FULL,
  policy("OverTls", {
    Effect: "Allow",
    Action: "*",
    Resource: "*",
    Condition: { Bool: { "aws:SecureTransport": "true" } },
  }),
  policy("BedrockAndIam", { Effect: "Allow", Action: ["bedrock:*", "iam:*"], Resource: "*" }),
  policy("NovaOnly", SELF, {
    Effect: "Allow",
    Action: "bedrock:*",
    Resource: ["arn:aws:bedrock:*::foundation-model/amazon.*", "arn:aws:bedrock:*:*:inference-profile/*"],
  }),
  policy(
    "OnlyEast",
    { Effect: "Allow", Action: ["iam:*", "sts:*", "bedrock:Get*"], Resource: "*" },
    {
      Effect: "Allow",
      Action: "bedrock:*",
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2"] } },
    },
  ),
];
/** Sessions and their roles, whose path AWS's messages don't contain, and a user. */
const CALLERS: Pick<VirtualPrincipal, "arn" | "roleArn">[] = [
  { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`, roleArn: `arn:aws:iam::${ACCOUNT}:role/AppRole` },
  {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AppRole/session`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/admin/AppRole`,
  },
  {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/kim`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef`,
  },
  {
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/kim`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef`,
  },
  { arn: `arn:aws:iam::${ACCOUNT}:user/dana` },
];
const IDENTITIES = [
  [FULL],
  [allowIn("East", "us-east-1", "us-east-2")],
  [allowIn("Anywhere", "*")],
  [FULL, denyIn("NotTaggedHere", ["us-west-2"], { StringEquals: { "aws:PrincipalTag/team": "search" } })],
  [
    allowIn("Source", "us-east-1"),
    policy("Elsewhere", {
      Effect: "Allow",
      Action: "bedrock:Invoke*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:PrincipalTag/team": "search" } },
    }),
  ],
];
const BOUNDARIES = [undefined, allowIn("BoundEast", "us-east-1", "us-east-2"), FULL];
const NARROW = [undefined, undefined, denyIn("NarrowWest", ["us-west-2"])].map(
  (narrow) =>
    narrow && {
      ...narrow,
      document: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "*", Resource: "*" },
          ...(narrow.document as { Statement: object[] }).Statement,
        ],
      },
    },
);
const asEndpoint = (narrow: PolicyInput): PolicyInput => ({
  ...narrow,
  document: {
    Version: "2012-10-17",
    Statement: (narrow.document as { Statement: object[] }).Statement.map((each) => ({ ...each, Principal: "*" })),
  },
});

const scenario = fc.record({
  levels: fc.array(
    fc
      .tuple(fc.constantFrom(...ALLOWING), fc.subarray(SCPS, { maxLength: 2 }))
      .map(([allowing, some]) => [allowing, ...some]),
    { minLength: 2, maxLength: 4 },
  ),
  identity: fc.constantFrom(...IDENTITIES),
  boundary: fc.constantFrom(...BOUNDARIES),
  session: fc.constantFrom(...NARROW),
  vpcEndpoint: fc.constantFrom(...NARROW),
  caller: fc.constantFrom(...CALLERS),
  modelId: fc.constantFrom(NOVA, NOVA, GLOBAL),
  isTagged: fc.boolean(),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** What decides, whatever a source calls its level. */
const nameOf = (decision: Decision | undefined) =>
  [decision?.policyType, decision?.denyKind, decision?.policyName, decision?.path].filter((each) => each).join(" ");

/** What the SDK otherwise looks up in the environment and in files, for every client of its own. */
const SETTINGS = {
  maxAttempts: 1,
  retryMode: "standard",
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  defaultsMode: "standard",
  userAgentAppId: "tests",
} as const;

interface World {
  client: BedrockRuntimeClient;
  bedrock: SimulatedBedrock;
  /** Everything that blocks a leg. */
  blockersOf(leg: Conclusion["legs"][number]["leg"]): string[];
  described: PolicySetInput;
  auditing: OrganizationsClient;
}

function worldOf({ levels, identity, boundary, session, vpcEndpoint, caller, isTagged }: Scenario): World {
  const [own, ...above] = levels.toReversed();
  let unit: VirtualUnit = { name: "unit0", policies: above[0] ?? [], accounts: [{ id: ACCOUNT, policies: own ?? [] }] };
  above.slice(1).forEach((policies, depth) => {
    unit = { name: `unit${depth + 1}`, policies, units: [unit] };
  });
  const organization: VirtualOrganization = { managementAccountId: MANAGEMENT, root: unit };
  const principal: VirtualPrincipal = {
    ...caller,
    identity,
    ...(boundary ? { boundary } : {}),
    ...(session ? { session: [session] } : {}),
    ...(isTagged ? { context: TEAM } : {}),
  };
  const endpoint = vpcEndpoint && asEndpoint(vpcEndpoint);
  const auditor: VirtualPrincipal = { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: "AKIDAUDITOR" };
  const bedrock = new SimulatedBedrock({
    organization,
    principals: [principal, auditor],
    ...(endpoint ? { vpcEndpoint: endpoint } : {}),
  });
  const truth = authorizerOf(principal, organization, endpoint);
  const client = clientOf(bedrock, { diagnosis: { enabled: false } }, SETTINGS);
  return {
    client,
    blockersOf: (leg) => {
      if (truth.blocks(leg) === undefined) return [];
      const [told] = evaluateAccess({
        legs: [leg],
        principal: { arn: caller.roleArn ?? caller.arn },
        policies: {
          identity,
          serviceControl: levels.map((policies, at) => ({ level: `${at}`, policies })),
          ...(boundary ? { boundary } : {}),
          ...(session ? { session: [session] } : {}),
          ...(endpoint ? { vpcEndpoint: endpoint } : {}),
        },
        context: isTagged ? TEAM : {},
        unknownContext: "absent",
      });
      return [told?.decidedBy, ...(told?.alsoBlockedBy ?? [])].map((each) => nameOf(each));
    },
    described: {
      ...(session ? { session: [session] } : {}),
      ...(endpoint ? { vpcEndpoint: endpoint } : {}),
      ...(isTagged ? { context: TEAM } : {}),
      unknownContext: "absent",
    },
    bedrock,
    auditing: organizationsAs("AKIDAUDITOR", bedrock),
  };
}

const simulation = true;
/**
 * Asks the simulated AWS Organizations without the SDK, whose own work takes most of the time of so many requests. What the
 * SDK makes of them is tested with one source below, and in organization.test.ts.
 */
const organizationsAs = (accessKeyId: string, bedrock: SimulatedBedrock): OrganizationsClient => {
  const send = async (command: { constructor: { name: string }; input: object }) => {
    const operation = command.constructor.name.replace(/Command$/, "");
    const signed = "SignedHeaders=host, Signature=0";
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSOrganizationsV20161128.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261125/us-east-1/organizations/aws4_request, ${signed}`,
    };
    const body = JSON.stringify(command.input);
    const request = new Request("https://organizations.us-east-1.amazonaws.com/", { method: "POST", headers, body });
    const response = await bedrock.handle(request);
    const answer = (await response.json()) as { __type?: string; message?: string };
    if (response.ok) return answer;
    throw Object.assign(new Error(answer.message), { name: answer.__type?.split("#").at(-1) });
  };
  return { send, destroy() {} } as never;
};
const organizationsOverSdk = (accessKeyId: string, { config }: BedrockRuntimeClient) =>
  new OrganizationsClient({
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "S" },
    requestHandler: config.requestHandler as never,
    ...SETTINGS,
  });
type Knows = "some" | "all" | "all, with statements";
/** Each source alone, then together, then with what an application can describe of itself. */
const SOURCES: [string, (world: World, scenario: Scenario) => DiagnosisOptions, Knows][] = [
  ["nothing", () => ({}), "some"],
  ["simulation", () => ({ simulation }), "some"],
  ["organization", ({ client }) => ({ organization: { client: organizationsOverSdk("AKIDAUDITOR", client) } }), "some"],
  ["probe", () => ({ probe: true }), "some"],
  [
    "policies without the organization, which can't be read",
    ({ described, bedrock }, { identity, boundary }) => ({
      policies: policySet({ ...described, identity, ...(boundary ? { boundary } : {}) }),
      // Not the management account's.
      organization: { client: organizationsAs("AKIDEXAMPLE", bedrock) },
    }),
    "some",
  ],
  [
    "policies without the organization and the boundary, which the simulator evaluates",
    ({ described }, { identity }) => ({ policies: policySet({ ...described, identity }), simulation }),
    "some",
  ],
  [
    "simulation, organization and probe",
    ({ auditing }) => ({ simulation, organization: { client: auditing }, probe: true }),
    "some",
  ],
  [
    "policies",
    ({ described }, { identity, boundary, levels }) => ({
      policies: policySet({
        ...described,
        identity,
        ...(boundary ? { boundary } : {}),
        serviceControl: levels.map((policies, at) => ({ level: `${at}`, policies })),
      }),
    }),
    "all, with statements",
  ],
  [
    "organization, with the rest described",
    ({ described, auditing }, { identity, boundary }) => ({
      policies: policySet({ ...described, identity, ...(boundary ? { boundary } : {}) }),
      organization: { client: auditing },
    }),
    "all, with statements",
  ],
  [
    "all, with what an application can provide about its own session and network",
    ({ described, auditing }) => ({
      policies: policySet(described),
      simulation,
      organization: { client: auditing },
      probe: true,
    }),
    "all",
  ],
];

/** The conclusions about a denied call, and about a preflight before it. */
async function concluded({ client }: World, modelId: string, diagnosis: DiagnosisOptions) {
  const messages = [{ role: "user" as const, content: [{ text: "hello" }] }];
  const refusal = parseRefusal(
    await client.send(new ConverseCommand({ modelId, messages })).catch((error: unknown) => error),
  );
  const options = resolveOptions({ diagnosis });
  // The pace of the requests isn't tested here.
  const simulation = options.diagnosis.simulation && { ...options.diagnosis.simulation, requestsPerSecond: 100_000 };
  const ports = portsOf(client, { ...options, diagnosis: { ...options.diagnosis, simulation } });
  const call = { operation: "Converse", modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
  const limits = { timeoutMs: 10_000, signal: undefined, now: Date.now };
  const { policies } = options.diagnosis;
  const before = await diagnoseQuestion({ call, policies, preflight: true }, ports, limits);
  const after = refusal ? await diagnoseQuestion({ call, refusal, policies }, ports, limits) : undefined;
  ports.destroy();
  return { before: before.conclusion, after: after?.conclusion };
}

describe.each(SOURCES)("500 random organizations, diagnosed by %s", (_, sourcesOf, knows) => {
  it("have no leg that is reported as allowed and is blocked, or the other way around", async () => {
    let refused = 0;
    let known = 0;
    const judge = (world: World, { legs, complete }: Conclusion) => {
      for (const { leg, verdict, decidedBy } of legs) {
        if (verdict === "unknown") {
          expect(knows).toBe("some");
          continue;
        }
        known += 1;
        const blockers = world.blockersOf(leg);
        const truth = blockers.length > 0 ? "blocked" : "allowed";
        expect(`${leg.region} ${verdict}`).toBe(`${leg.region} ${truth}`);
        if (verdict === "allowed") continue;
        // The simulator identifies a policy type, and not a policy.
        if (decidedBy) expect(blockers.some((each) => each.startsWith(nameOf(decidedBy)))).toBe(true);
        if (knows === "all, with statements") expect(decidedBy).toBeDefined();
      }
      expect(complete).toBe(true);
    };
    await fc.assert(
      fc.asyncProperty(scenario, async (random) => {
        const world = worldOf(random);
        const { before, after } = await concluded(world, random.modelId, sourcesOf(world, random));
        judge(world, before);
        if (after === undefined) return;
        refused += 1;
        judge(world, after);
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(200);
    // At least the leg that AWS named.
    expect(known).toBeGreaterThanOrEqual(refused);
  }, 300_000);
});
