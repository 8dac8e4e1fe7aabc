// An error identifies one denied Region. If you fix only that one, the next call can fail in the next Region. Without an AWS
// account, this program diagnoses the same denied call twice: with the error message alone, and with the IAM policy simulator
// and AWS Organizations. Then it makes a preflight, as a health check at startup would.
//
//   npx tsx examples/06-every-blocked-region.ts
//
// The exit code is 1, because the call would be denied.

import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { BedrockRuntimeClient, ConverseCommand, diagnose, isDiagnosedError } from "resilient-bedrock";
import { formatDiagnosis } from "resilient-bedrock/offline";
import { SimulatedBedrock } from "resilient-bedrock/testing";

const NOVA = "us.amazon.nova-pro-v1:0"; // routes to us-east-1, us-east-2 and us-west-2
const policy = (name: string, ...Statement: object[]) => ({ name, document: { Version: "2012-10-17", Statement } });
const full = policy("FullAWSAccess", { Effect: "Allow", Action: "*", Resource: "*" });

// The organization denies us-west-2. The role's policy doesn't allow us-east-2.
const organization = {
  managementAccountId: "999900001111",
  root: {
    name: "Root",
    policies: [
      full,
      policy("RegionDeny", {
        Sid: "ApprovedRegions",
        Effect: "Deny",
        NotAction: ["iam:*", "sts:*", "organizations:*"],
        Resource: "*",
        Condition: { StringNotEquals: { "aws:RequestedRegion": ["us-east-1", "us-east-2"] } },
      }),
    ],
    accounts: [{ id: "111122223333" }],
  },
};
const appPolicy = policy(
  "AppPolicy",
  {
    Effect: "Allow",
    Action: "bedrock:Invoke*",
    Resource: ["arn:aws:bedrock:us-east-1:*:*", "arn:aws:bedrock:us-west-2:*:*"],
  },
  { Effect: "Allow", Action: ["bedrock:Get*", "iam:GetRole", "iam:SimulatePrincipalPolicy"], Resource: "*" },
);

const bedrock = new SimulatedBedrock({
  organization,
  principals: [
    { arn: "arn:aws:sts::111122223333:assumed-role/App/session", identity: [appPolicy] },
    { arn: "arn:aws:iam::999900001111:role/Auditor", accessKeyId: "AKIDAUDITOR" },
  ],
});
const server = await bedrock.listen();
const shared = { region: "us-east-1", endpoint: server.url };
const credentials = { accessKeyId: "AKIDAPP", secretAccessKey: "example" };
const auditor = { accessKeyId: "AKIDAUDITOR", secretAccessKey: "example" };

// With AWS, use `organization: { credentials: … }` of the management account or a delegated administrator, and the default
// rate of two simulations per second.
const sources = {
  simulation: { requestsPerSecond: 50 },
  organization: { client: new OrganizationsClient({ ...shared, credentials: auditor }) },
};

async function denialWith(diagnosis: object): Promise<void> {
  const client = new BedrockRuntimeClient({ ...shared, credentials, resilience: { diagnosis } });
  try {
    await client.send(
      new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [{ text: "Hello" }] }] }),
    );
  } catch (error) {
    if (!isDiagnosedError(error)) throw error;
    console.log(error.diagnosis.summary);
    for (const { leg, verdict, likely, because } of error.diagnosis.legs) {
      console.log(
        `  ${leg.stage} ${leg.region}: ${verdict}${likely ? `, likely ${likely.verdict}` : ""}\n    ${because}`,
      );
    }
  } finally {
    client.destroy();
  }
}

console.log("With the error message alone:\n");
await denialWith({});
console.log("\nWith IAM's policy simulator and AWS Organizations:\n");
await denialWith(sources);

console.log("\nWithout a call:\n");
const client = new BedrockRuntimeClient({ ...shared, credentials });
const preflight = await diagnose({ client, modelId: NOVA, operation: "ConverseStream", ...sources });
console.log(formatDiagnosis(preflight, "text"));
process.exitCode = preflight.verdict === "blocked" ? 1 : 0;

client.destroy();
sources.organization.client.destroy();
await server.close();
