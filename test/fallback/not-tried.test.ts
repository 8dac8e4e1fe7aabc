import { describe, expect, it } from "vitest";
import { whyNever, whyNot } from "../../src/fallback/not-tried.js";
import { REFUSAL_KINDS } from "../../src/refusal/kinds.js";
import type { ParsedRefusal } from "../../src/refusal/parse.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const MODEL = "amazon.nova-pro-v1:0";
const PROFILE = `us.${MODEL}`;

const call = ({ modelId = PROFILE, operation = "Converse" } = {}) => ({
  operation,
  reference: parseModelId(modelId),
  sourceRegion: "us-east-1",
});

function refusal(over: Partial<ParsedRefusal> = {}): ParsedRefusal {
  return {
    raw: "",
    kind: "iam-denied",
    action: "bedrock:InvokeModel",
    resource: `arn:aws:bedrock:us-west-2::foundation-model/${MODEL}`,
    policyType: "service-control-policy",
    ...over,
  };
}

describe("when a fallback can be tried", () => {
  const RESOURCES = {
    profile: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${PROFILE}`,
    "source-model": `arn:aws:bedrock:us-east-1::foundation-model/${MODEL}`,
    "destination-model": `arn:aws:bedrock:us-west-2::foundation-model/${MODEL}`,
    "global-model": `arn:aws:bedrock:::foundation-model/${MODEL}`,
    none: undefined,
  };
  const cases = REFUSAL_KINDS.flatMap((kind) =>
    Object.entries(RESOURCES).map(([stage, resource]) => ({ kind, stage, resource })),
  );

  it.each(cases)("$kind, $stage", ({ kind, stage, resource }) => {
    const { resource: _, ...bare } = refusal({ kind });
    const said = whyNot({ ...bare, ...(resource ? { resource } : {}) }, call());
    const isRouting = kind === "iam-denied" && (stage === "destination-model" || stage === "global-model");
    expect(said).toBe(isRouting ? undefined : "not-about-routing");
  });

  it.each([
    ["Converse", undefined],
    ["ConverseStream", undefined],
    ["InvokeModel", undefined],
    ["InvokeModelWithResponseStream", undefined],
    ["InvokeModelWithBidirectionalStream", "operation-not-replayable"],
    ["StartAsyncInvoke", "operation-not-replayable"],
    ["CountTokens", "operation-not-replayable"],
  ])("%s: %s", (operation, reason) => {
    expect(whyNever(call({ operation }))).toBe(reason);
    expect(whyNot(refusal(), call({ operation }))).toBe(reason);
  });

  it.each([
    [MODEL, "not-a-profile"],
    ["arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl", "not-a-profile"],
    ["arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:1", "not-a-profile"],
    [`arn:aws:bedrock:us-east-1:111122223333:inference-profile/${PROFILE}`, undefined],
    ["arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abcdefghijkl", undefined],
    ["abcdefghijkl", undefined],
  ])("%s: %s", (modelId, reason) => {
    expect(whyNot(refusal(), call({ modelId }))).toBe(reason);
  });

  it("never to avoid a VPC endpoint policy, or for another action", () => {
    expect(whyNot(refusal({ policyType: "vpc-endpoint-policy" }), call())).toBe("vpc-endpoint-policy");
    expect(whyNot(refusal({ action: "bedrock:ApplyGuardrail" }), call())).toBe("not-about-routing");
  });
});
