import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { type Diagnosis, isDiagnosedError } from "../../src/index.js";
import {
  type Fault,
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
  bedrock.deny({ kind });
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

describe("a denial of model access", () => {
  it("includes what the service returns about the agreement and the use case form", async () => {
    const models = [{ id: SONNET, onDemandRegions: [], access: { agreement: "NOT_AVAILABLE" } }];
    const { diagnosis, asked } = await diagnosed("model-access-not-granted", { models, useCaseFilled: false });
    expect(said(diagnosis).toSorted()).toEqual([
      `GetFoundationModelAvailability of ${SONNET}: agreement NOT_AVAILABLE, authorization AUTHORIZED, entitlement AVAILABLE, Region AVAILABLE. This is access to the model only. Policies are evaluated separately.`,
      "GetUseCaseForModelAccess: The account hasn't submitted the use case form for Anthropic models.",
    ]);
    expect(asked.toSorted()).toEqual(["GetFoundationModelAvailability", "GetUseCaseForModelAccess"]);
    expect(diagnosis).toMatchObject({ kind: "model-access-not-granted", complete: true });
  });

  it.each<[KindRefusal["kind"], string]>([
    ["marketplace-pending", "agreement AVAILABLE"],
    ["marketplace-permission", "agreement AVAILABLE"],
    ["use-case-form", "submitted the use case form"],
  ])("%s: %s", async (kind, words) => {
    const { diagnosis } = await diagnosed(kind);
    expect(said(diagnosis)).toHaveLength(1);
    expect(said(diagnosis)[0]).toContain(words);
    expect(JSON.stringify(diagnosis)).not.toContain("formData");
  });

  it("is unchanged if the service denies the lookup, or is slow", async () => {
    const denied = await diagnosed("marketplace-pending", {}, (bedrock) =>
      bedrock.deny({ policyType: "identity-based-policy", action: "bedrock:GetFoundationModelAvailability" }),
    );
    expect(said(denied.diagnosis)).toEqual(["Failed with AccessDeniedException."]);
    const slow = await diagnosed("use-case-form", {}, (bedrock) =>
      bedrock.fault({ operation: "GetUseCaseForModelAccess", hang: true }),
    );
    expect(said(slow.diagnosis)).toEqual(["No response before the deadline."]);
    expect([denied.diagnosis.kind, slow.diagnosis.kind, slow.diagnosis.complete]).toEqual([
      "marketplace-pending",
      "use-case-form",
      false,
    ]);
  });
});

describe("a denial by the data retention mode", () => {
  const models = [{ id: SONNET, onDemandRegions: [], dataRetentionModes: ["provider_data_share" as const] }];
  const refusedByMode = async (prepare: (bedrock: SimulatedBedrock) => void = () => {}, timeoutMs = 5_000) => {
    const bedrock = new SimulatedBedrock({ models, dataRetention: "none" });
    prepare(bedrock);
    const client = clientOf(bedrock, { diagnosis: { timeoutMs } });
    const error: unknown = await client
      .send(new ConverseCommand({ modelId: `us.${SONNET}`, messages: [] }))
      .catch((thrown) => thrown);
    client.destroy();
    if (!isDiagnosedError(error)) throw error;
    const asked = bedrock.requests.slice(1).map(({ operation, sourceRegion }) => `${operation} ${sourceRegion}`);
    return { diagnosis: error.diagnosis, asked };
  };

  it("includes the account's mode in the source Region, which applies to the whole account there", async () => {
    const { diagnosis, asked } = await refusedByMode();
    expect(diagnosis).toMatchObject({ kind: "data-retention", complete: true });
    expect(asked).toEqual(["GetAccountDataRetention us-east-1"]);
    expect(said(diagnosis)).toEqual([
      "GetAccountDataRetention: The data retention mode of this account in us-east-1 is none. The mode applies to the whole account in that Region.",
    ]);
    expect(diagnosis.evidence.at(-1)?.finding).toEqual({
      code: "data-retention-mode",
      mode: "none",
      region: "us-east-1",
    });
  });

  it.each<[string, Omit<Fault, "operation">, string, boolean]>([
    ["denied", { status: 403, errorName: "AccessDeniedException" }, "Failed with AccessDeniedException.", true],
    ["slow", { hang: true }, "No response before the deadline.", false],
    ["without a mode", { body: "{}" }, "Failed with MalformedAnswer.", true],
  ])("is the same if the lookup is %s", async (_, fault, words, complete) => {
    const { diagnosis } = await refusedByMode(
      (bedrock) => bedrock.fault({ operation: "GetAccountDataRetention", ...fault }),
      400,
    );
    expect(diagnosis).toMatchObject({ kind: "data-retention", complete, blockedRegions: [] });
    expect(said(diagnosis)).toEqual([words]);
  });

  it("is the same if the lookup is throttled", async () => {
    const { diagnosis } = await refusedByMode((bedrock) =>
      bedrock.fault({ operation: "GetAccountDataRetention", name: "throttling" }),
    );
    expect(said(diagnosis)).toEqual(["Failed with ThrottlingException."]);
  });
});
