// Reproduces AWS's knowledge-center article "bedrock-access-denied-exception" without an AWS account. A service control
// policy blocks one destination Region of the us. profile. The program makes the same call with the SDK's client and with
// this library's, on a simulated Amazon Bedrock that evaluates these policies. Then it tests the two policies that the
// article proposes.
//
//   npm ci && npm start

import { BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient, ConverseCommand, isDiagnosedError, type PolicyInput } from "resilient-bedrock";
import { formatDiagnosis, lintPolicy, policySet } from "resilient-bedrock/offline";
import { SimulatedBedrock } from "resilient-bedrock/testing";
import { ARTICLE_ONE, ARTICLE_TWO, BLOCKED_REGION, FULL_ACCESS } from "./article-policies.js";
import { sideBySide } from "./side-by-side.js";

const accountId = "111122223333";
const command = new ConverseCommand({
  modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  messages: [{ role: "user", content: [{ text: "Hello" }] }],
});

/** A simulated Amazon Bedrock in an organization with this policy at its root, and the settings of a client for it. */
async function organizationWith(policy: PolicyInput) {
  const root = { name: "Root", policies: [FULL_ACCESS, policy], accounts: [{ id: accountId }] };
  const server = await new SimulatedBedrock({ accountId, organization: { root } }).listen();
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
  return { server, config: { region: "us-east-1", endpoint: server.url, credentials } };
}

async function errorOf(client: SdkClient): Promise<Error | undefined> {
  try {
    await client.send(command);
  } catch (error) {
    if (error instanceof Error) return error;
  } finally {
    client.destroy();
  }
  return undefined;
}

const { server, config } = await organizationWith(BLOCKED_REGION);
const before = await errorOf(new SdkClient(config));
const after = await errorOf(new BedrockRuntimeClient(config));

console.log(
  sideBySide(
    ['import … from "@aws-sdk/client-bedrock-runtime"', "", `${before?.name}: ${before?.message}`],
    ['import … from "resilient-bedrock"', "", ...`${after?.name}: ${after?.message}`.split("\n")],
  ),
);

// If the policies are provided, the diagnosis covers every leg, and each remedy is tested before it is suggested.
const policies = policySet({
  identity: [FULL_ACCESS],
  serviceControl: [{ level: "Root", policies: [FULL_ACCESS, BLOCKED_REGION] }],
});
const explained = await errorOf(new BedrockRuntimeClient({ ...config, resilience: { diagnosis: { policies } } }));
await server.close();
if (!isDiagnosedError(explained)) throw new Error("The error has no diagnosis.");
console.log("If the application provides its policies, formatDiagnosis(error.diagnosis) returns this report:");
console.log(formatDiagnosis(explained.diagnosis));

for (const proposal of [ARTICLE_ONE, ARTICLE_TWO]) {
  const changed = await organizationWith(proposal);
  const error = await errorOf(new BedrockRuntimeClient(changed.config));
  await changed.server.close();
  console.log(
    `\nWith "${proposal.name}" instead, the call ${error ? "is still denied" : "succeeds"}. Findings of lintPolicy:`,
  );
  for (const { severity, why, instead } of lintPolicy(proposal.document, { type: "service-control-policy" })) {
    console.log(`  ${severity}: ${why}\n    Instead: ${instead}`);
  }
}
