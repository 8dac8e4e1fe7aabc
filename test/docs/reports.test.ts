import { describe, expect, it } from "vitest";
import { BLOCKED_REGION, FULL_ACCESS } from "../../examples/article-policies.js";
import { formatDiagnosis } from "../../src/explain/format/format-diagnosis.js";
import { BedrockRuntimeClient, ConverseCommand, isDiagnosedError } from "../../src/index.js";
import type { ResilienceOptions } from "../../src/options.js";
import { policySet } from "../../src/policy/evaluation/policy-set.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { inProcess } from "../in-process.js";
import { readPages } from "./pages.js";

/** The call of examples/01-blocked-destination.ts. */
async function denied(resilience: ResilienceOptions) {
  const root = { name: "Root", policies: [FULL_ACCESS, BLOCKED_REGION], accounts: [{ id: "111122223333" }] };
  const client = new BedrockRuntimeClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    requestHandler: inProcess(new SimulatedBedrock({ accountId: "111122223333", organization: { root } })),
    resilience,
  });
  const command = new ConverseCommand({
    modelId: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    messages: [{ role: "user", content: [{ text: "Hello" }] }],
  });
  const error: unknown = await client.send(command).catch((thrown: unknown) => thrown);
  if (!isDiagnosedError(error)) throw error;
  return error;
}

describe("docs/diagnosis.md", () => {
  const page = readPages().find(({ path }) => path === "docs/diagnosis.md");
  const [message = "", report = ""] = (page?.blocks ?? [])
    .filter(({ language }) => language === "text")
    .map(({ code }) => code);

  it("shows the message of the denied call", async () => {
    const [start = "", rest] = message.split("…");
    expect(rest).toBe("");
    expect((await denied({})).message.slice(0, start.length)).toBe(start);
  });

  it("shows the report of the denied call", async () => {
    const serviceControl = [{ level: "Root", policies: [FULL_ACCESS, BLOCKED_REGION] }];
    const { diagnosis } = await denied({
      diagnosis: { policies: policySet({ identity: [FULL_ACCESS], serviceControl }) },
    });
    expect(report).toBe(formatDiagnosis(diagnosis).trimEnd());
    for (const line of report.split("\n")) if (!/https:|"/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
  });
});
