import { ConverseCommand, CountTokensCommand } from "@aws-sdk/client-bedrock-runtime";
import { describe, expect, it } from "vitest";
import { type ConcludedDenial, conclude } from "../../src/diagnose/conclude.js";
import { explain } from "../../src/explain/explain.js";
import { formatDiagnosis } from "../../src/explain/format/format-diagnosis.js";
import { diagnose, isDiagnosedError } from "../../src/index.js";
import { policySet } from "../../src/offline.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import { SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import { clientOf } from "../in-process.js";
import { UNHURRIED } from "../pace.js";
import { FULL, policy } from "../policies.js";
import { gatheredWith } from "./gathered.js";

const NOVA = "amazon.nova-pro-v1:0";
const US = `us.${NOVA}`;
const ACCOUNT = "111122223333";
const CALLER = `arn:aws:sts::${ACCOUNT}:assumed-role/App/s`;
const TABLE = "What AWS authorizes for this call";

function refusalOf(message: string, errorName = "ValidationException"): ParsedRefusal {
  const parsed = parseRefusal(message, { errorName });
  if (!parsed) throw new Error("The message isn't a denial.");
  return parsed;
}

const iam = (action: string, resource: string, reason = "because no identity-based policy allows the action") =>
  refusalOf(
    `User: ${CALLER} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
    "AccessDeniedException",
  );

function concluded(
  refusal: ParsedRefusal,
  modelId: string,
  { operation = "Converse", sourceRegion = "us-east-1" } = {},
): ConcludedDenial {
  const profile = knownProfile(modelId, sourceRegion)?.profile;
  const call = { operation, modelId, reference: parseModelId(modelId), sourceRegion };
  return conclude({ call, refusal }, gatheredWith({ profile }));
}

describe("a call that can't succeed, whatever policies allow", () => {
  it.each([
    ["an invalid ID", "The provided model identifier is invalid.", US],
    ["an invalid bare ID", "The provided model identifier is invalid.", "amazon.nova-pro"],
    ["a model that isn't found", "Could not resolve the foundation model from the model identifier.", NOVA],
    ["a model at the end of its life", "This model version has reached the end of its life.", NOVA],
    [
      "a model without on-demand support",
      `Invocation of model ID ${NOVA} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
      NOVA,
    ],
  ])("has no legs, and no table of legs: %s", async (_, message, modelId) => {
    const result = concluded(refusalOf(message), modelId);
    expect(result.conclusion).toMatchObject({ legs: [], legsComplete: true, blockedRegions: [] });
    const diagnosis = await explain(result, UNHURRIED);
    for (const format of ["text", "markdown", "html"] as const) {
      expect(formatDiagnosis(diagnosis, format)).not.toContain(TABLE);
    }
  });

  it("has no verified remedy, whatever policies are provided", async () => {
    const bedrock = new SimulatedBedrock();
    const west = { StringEquals: { "aws:RequestedRegion": ["us-east-1"] } };
    const deny = policy("Deny", { Effect: "Deny", Action: "*", Resource: "*", Condition: west });
    const policies = { identity: [FULL], serviceControl: [{ level: "Root", policies: [FULL, deny] }] };
    const modelId = "anthropic.claude-opus-5";
    const client = clientOf(bedrock, { diagnosis: { policies: policySet(policies) } });
    const error: unknown = await client.send(new ConverseCommand({ modelId, messages: [] })).catch((thrown) => thrown);
    client.destroy();
    if (!isDiagnosedError(error)) throw error;
    const { kind, legs, remedies, evidence } = error.diagnosis;
    expect({ kind, legs }).toEqual({ kind: "on-demand-unsupported", legs: [] });
    expect(remedies.map(({ code, verified }) => [code, verified])).toEqual([["call-through-profile", false]]);
    expect(evidence.map(({ source }) => source)).not.toContain("policies");
  });

  it("but has its legs if the model exists and the account can't use it", () => {
    const legacy =
      "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 30 days.";
    expect(concluded(refusalOf(legacy), US).conclusion.legs).toHaveLength(4);
    expect(concluded(refusalOf("Operation not allowed"), US).conclusion.legs).toHaveLength(4);
  });
});

