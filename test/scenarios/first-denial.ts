// Run by first-denial.test.ts in processes of their own: the first denied call of a process, whose span ends, or which
// exits itself, as soon as the error is thrown.
//
//   first-denial.ts span|exit|hang

import { trace } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { BedrockRuntimeClient, ConverseCommand } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { inProcess } from "../in-process.js";

const [what = ""] = process.argv.slice(2);
const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();

const bedrock = new SimulatedBedrock();
bedrock.deny({ region: "us-west-2", policyType: "service-control-policy" });
if (what === "hang") bedrock.fault({ operation: "GetRole", hang: true });
const client = new BedrockRuntimeClient({
  region: "us-east-1",
  credentials: { accessKeyId: "A", secretAccessKey: "S" },
  requestHandler: inProcess(bedrock),
  resilience: { diagnosis: { timeoutMs: 300, simulation: what === "hang" } },
});

await trace.getTracer("test").startActiveSpan("the application's", async (span) => {
  try {
    await client.send(new ConverseCommand({ modelId: "us.amazon.nova-pro-v1:0", messages: [] }));
  } catch {
    if (what === "exit") process.exit(3);
  } finally {
    span.end();
  }
});
console.log(JSON.stringify(exporter.getFinishedSpans().flatMap(({ events }) => events.map(({ name }) => name))));
