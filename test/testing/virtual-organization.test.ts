import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it, onTestFinished } from "vitest";
import { SimulatedBedrock, type SimulatedBedrockOptions } from "../../src/testing/simulated-bedrock.js";
import { FULL, MODEL, REGION_DENY } from "../cases/policies.js";

const SCP_ARN = "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31";
const APP = "arn:aws:sts::111122223333:assumed-role/App/s";
const deny = { ...REGION_DENY("us-east-1", "us-east-2"), arn: SCP_ARN };
const organization = (policies = [FULL, deny]) => ({
  managementAccountId: "999900001111",
  root: {
    name: "Root",
    units: [
      { name: "Workloads", policies, accounts: [{ id: "111122223333" }] },
      { name: "Sandbox", accounts: [{ id: "444455556666" }] },
    ],
  },
});

async function calling(options: SimulatedBedrockOptions) {
  const bedrock = new SimulatedBedrock(options);
  const server = await bedrock.listen();
  onTestFinished(() => server.close());
  const call = async (accessKeyId = "AKIDEXAMPLE", modelId = `us.${MODEL}`): Promise<string> => {
    const client = new BedrockRuntimeClient({
      region: "us-east-1",
      endpoint: server.url,
      credentials: { accessKeyId, secretAccessKey: "s" },
      maxAttempts: 1,
    });
    const message = await client.send(new ConverseCommand({ modelId, messages: [] })).then(
      () => "ok",
      (error: Error) => error.message,
    );
    client.destroy();
    return message;
  };
  return { bedrock, call };
}

describe("SimulatedBedrock decides by policy", () => {
  it("denies the first leg that a service control policy denies, with AWS's message, and records the deciding policy", async () => {
    const { bedrock, call } = await calling({ organization: organization(), principals: [{ arn: APP }] });
    expect(await call()).toBe(
      `User: ${APP} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy: ${SCP_ARN}`,
    );
    expect(bedrock.requests[0]).toMatchObject({ principal: APP });
    expect(bedrock.requests[0]?.legs.map(({ leg, allowed }) => `${leg.region} ${allowed}`)).toEqual([
      "us-east-1 true",
      "us-east-1 true",
      "us-east-2 true",
      "us-west-2 false",
    ]);
    expect(bedrock.requests[0]?.legs.at(-1)?.decidedBy).toMatchObject({
      policyName: "GRREGIONDENY",
      level: "Workloads",
      sid: "GRREGIONDENY",
      denyKind: "explicit",
    });
  });

  it("identifies no policy if no statement allows", async () => {
    const { call } = await calling({ principals: [{ arn: APP, identity: [] }] });
    expect(await call()).toMatch(/because no identity-based policy allows the bedrock:InvokeModel action$/);
  });

  it.each([
    [
      "permissions boundary",
      {
        boundary: {
          name: "B",
          arn: "arn:aws:iam::111122223333:policy/B",
          document: { Statement: [{ Effect: "Deny", Action: "bedrock:*", Resource: "*" }] },
        },
      },
      "with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy/B",
    ],
    [
      "session policy",
      { session: [{ name: "S", document: { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] } }] },
      "because no session policy allows the bedrock:InvokeModel action",
    ],
  ])("authenticates a %s", async (_, policies, words) => {
    const { call } = await calling({ principals: [{ arn: APP, ...policies }] });
    expect(await call()).toContain(words);
  });

  it("never identifies a VPC endpoint policy by its ARN", async () => {
    const { call } = await calling({
      vpcEndpoint: {
        name: "E",
        arn: "arn:x",
        document: { Statement: [{ Effect: "Deny", Principal: "*", Action: "*", Resource: "*" }] },
      },
    });
    expect(await call()).toMatch(/with an explicit deny in a VPC endpoint policy$/);
  });

  it("distinguishes principals by their access keys, and accounts by their place in the organization", async () => {
    const { call } = await calling({
      organization: organization(),
      principals: [
        { arn: APP },
        { arn: "arn:aws:iam::444455556666:user/sandbox", accessKeyId: "AKIDSANDBOX" },
        { arn: "arn:aws:iam::999900001111:role/admin", accessKeyId: "AKIDADMIN" },
        { arn: "arn:aws:sts::111122223333:assumed-role/AWSControlTowerExecution/s", accessKeyId: "AKIDTOWER" },
      ],
    });
    expect(await call()).toContain("us-west-2");
    expect(await call("AKIDSANDBOX")).toBe("ok");
    expect(await call("AKIDADMIN")).toBe("ok");
    expect(await call("AKIDTOWER")).toBe("ok");
  });

  it("keeps scripted denials, which take precedence over policies", async () => {
    const { bedrock, call } = await calling({ organization: organization(), principals: [{ arn: APP }] });
    bedrock.deny({ kind: "use-case-form", times: 1 });
    expect(await call()).toContain("use case details");
    expect(await call()).toContain("us-west-2");
  });

  it("throws for policies that AWS would reject, and for principals without an account", () => {
    const broken = { name: "Broken", document: { Statement: [{ Effect: "allow", Action: "*", Resource: "*" }] } };
    expect(() => new SimulatedBedrock({ principals: [{ arn: APP, identity: [broken] }] })).toThrow(
      "AWS would reject the policy Broken: unknown-effect at $.Statement[0].Effect.",
    );
    expect(
      () =>
        new SimulatedBedrock({
          organization: organization(),
          principals: [{ arn: "arn:aws:iam::777788889999:role/x" }],
        }),
    ).toThrow("organization has no account 777788889999");
    expect(() => new SimulatedBedrock({ principals: [{ arn: "bob" }] })).toThrow("principal.arn must be");
  });
});
