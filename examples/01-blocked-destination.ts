// The situation of AWS's knowledge-center article "bedrock-access-denied-exception", without an AWS account: a service
// control policy blocks one Region that the us. profile routes to. The same call, through the SDK's client and through
// ours, against the simulated Bedrock.
//
//   npm ci && npm start

import { BedrockRuntimeClient as SdkClient } from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient, ConverseCommand, formatDiagnosis, isDiagnosedError } from "resilient-bedrock";
import { SimulatedBedrock } from "resilient-bedrock/testing";
import { sideBySide } from "./side-by-side.js";

const bedrock = new SimulatedBedrock({ accountId: "111122223333" });
bedrock.refuse({
  region: "us-west-2",
  policyType: "service-control-policy",
  denyKind: "explicit",
  policyArn: "arn:aws:organizations::999900001111:policy/o-exampleorg1/service_control_policy/p-ex4mpl31",
});
const server = await bedrock.listen();

const config = {
  region: "us-east-1",
  endpoint: server.url,
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
};
const command = new ConverseCommand({
  modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  messages: [{ role: "user", content: [{ text: "Hello" }] }],
});

const thrownBy = async (client: SdkClient): Promise<Error> => {
  try {
    await client.send(command);
  } catch (error) {
    if (error instanceof Error) return error;
  } finally {
    client.destroy();
  }
  throw new Error("The simulated Bedrock was expected to refuse this call.");
};

const before = await thrownBy(new SdkClient(config));
const after = await thrownBy(new BedrockRuntimeClient(config));
await server.close();

console.log(
  sideBySide(
    ['import … from "@aws-sdk/client-bedrock-runtime"', "", `${before.name}: ${before.message}`],
    ['import … from "resilient-bedrock"', "", ...`${after.name}: ${after.message}`.split("\n")],
  ),
);
if (!isDiagnosedError(after)) throw new Error("The error was expected to carry a diagnosis.");
console.log("And error.diagnosis, printed by formatDiagnosis(error.diagnosis):");
console.log(formatDiagnosis(after.diagnosis));