describe("legsComplete", () => {
  const denied = iam("bedrock:InvokeModel", `arn:aws:bedrock:us-west-2::foundation-model/${NOVA}`);
  const unsaid = refusalOf("", "AccessDeniedException");

  it.each([
    ["no model", "", "us-east-1", "Converse"],
    ["no source Region", US, "unknown", "Converse"],
    ["an ID that isn't a model ID", "Not A Model", "us-east-1", "Converse"],
    ["an operation that is newer than this release", US, "us-east-1", "InvokeAnything"],
    ["an application inference profile that wasn't looked up", "a1b2c3d4e5f6", "us-east-1", "Converse"],
    ["a prompt", `arn:aws:bedrock:us-east-1:${ACCOUNT}:prompt/ABCDEFGHIJ:2`, "us-east-1", "Converse"],
    ["a router", `arn:aws:bedrock:us-east-1:${ACCOUNT}:default-prompt-router/a:1`, "us-east-1", "Converse"],
  ])("is false for %s", (_, modelId, sourceRegion, operation) => {
    for (const refusal of [denied, unsaid]) {
      expect(concluded(refusal, modelId, { sourceRegion, operation }).conclusion.legsComplete).toBe(false);
    }
  });

  it("is true for a profile with its destinations, and for a bare model", () => {
    expect(concluded(unsaid, US).conclusion.legsComplete).toBe(true);
    expect(concluded(unsaid, NOVA).conclusion.legsComplete).toBe(true);
    expect(concluded(unsaid, "global.anthropic.claude-opus-5").conclusion.legsComplete).toBe(true);
  });

  it("is false for a global profile without the ARN of global routing", () => {
    const modelId = "global.anthropic.claude-opus-5";
    const profile = knownProfile(modelId, "us-east-1")?.profile;
    const models = profile?.models.filter(({ region }) => region !== "unspecified");
    const gathered = gatheredWith({ profile: { ...profile, models } as never });
    const call = { operation: "Converse", modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
    expect(conclude({ call, refusal: unsaid }, gathered).conclusion.legsComplete).toBe(false);
  });
});

describe("a denial of bedrock:ApplyGuardrail", () => {
  it("on a guardrail profile is blocked in the Region of that guardrail profile", () => {
    const resource = `arn:aws:bedrock:us-west-2:${ACCOUNT}:guardrail-profile/us.guardrail.v1:0`;
    for (const operation of ["Converse", "ApplyGuardrail"]) {
      const { conclusion } = concluded(iam("bedrock:ApplyGuardrail", resource), US, { operation });
      expect(conclusion).toMatchObject({ kind: "guardrail-denied", blockedRegions: ["us-west-2"] });
    }
  });

  it("on a guardrail, or on a resource that AWS doesn't identify, is blocked in no Region of the routing", () => {
    const guardrail = `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/g1`;
    expect(concluded(iam("bedrock:ApplyGuardrail", guardrail), US).conclusion.blockedRegions).toEqual([]);
    expect(concluded(iam("bedrock:ApplyGuardrail", "*"), US).conclusion.blockedRegions).toEqual([]);
  });
});

describe("CountTokens with the ID of an inference profile", () => {
  const resource = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${US}`;

  it("isn't a call through that profile: CountTokens takes foundation models only", async () => {
    const result = concluded(iam("bedrock:CountTokens", resource), US, { operation: "CountTokens" });
    expect(result.conclusion).toMatchObject({ legs: [], blockedRegions: [], alternatives: [] });
    expect(result.conclusion.evidence.map(({ finding }) => finding)).toContainEqual({
      code: "takes-foundation-models-only",
      operation: "CountTokens",
      modelId: US,
      foundationModelId: NOVA,
    });
    const { summary, remedies, evidence } = await explain(result, UNHURRIED);
    expect(summary).toBe(
      `CountTokens takes foundation model IDs only, and ${US} is an inference profile.\nCall it with ${NOVA}.`,
    );
    expect(evidence.map(({ says }) => says)).toContain(summary.replace("\n", " "));
    expect(remedies).toMatchObject([{ code: "call-foundation-model", who: "application-developer" }]);
    expect(remedies[0]?.steps.join(" ")).toContain(NOVA);
  });

  it("is reported the same way if AWS calls the ID invalid, and not if the credentials are the reason", async () => {
    const operation = "CountTokens";
    const invalid = refusalOf("The provided model identifier is invalid.");
    const expired = refusalOf("The security token included in the request is expired", "ExpiredTokenException");
    const { summary } = await explain(concluded(invalid, US, { operation }), UNHURRIED);
    expect(summary).toContain("CountTokens takes foundation model IDs only");
    const other = await explain(concluded(expired, US, { operation }), UNHURRIED);
    expect(other.summary).toContain("expired");
    expect(other.legs).toEqual([]);
  });

  it("by its ARN identifies no model if the ARN shows none", async () => {
    const modelId = `arn:aws:bedrock:us-east-1:${ACCOUNT}:application-inference-profile/a1b2c3d4e5f6`;
    const result = concluded(iam("bedrock:CountTokens", modelId), modelId, { operation: "CountTokens" });
    const { summary } = await explain(result, UNHURRIED);
    expect(summary).toBe(
      `CountTokens takes foundation model IDs only, and ${modelId} is an inference profile.\nCall it with the ID of the foundation model.`,
    );
  });

  it("is diagnosed without looking up the profile", async () => {
    const bedrock = new SimulatedBedrock();
    bedrock.fault({
      operation: "CountTokens",
      status: 403,
      errorName: "AccessDeniedException",
      message: iam("bedrock:CountTokens", resource).raw,
    });
    const client = clientOf(bedrock);
    const input = { converse: { messages: [] } };
    const error: unknown = await client.send(new CountTokensCommand({ modelId: US, input })).catch((thrown) => thrown);
    if (!isDiagnosedError(error)) throw error;
    expect(error.diagnosis.summary).toContain("CountTokens takes foundation model IDs only");
    expect(bedrock.requests.map(({ operation }) => operation)).toEqual(["CountTokens"]);
    client.destroy();
  });

  it("is reported by a preflight, and isn't allowed whatever the policies say", async () => {
    const bedrock = new SimulatedBedrock();
    const policies = policySet({ identity: [FULL] });
    const preflight = await diagnose({ modelId: US, operation: "CountTokens", client: clientOf(bedrock), policies });
    expect(preflight).toMatchObject({ verdict: "unknown", legs: [] });
    expect(preflight.summary).toBe(
      `CountTokens takes foundation model IDs only, and ${US} is an inference profile. Call it with ${NOVA}.`,
    );
    expect(bedrock.requests.map(({ operation }) => operation)).not.toContain("GetInferenceProfile");
    const direct = await diagnose({ modelId: NOVA, operation: "CountTokens", client: clientOf(bedrock), policies });
    expect(direct).toMatchObject({ verdict: "allowed", action: "bedrock:CountTokens" });
  });
});
