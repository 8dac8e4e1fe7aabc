// Opting in to more than a diagnosis, without an AWS account: what a fallback does, when it cannot help, and a bare model
// id that goes through its inference profile. A service control policy blocks one destination Region all the while.
//
//   npx tsx examples/05-fallback.ts

import { BedrockRuntimeClient, ConverseCommand, fallbackOf, isDiagnosedError } from "resilient-bedrock";
import { SimulatedBedrock } from "resilient-bedrock/testing";

const NOVA = "us.amazon.nova-pro-v1:0"; // Nova Pro can be called by its bare id in us-east-1,
const SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"; // Sonnet 4.5 nowhere.

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

/** Calls a model, and says what came of it and what reached Bedrock. */
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

const lift = bedrock.refuse({ policyType: "service-control-policy", region: "us-west-2" });
await call(NOVA); // refused, then answered by the bare model
await call(NOVA); // answered at once: the block is remembered
await call(SONNET); // nothing to fall back to: the diagnosed error, and why
lift();
await call(SONNET.replace("us.", "")); // a bare id that only a profile can call

client.destroy();
await server.close();
