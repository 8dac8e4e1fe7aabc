// An application that calls Amazon Bedrock. Only the import differs from a program that uses the SDK.
// You need AWS credentials with permission to invoke the model:
//
//   npm run build && npx tsx examples/02-converse.ts "What is an inference profile?"

import { BedrockRuntimeClient, ConverseCommand, isDiagnosedError } from "resilient-bedrock";
import { formatDiagnosis } from "resilient-bedrock/offline";

const client = new BedrockRuntimeClient({ region: process.env.AWS_REGION ?? "us-east-1" });
const modelId = process.env.MODEL_ID ?? "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const question = process.argv[2] ?? "Say hello.";

try {
  const output = await client.send(
    new ConverseCommand({ modelId, messages: [{ role: "user", content: [{ text: question }] }] }),
  );
  console.log(output.output?.message?.content?.map((block) => block.text ?? "").join(""));
} catch (error) {
  if (!isDiagnosedError(error)) throw error;
  // For programs: the fields.
  const { kind, blockedRegions, policy, remedies } = error.diagnosis;
  console.error({ kind, blockedRegions, policy: policy?.arn ?? policy?.type, askWho: remedies[0]?.who });
  // For people: the report. For a ticket to the administrators, use "markdown".
  console.error(formatDiagnosis(error.diagnosis, "text"));
  process.exitCode = 1;
} finally {
  client.destroy();
}
