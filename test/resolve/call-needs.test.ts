import { describe, expect, it } from "vitest";
import { callContext } from "../../src/resolve/call-context.js";
import type { CallFacts } from "../../src/resolve/call-facts.js";
import { callNeeds, isOtherAccounts, type NeedsRequest } from "../../src/resolve/call-needs.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const ACCOUNT = "111122223333";
const NOVA = "us.amazon.nova-pro-v1:0";
const GUARDRAIL = `arn:aws:bedrock:us-east-1:${ACCOUNT}:guardrail/gr1`;

const needs = (facts: CallFacts = {}, more: Partial<NeedsRequest> = {}) =>
  callNeeds({
    operation: "Converse",
    reference: parseModelId(NOVA),
    sourceRegion: "us-east-1",
    accountId: ACCOUNT,
    enforcedGuardrails: [],
    facts,
    ...more,
  });

describe("callNeeds", () => {
  it("evaluates a guardrail once, also if the request includes one that is enforced", () => {
    const guardrail = { identifier: "gr1", version: "1" };
    const { legs } = needs({ guardrail }, { enforcedGuardrails: [GUARDRAIL], guardrailProfiles: { [GUARDRAIL]: [] } });
    expect(legs).toEqual([
      { stage: "guardrail", action: "bedrock:ApplyGuardrail", resource: GUARDRAIL, region: "us-east-1" },
    ]);
  });

  it.each<[string, readonly string[] | undefined, string[]]>([
    ["Converse", undefined, ["enforced-guardrails"]],
    ["InvokeModelWithResponseStreamCommand", undefined, ["enforced-guardrails"]],
    ["CountTokens", undefined, []],
    ["InvokeModelWithBidirectionalStream", [], []],
    ["InvokeModelWithBidirectionalStream", [GUARDRAIL], ["enforced-guardrails"]],
  ])("%s with enforced guardrails %j leaves out %j", (operation, enforcedGuardrails, leftOut) => {
    expect(needs({}, { operation, enforcedGuardrails }).leftOut).toEqual(leftOut);
  });

  it("never invents an account", () => {
    const { legs } = needs({ guardrail: { identifier: "gr1" } }, { accountId: undefined });
    expect(legs[0]?.resource).toBe("arn:aws:bedrock:us-east-1:<account-id>:guardrail/gr1");
    expect(isOtherAccounts("arn:aws:bedrock:us-east-1:<account-id>:guardrail/gr1", ACCOUNT)).toBe(false);
    expect(isOtherAccounts(GUARDRAIL, undefined)).toBe(false);
    expect(isOtherAccounts(GUARDRAIL, "444455556666")).toBe(true);
  });

  it.each<[string, string[]]>([
    ["s3://bucket/key.png", ["arn:aws:s3:::bucket/key.png"]],
    ["s3://bucket/folder/", []],
    ["s3://bucket", []],
    ["https://bucket/key.png", []],
    ["s3://B/key.png", []],
  ])("reads %s as %j", (uri, resources) => {
    const { legs, leftOut } = needs({ s3Objects: [{ uri }] });
    expect(legs.map(({ resource }) => resource)).toEqual(resources);
    expect(leftOut).toEqual(["s3"]);
  });

  it("uses the partition of the source Region", () => {
    const facts = { systemTools: ["nova_grounding"], s3Objects: [{ uri: "s3://bucket/key" }] };
    const { legs } = needs(facts, { sourceRegion: "us-gov-west-1" });
    expect(legs.map(({ resource }) => resource)).toEqual([
      `arn:aws-us-gov:bedrock::${ACCOUNT}:system-tool/amazon.nova_grounding`,
      "arn:aws-us-gov:s3:::bucket/key",
    ]);
  });

  it("makes no leg of an alias, which doesn't show its key", () => {
    const output = { uri: "s3://bucket/out", kmsKeyId: "alias/key" };
    const { legs, leftOut } = needs({ output }, { operation: "StartAsyncInvoke" });
    expect(legs.map(({ stage }) => stage)).toEqual(["async-invoke", "s3"]);
    expect(leftOut).toEqual(["s3", "kms"]);
  });
});

describe("callContext", () => {
  const reference = parseModelId(NOVA);
  const KEYS = ["bedrock:guardrailidentifier", "bedrock:servicetier", "aws:tagkeys"];

  it("has no keys without a command", () => {
    expect(callContext(undefined, reference, undefined)).toEqual({ values: {}, absent: [], unknown: [] });
    expect(callContext({ isPartial: true }, reference, undefined)).toEqual({ values: {}, absent: [], unknown: [] });
  });

  it("has the keys that a command doesn't set, but not those that a saved prompt might set", () => {
    expect(callContext({}, reference, undefined)).toEqual({ values: {}, absent: KEYS, unknown: [] });
    const prompt = parseModelId(`arn:aws:bedrock:us-east-1:${ACCOUNT}:prompt/ABCDEFGHIJ`);
    expect(callContext({}, prompt, undefined)).toMatchObject({ absent: ["aws:tagkeys"], unknown: KEYS.slice(0, 2) });
  });

  it.each<[string | undefined, string[] | undefined]>([
    ["1", [`${GUARDRAIL}:1`]],
    ["DRAFT", [GUARDRAIL]],
    [undefined, undefined],
  ])("has a guardrail's version %j in its value: %j", (version, value) => {
    const guardrail = { identifier: "gr1", ...(version === undefined ? {} : { version }) };
    const { values, unknown } = callContext({ guardrail }, reference, GUARDRAIL);
    expect(values["bedrock:guardrailidentifier"]).toEqual(value);
    expect(unknown).toEqual(["bedrock:guardrailidentifier"]);
  });

  it("has each tag, and the keys of all", () => {
    const tags = [
      { key: "Team", value: "a" },
      { key: "cost", value: "b" },
    ];
    expect(callContext({ tags }, reference, undefined).values).toEqual({
      "aws:tagkeys": ["Team", "cost"],
      "aws:requesttag/team": ["a"],
      "aws:requesttag/cost": ["b"],
    });
  });
});
