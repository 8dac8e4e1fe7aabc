import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { type Diagnosis, isDiagnosedError } from "../../src/index.js";
import {
  type KindRefusal,
  SimulatedBedrock,
  type SimulatedBedrockOptions,
} from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";

const SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0";

async function diagnosed(
  kind: KindRefusal["kind"],
  options: SimulatedBedrockOptions = {},
  prepare: (bedrock: SimulatedBedrock) => void = () => {},
): Promise<{ diagnosis: Diagnosis; asked: string[] }> {
  const bedrock = new SimulatedBedrock(options);
  bedrock.refuse({ kind });
  prepare(bedrock);
  const client = clientOf(bedrock, { diagnosis: { timeoutMs: 5_000 } });
  const error: unknown = await client
    .send(new ConverseCommand({ modelId: `us.${SONNET}`, messages: [] }))
    .catch((thrown) => thrown);
  client.destroy();
  if (!isDiagnosedError(error)) throw error;
  return { diagnosis: error.diagnosis, asked: bedrock.requests.slice(1).map(({ operation }) => operation) };
}

const said = ({ evidence }: Diagnosis) =>
  evidence.filter(({ source }) => source === "foundation-model").map(({ says }) => says);

describe("a refusal of model access", () => {
  it("is told with what the service says of the agreement, and of the use case form", async () => {
    const models = [{ id: SONNET, onDemandRegions: [], access: { agreement: "NOT_AVAILABLE" } }];
    const { diagnosis, asked } = await diagnosed("model-access-not-granted", { models, useCaseFilled: false });
    expect(said(diagnosis).toSorted()).toEqual([
      `GetFoundationModelAvailability of ${SONNET}: agreement NOT_AVAILABLE, authorization AUTHORIZED, entitlement AVAILABLE, Region AVAILABLE. That is access to the model only: policies are decided separately.`,
      "GetUseCaseForModelAccess: the account has not filled out the use case form of Anthropic's models.",
    ]);
    expect(asked.toSorted()).toEqual(["GetFoundationModelAvailability", "GetUseCaseForModelAccess"]);
    expect(diagnosis).toMatchObject({ kind: "model-access-not-granted", complete: true });
  });

  it.each<[KindRefusal["kind"], string]>([
    ["marketplace-pending", "agreement AVAILABLE"],
    ["marketplace-permission", "agreement AVAILABLE"],
    ["use-case-form", "has filled out"],
  ])("%s: %s", async (kind, words) => {
    const { diagnosis } = await diagnosed(kind);
    expect(said(diagnosis)).toHaveLength(1);
    expect(said(diagnosis)[0]).toContain(words);
    expect(JSON.stringify(diagnosis)).not.toContain("formData");
  });

  it("is itself, where the service refuses to say, or is slow", async () => {
    const denied = await diagnosed("marketplace-pending", {}, (bedrock) =>
      bedrock.refuse({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModelAvailability" }),
    );
    expect(said(denied.diagnosis)).toEqual(["Failed with AccessDeniedException."]);
    const slow = await diagnosed("use-case-form", {}, (bedrock) =>
      bedrock.fault({ operation: "GetUseCaseForModelAccess", hang: true }),
    );
    expect(said(slow.diagnosis)).toEqual(["Not answered before the deadline."]);
    expect([denied.diagnosis.kind, slow.diagnosis.kind, slow.diagnosis.complete]).toEqual([
      "marketplace-pending",
      "use-case-form",
      false,
    ]);
  });
});
