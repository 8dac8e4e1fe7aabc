import { type BedrockRuntimeClient, ConverseCommand, type Message, type PolicyInput } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { FULL, policy } from "../policies.js";
import { patient } from "./patient.js";

/** What the examples of the docs use without declaring it, and what their programs can import. */
export interface Prelude {
  client: BedrockRuntimeClient;
  /** An inference profile that routes to us-east-1, us-east-2 and us-west-2. */
  modelId: string;
  messages: Message[];
  command: ConverseCommand;
  /** Allows everything that Amazon Bedrock does. */
  appPolicy: PolicyInput;
  fullAwsAccess: PolicyInput;
  /** Denies every Region but us-east-1 and us-east-2. Global routing isn't denied. */
  regionDeny: PolicyInput;
  /** The document of {@link regionDeny}. */
  regionDenyDocument: object;
  guardrailPolicy: object;
  /** Credentials of the management account. */
  auditorCredentials: { accessKeyId: string; secretAccessKey: string };
  /** What an application does with a text. */
  alarm(...content: unknown[]): void;
}

const DOCUMENT = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "ApprovedRegions",
      Effect: "Deny",
      NotAction: ["iam:*", "sts:*", "organizations:*"],
      Resource: "*",
      Condition: { StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2", "unspecified"] } },
    },
  ],
};

const MANAGEMENT = "999900001111";
const ACCOUNT = "111122223333";

/** A Bedrock in whose organization us-west-2 is denied, and the environment of a process that calls it. */
export async function startPrelude() {
  const fullAwsAccess = { ...FULL, name: "FullAWSAccess" };
  const regionDeny: PolicyInput = { name: "RegionDeny", document: DOCUMENT };
  const appPolicy = policy("AppPolicy", { Effect: "Allow", Action: ["bedrock:*", "iam:*"], Resource: "*" });
  const bedrock = new SimulatedBedrock({
    accountId: ACCOUNT,
    organization: {
      managementAccountId: MANAGEMENT,
      root: {
        name: "Root",
        policies: [fullAwsAccess, regionDeny],
        accounts: [{ id: ACCOUNT, policies: [fullAwsAccess] }],
      },
    },
    principals: [
      { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`, identity: [appPolicy] },
      { arn: `arn:aws:iam::${MANAGEMENT}:role/Auditor`, accessKeyId: "AKIDAUDITOR" },
    ],
  });
  const server = await bedrock.listen();
  const environment = {
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDAPP",
    AWS_SECRET_ACCESS_KEY: "example",
  };
  const modelId = "us.amazon.nova-pro-v1:0";
  const messages: Message[] = [{ role: "user", content: [{ text: "Hello" }] }];
  Object.assign(process.env, environment);
  const client = new patient.BedrockRuntimeClient({ region: "us-east-1" });
  const prelude: Prelude = {
    client,
    modelId,
    messages,
    command: new ConverseCommand({ modelId, messages }),
    appPolicy,
    fullAwsAccess,
    regionDeny,
    regionDenyDocument: DOCUMENT,
    guardrailPolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: "bedrock:ApplyGuardrail",
          Resource: "*",
        },
      ],
    },
    auditorCredentials: { accessKeyId: "AKIDAUDITOR", secretAccessKey: "example" },
    alarm: () => {},
  };
  const close = async () => {
    client.destroy();
    await server.close();
  };
  return { prelude, close };
}
