// Turns on fallback and bare models, without an AWS account: what a fallback does, when it isn't possible, and a bare model
// ID that is sent through its inference profile. A service control policy blocks one destination Region.
//
//   npx tsx examples/05-fallback.ts

import { BedrockRuntimeClient, ConverseCommand, fallbackOf, isDiagnosedError } from "resilient-bedrock";
import { SimulatedBedrock } from "resilient-bedrock/testing";

const NOVA = "us.amazon.nova-pro-v1:0"; // Nova Pro can be called by its own ID in us-east-1.
const SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"; // Sonnet 4.5 can't be called by its own ID.

const bedrock = new SimulatedBedrock();
const server = await bedrock.listen();
const client = new BedrockRuntimeClient({
  region: "us-east-1",
  endpoint: server.url,
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  resilience: {
    fallback: { to: "single-region" },
    resolve: { bareModels: "geographic" },
    onFallback: ({ used }, { blockedRegions }) =>
      console.log(`  onFallback: ${blockedRegions.join(", ")} is blocked, ${used?.modelId} in ${used?.region} answers`),
  },
});

/** Calls a model, and prints the result and the requests that the simulated Amazon Bedrock received. */
async function call(modelId: string): Promise<void> {
  console.log(`\n${modelId}`);
  const before = bedrock.requests.length;
  try {
    const output = await client.send(
      new ConverseCommand({ modelId, messages: [{ role: "user", content: [{ text: "Hello" }] }] }),
    );
    console.log(`  answer:   ${output.output?.message?.content?.[0]?.text}`);
    const report = fallbackOf(output);
    if (report) console.log(`  report:   ${report.reason}${report.remembered ? ", remembered" : ""}: ${report.why}`);
  } catch (error) {
    if (!isDiagnosedError(error)) throw error;
    const { fallback } = error.diagnosis;
    console.log(`  ${error.name}, fallback: ${fallback?.notTried}`);
    for (const { modelId: other, region, reason } of fallback?.considered ?? []) {
      console.log(`    ${other} in ${region}: ${reason}`);
    }
  }
  const requests = bedrock.requests.slice(before).map(({ operation, modelId: id }) => `${operation} ${id}`);
  console.log(`  requests: ${requests.join("\n            ")}`);
}

const lift = bedrock.deny({ policyType: "service-control-policy", region: "us-west-2" });
await call(NOVA); // denied, then answered by the model without a profile
await call(NOVA); // answered immediately, because the denial is remembered
await call(SONNET); // no fallback is possible: the diagnosed error, with the reason
lift();
await call(SONNET.replace("us.", "")); // a model ID that needs an inference profile

client.destroy();
await server.close();
