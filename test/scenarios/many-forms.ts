// Run by ends-by-itself.test.ts in a process of its own: many calls that end in every way there is, a client that is
// destroyed while some are under way, and then nothing that would keep the process alive.

import { BedrockRuntimeClient, ConverseCommand } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";

const NOVA = "us.amazon.nova-pro-v1:0";
const SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

let unhandled = 0;
process.on("unhandledRejection", () => {
  unhandled += 1;
});

const bedrock = new SimulatedBedrock();
const server = await bedrock.listen();
const client = new BedrockRuntimeClient({
  region: "us-east-1",
  endpoint: server.url,
  credentials: { accessKeyId: "A", secretAccessKey: "S" },
  maxAttempts: 2,
  resilience: {
    fallback: { to: "single-region", remember: 20, allowRegions: ["eu-west-2"] },
    resolve: { bareModels: "geographic" },
    retry: { modelTimeout: 1, modelError: 1, propagation: 300 },
    onFallback: () => Promise.reject(new Error("theirs")),
    onDiagnosis: () => {
      throw new Error("theirs");
    },
  },
});

bedrock.deny({ policyType: "service-control-policy", region: "us-west-2", times: 40 });
bedrock.deny({ policyType: "identity-based-policy", stage: "profile", times: 5 });
for (const name of ["throttling", "model-timeout", "model-error", "connection-reset", "expired-credentials"] as const) {
  bedrock.fault({ name, times: 6 });
}
bedrock.fault({ operation: "GetFoundationModel", hang: true, times: 1 });

const ended: number[] = [];
const calls = Array.from({ length: 300 }, async (_, n) => {
  const command = new ConverseCommand({ modelId: n % 3 === 0 ? SONNET : NOVA, messages: [] });
  const options = n % 5 === 0 ? { abortSignal: AbortSignal.timeout(n) } : {};
  await new Promise((resolve) => setTimeout(resolve, n));
  ended[n] = 0;
  const end = () => {
    ended[n] = (ended[n] ?? 0) + 1;
  };
  if (n % 2 === 0) return client.send(command, options).then(end, end);
  return new Promise<void>((resolve) => {
    client.send(command, options, () => {
      end();
      resolve();
    });
  });
});
setTimeout(() => client.destroy(), 150);
await Promise.all(calls);
client.destroy();
await server.close();
console.log(JSON.stringify({ calls: ended.length, once: ended.filter((times) => times === 1).length, unhandled }));
