import {
  GetRoleCommand,
  IAMClient,
  SimulatePrincipalPolicyCommand,
  type SimulatePrincipalPolicyCommandInput,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  SimulatedBedrock,
  type SimulatedBedrockOptions,
  type VirtualPrincipal,
} from "../../src/testing/simulated-bedrock.js";
import { FULL, policy } from "../policies.js";

// The SDK's own clients, over a real socket.

const ACCOUNT = "111122223333";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/service-role/App`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`;
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/amazon.nova-pro-v1:0`;

const deny = (name: string, Condition: object) =>
  policy(name, { Effect: "Deny", Action: "bedrock:*", Resource: "*", Condition });

async function world(principal: Partial<VirtualPrincipal> = {}, options: SimulatedBedrockOptions = {}) {
  const bedrock = new SimulatedBedrock({ principals: [{ arn: SESSION, roleArn: ROLE, ...principal }], ...options });
  const server = await bedrock.listen();
  const settings = {
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "AKID", secretAccessKey: "S" },
    maxAttempts: 1,
  };
  const [iam, sts] = [new IAMClient(settings), new STSClient(settings)];
  onTestFinished(async () => {
    iam.destroy();
    sts.destroy();
    await server.close();
  });
  const simulate = async (input: Partial<SimulatePrincipalPolicyCommandInput> = {}) => {
    const { EvaluationResults = [], IsTruncated } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: ROLE,
        ActionNames: ["bedrock:InvokeModel"],
        ResourceArns: [model("us-east-1"), model("us-west-2")],
        ContextEntries: [
          { ContextKeyName: "aws:RequestedRegion", ContextKeyValues: ["us-west-2"], ContextKeyType: "string" },
        ],
        ...input,
      }),
    );
    expect(IsTruncated).toBe(false);
    return EvaluationResults;
  };
  return { iam, sts, simulate };
}

describe("AWS STS and IAM for virtual principals", () => {
  it("return the caller and the path of the role", async () => {
    const { iam, sts } = await world();
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: SESSION, Account: ACCOUNT });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "App" }));
    expect(Role).toMatchObject({ Arn: ROLE, Path: "/service-role/", RoleName: "App" });
    expect(Role?.CreateDate).toBeInstanceOf(Date);
  });

  it("fail with IAM's messages: unknown role, a session as the entity, an action that isn't allowed", async () => {
    const { iam, simulate } = await world();
    await expect(iam.send(new GetRoleCommand({ RoleName: "Other" }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      $metadata: { httpStatusCode: 404 },
    });
    await expect(simulate({ PolicySourceArn: SESSION })).rejects.toMatchObject({ name: "InvalidInputException" });
    const other = await world({ identity: [policy("None", { Effect: "Allow", Action: "bedrock:*", Resource: "*" })] });
    await expect(other.simulate()).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
    // GetCallerIdentity needs no permission.
    await expect(other.sts.send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({ Arn: SESSION });
  });
});

describe("IAM's policy simulator", () => {
  it("returns one result per action, with a template for a name and the verdicts by resource", async () => {
    const east = policy("East", { Effect: "Allow", Action: "bedrock:*", Resource: model("us-east-1") });
    const { simulate } = await world({
      identity: [east, policy("Iam", { Effect: "Allow", Action: "iam:*", Resource: "*" })],
    });
    const results = await simulate({ ActionNames: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"] });
    expect(results.map(({ EvalActionName }) => EvalActionName)).toEqual([
      "bedrock:InvokeModel",
      "bedrock:InvokeModelWithResponseStream",
    ]);
    expect(results[0]).toMatchObject({
      EvalResourceName: "arn:${Partition}:bedrock:${Region}::foundation-model/${ResourceId}",
      EvalDecision: "implicitDeny",
      ResourceSpecificResults: [
        { EvalResourceName: model("us-east-1"), EvalResourceDecision: "allowed" },
        { EvalResourceName: model("us-west-2"), EvalResourceDecision: "implicitDeny" },
      ],
    });
    // Neither an organization nor a boundary, so neither detail.
    expect(results[0]?.OrganizationsDecisionDetail).toBeUndefined();
    expect(results[0]?.PermissionsBoundaryDecisionDetail).toBeUndefined();
  });

  it("evaluates service control policies, and returns only that they deny", async () => {
    const scp = deny("DenyWest", { StringEquals: { "aws:RequestedRegion": "us-west-2" } });
    const { simulate } = await world(
      {},
      { organization: { root: { name: "Root", policies: [FULL, scp], accounts: [{ id: ACCOUNT }] } } },
    );
    const [result] = await simulate();
    expect(result).toMatchObject({
      EvalDecision: "explicitDeny",
      OrganizationsDecisionDetail: { AllowedByOrganizations: false },
    });
    expect(result?.MatchedStatements ?? []).toEqual([]);
    expect(JSON.stringify(result?.ResourceSpecificResults)).not.toContain("Organizations");
  });

  it("returns the permissions boundary's decision for each resource", async () => {
    const boundary = policy(
      "Bound",
      { Effect: "Allow", Action: "bedrock:*", Resource: model("us-east-1") },
      {
        Effect: "Allow",
        Action: "iam:*",
        Resource: "*",
      },
    );
    const [result] = await (await world({ boundary })).simulate();
    expect(result?.ResourceSpecificResults?.map((each) => each.PermissionsBoundaryDecisionDetail)).toEqual([
      { AllowedByPermissionsBoundary: true },
      { AllowedByPermissionsBoundary: false },
    ]);
  });

  it("lists the missing keys of identity-based policies, and never those of service control policies", async () => {
    const asking = deny("Asking", { StringEquals: { "aws:PrincipalTag/team": "x", "aws:UserId": "y" } });
    const scp = deny("Hidden", { StringEquals: { "aws:SourceVpce": "vpce-1" } });
    const { simulate } = await world(
      { identity: [FULL, asking] },
      { organization: { root: { name: "Root", policies: [FULL, scp], accounts: [{ id: ACCOUNT }] } } },
    );
    const [result] = await simulate();
    // The simulator supplies aws:UserId by itself.
    expect(result?.MissingContextValues).toEqual(["aws:PrincipalTag/team"]);
    const [told] = await simulate({
      ContextEntries: [{ ContextKeyName: "aws:PrincipalTag/team", ContextKeyValues: ["x"], ContextKeyType: "string" }],
    });
    expect(told?.MissingContextValues ?? []).toEqual([]);
  });

  it("doesn't supply aws:PrincipalArn by itself: an exemption by that key doesn't apply unless the request supplies it", async () => {
    const scp = deny("ExemptApp", { ArnNotLike: { "aws:PrincipalArn": ROLE } });
    const { simulate } = await world(
      {},
      { organization: { root: { name: "Root", policies: [FULL, scp], accounts: [{ id: ACCOUNT }] } } },
    );
    expect((await simulate())[0]?.EvalDecision).toBe("explicitDeny");
    const supplied = [
      { ContextKeyName: "aws:PrincipalArn", ContextKeyValues: [ROLE], ContextKeyType: "string" as const },
    ];
    expect((await simulate({ ContextEntries: supplied }))[0]?.EvalDecision).toBe("allowed");
  });

  it("evaluates neither session policies nor VPC endpoint policies", async () => {
    const nothing = policy("Nothing", { Effect: "Deny", Action: "bedrock:*", Resource: "*" });
    const { simulate } = await world(
      { session: [FULL, nothing] },
      {
        vpcEndpoint: policy(
          "Endpoint",
          { Effect: "Deny", Principal: "*", Action: "bedrock:*", Resource: "*" },
          { Effect: "Allow", Principal: "*", Action: "*", Resource: "*" },
        ),
      },
    );
    expect((await simulate())[0]?.EvalDecision).toBe("allowed");
  });
});
