import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { expect, it, vi } from "vitest";
import { isDiagnosedError } from "../../src/index.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

// An older version of the control-plane client.
vi.mock("@aws-sdk/client-bedrock", async (original) => ({
  ...(await original<object>()),
  GetAccountDataRetentionCommand: undefined,
  default: undefined,
}));

it("reports a control-plane client without GetAccountDataRetention, and diagnoses the denial without it", async () => {
  const modelId = "amazon.nova-pro-v1:0";
  const models = [{ id: modelId, onDemandRegions: ["us-east-1"], dataRetentionModes: ["none" as const] }];
  const client = clientOf(new SimulatedBedrock({ models }), { diagnosis: { timeoutMs: 5_000 } });
  const error: unknown = await client.send(new ConverseCommand({ modelId, messages: [] })).catch((thrown) => thrown);
  client.destroy();
  if (!isDiagnosedError(error)) throw error;
  expect(error.diagnosis).toMatchObject({ kind: "data-retention", complete: true });
  expect(error.diagnosis.evidence.map(({ says }) => says)).toContain(
    "Not called: the installed version of @aws-sdk/client-bedrock doesn't export GetAccountDataRetentionCommand (npm install @aws-sdk/client-bedrock@latest).",
  );
});
