import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defined } from "../src/defined.js";
import { formatDiagnosis } from "../src/explain/format/format-diagnosis.js";
import { explainRefusal } from "../src/explain-refusal.js";
import { isDiagnosedError } from "../src/index.js";
import { policySet } from "../src/policy/evaluation/policy-set.js";
import { parseRefusal } from "../src/refusal/parse.js";
import { SimulatedBedrock } from "../src/testing/simulated-bedrock.js";
import { REFUSALS } from "./cases/refusals.js";
import { clientOf } from "./in-process.js";
import { denyIn, FULL } from "./policies.js";

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const US = `us.${MODEL}`;
const CALLER = "arn:aws:sts::111122223333:assumed-role/App/s";
const IN_WEST = `User: ${CALLER} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy`;
const IF_ROUTED =
  "If the client's Region isn't us-west-2, the call used cross-Region inference, and us-west-2 is a destination Region.";

function explained(...args: Parameters<typeof explainRefusal>) {
  const diagnosis = explainRefusal(...args);
  if (diagnosis === null) throw new Error("It isn't a denial.");
  return diagnosis;
}

describe("explainRefusal", () => {
  it("reports what a message shows, and leaves open what it doesn't show", () => {
    const diagnosis = explained(IN_WEST);
    expect(diagnosis).toMatchObject({
      kind: "iam-denied",
      operation: "unknown",
      modelId: "",
      sourceRegion: "unknown",
      action: "bedrock:InvokeModel",
      blockedRegions: ["us-west-2"],
      legsComplete: false,
      confidence: "likely",
    });
    expect(diagnosis.legs.map(({ verdict }) => verdict)).toEqual(["blocked"]);
    expect(diagnosis.summary).toContain(IF_ROUTED);
    expect(diagnosis.evidence.map(({ says }) => says)).toContain(IF_ROUTED);
    expect(JSON.parse(JSON.stringify(diagnosis))).toStrictEqual(diagnosis);
  });

  it("lists the other legs from the bundled catalog if the call is known", () => {
    const diagnosis = explained(IN_WEST, { modelId: US, sourceRegion: "us-east-1", operation: "Converse" });
    expect(diagnosis.legs.map(({ leg, verdict }) => `${leg.stage} ${leg.region} ${verdict}`)).toEqual([
      "profile us-east-1 unknown",
      "source-model us-east-1 unknown",
      "destination-model us-east-2 unknown",
      "destination-model us-west-2 blocked",
    ]);
    expect(diagnosis.summary).not.toContain(IF_ROUTED);
    expect(diagnosis.evidence.map(({ finding }) => finding.code)).toContain("profile-from-bundled-catalog");
  });

  it("reads an error that another SDK's error wraps", () => {
    const inner = Object.assign(new Error(IN_WEST), { name: "AccessDeniedException", statusCode: 403 });
    const wrapped = Object.assign(new Error("The model call failed."), { cause: inner });
    expect(explained(wrapped, { modelId: US, sourceRegion: "us-east-1" })).toMatchObject({
      blockedRegions: ["us-west-2"],
      confidence: "certain",
      policy: { type: "service-control-policy", denyKind: "explicit" },
    });
  });

  it("takes the call from a CloudTrail record", () => {
    const record = {
      eventVersion: "1.11",
      eventSource: "bedrock.amazonaws.com",
      eventName: "Converse",
      awsRegion: "us-east-1",
      errorCode: "AccessDenied",
      errorMessage: IN_WEST,
      requestParameters: { modelId: US },
      userIdentity: { type: "AssumedRole", arn: CALLER, accountId: "111122223333" },
      requestID: "0b1c2d3e-0000",
    };
    const diagnosis = explained(record);
    expect(diagnosis).toMatchObject({
      operation: "Converse",
      modelId: US,
      sourceRegion: "us-east-1",
      principal: { arn: CALLER, isComplete: true },
      blockedRegions: ["us-west-2"],
    });
    expect(diagnosis.legs).toHaveLength(4);
    expect(explained(JSON.stringify({ Records: [record] })).legs).toEqual(diagnosis.legs);
  });

  it("takes the call from a CloudTrail record also if the details contradict it", () => {
    const record = {
      eventSource: "bedrock.amazonaws.com",
      eventName: "Converse",
      awsRegion: "us-east-1",
      errorCode: "AccessDenied",
      errorMessage: IN_WEST,
      requestParameters: { modelId: US },
    };
    const details = { modelId: `eu.${MODEL}`, sourceRegion: "eu-west-1", operation: "ConverseStream" };
    expect(explained(record, details)).toEqual({ ...explained(record), evidence: expect.anything() });
  });

  it("takes the profile and the source Region from a message that denies a profile, whatever the details are", () => {
    const denied = `User: ${CALLER} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`;
    for (const modelId of [undefined, US, `eu.${MODEL}`, MODEL]) {
      const diagnosis = explained(denied, defined({ modelId, sourceRegion: "eu-west-1" }));
      expect(diagnosis).toMatchObject({ modelId: US, sourceRegion: "us-east-1", blockedRegions: ["us-east-1"] });
      expect(diagnosis.legs.filter(({ leg }) => leg.stage === "profile")).toHaveLength(1);
      expect(formatDiagnosis(diagnosis, "text")).not.toMatch(/eu-west-1|eu\./);
    }
    const prompt = "arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ";
    expect(explained(denied, { modelId: prompt })).toMatchObject({ modelId: prompt, sourceRegion: "us-east-1" });
  });

  it.each([
    ["without a model ID", "", "bedrock:InvokeModel was denied in us-west-2 (source Region us-east-1), by"],
    [
      "with a profile of another model",
      "us.amazon.nova-pro-v1:0",
      `bedrock:InvokeModel was denied on ${MODEL} in us-west-2, in a call of us.amazon.nova-pro-v1:0 (source Region us-east-1), by`,
    ],
  ])("doesn't call a Region a destination of a profile %s", (_, modelId, start) => {
    const { summary } = explained(IN_WEST, { modelId, sourceRegion: "us-east-1" });
    expect(summary.slice(0, start.length)).toBe(start);
    expect(summary).not.toContain("a destination Region of");
  });

  it("evaluates the provided policies, identifies the statement, and tests remedies", () => {
    const serviceControl = [{ level: "Root", policies: [FULL, denyIn("west", ["us-west-2"])] }];
    const policies = policySet({ identity: [FULL], serviceControl, unknownContext: "absent" });
    const diagnosis = explained(IN_WEST, { modelId: US, sourceRegion: "us-east-1", operation: "Converse", policies });
    const [west] = diagnosis.legs.filter(({ leg }) => leg.region === "us-west-2");
    expect(west).toMatchObject({
      verdict: "blocked",
      evidence: ["message", "policies"],
      decidedBy: { policyName: "west", level: "Root", statementIndex: 0 },
    });
    expect(diagnosis.legs.filter(({ verdict }) => verdict === "allowed")).toHaveLength(3);
    expect(diagnosis.remedies.some(({ edits }) => edits !== undefined)).toBe(true);
    // The content of the request isn't known, so it isn't known what else it needs.
    expect(diagnosis.leftOut).toContain("request-body");
    expect(diagnosis.remedies.every(({ verified }) => !verified)).toBe(true);
  });

  it("doesn't invent the Regions of a model that the catalog doesn't contain", () => {
    const diagnosis = explained(IN_WEST.replace(MODEL, "acme.new-v1:0"), {
      modelId: "us.acme.new-v1:0",
      sourceRegion: "us-east-1",
    });
    expect(diagnosis).toMatchObject({ legsComplete: false, blockedRegions: ["us-west-2"] });
    expect(diagnosis.evidence.map(({ finding }) => finding)).toContainEqual({
      code: "profile-unresolved",
      modelId: "us.acme.new-v1:0",
      notInCatalogOf: expect.any(String),
    });
  });

  it.each([
    ["ThrottlingException: Too many requests"],
    [new Error("socket hang up")],
    [""],
    [undefined],
    [null],
    [{}],
    [7],
  ])("returns null if it isn't a denial: %s", (input) => expect(explainRefusal(input)).toBeNull());

  it("takes an empty detail for an unknown one, and rejects a detail that isn't a string", () => {
    const empty = { modelId: "", sourceRegion: "", operation: "" };
    expect(explained(IN_WEST, empty)).toMatchObject({ modelId: "", sourceRegion: "unknown", operation: "unknown" });
    expect(() => explainRefusal(IN_WEST, { modelId: 7 as never })).toThrow(
      "details.modelId must be a string; it is 7.",
    );
  });

  it.each(["toString", "constructor", "__proto__"])("reports the unknown operation %s as it is", (operation) => {
    expect(explained(IN_WEST, { modelId: US, sourceRegion: "us-east-1", operation })).toMatchObject({ operation });
  });

  it("never throws, whatever the input is", () => {
    const hostile = [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("get");
          },
        },
      ),
      {
        get message(): string {
          throw new Error("getter");
        },
      },
      Object.create(null),
      "\u0000".repeat(1_000),
    ];
    for (const input of hostile) expect(() => explainRefusal(input)).not.toThrow();
    const text = fc.oneof(
      fc.string(),
      fc.constant(IN_WEST),
      fc.string().map((rest) => `${IN_WEST}${rest}`),
    );
    const detail = fc.option(fc.oneof(fc.string(), fc.constantFrom(US, "us-east-1", "Converse")), { nil: undefined });
    fc.assert(
      fc.property(fc.oneof(text, fc.anything()), detail, detail, detail, (input, modelId, sourceRegion, operation) => {
        const diagnosis = explainRefusal(input, defined({ modelId, sourceRegion, operation }));
        if (diagnosis === null) return;
        expect(JSON.parse(JSON.stringify(diagnosis))).toStrictEqual(diagnosis);
        expect(formatDiagnosis(diagnosis, "text")).not.toMatch(/undefined|\[object|NaN/);
        expect(diagnosis.legs.some(({ verdict }) => verdict === "allowed")).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a denial that is explained live without lookups, and offline", () => {
  const rows = REFUSALS.filter(({ expect: parsed, errorName }) => parsed !== null && errorName !== undefined).map(
    (row) => ({ ...row, title: row.says }),
  );

  it.each(rows)("has the same verdicts: $title", async ({ message, errorName = "", status = 403 }) => {
    const bedrock = new SimulatedBedrock({ principal: CALLER });
    bedrock.fault({ operation: "Converse", status, errorName, message });
    const client = clientOf(bedrock, { diagnosis: { timeoutMs: 0 } });
    const error: unknown = await client.send(new ConverseCommand({ modelId: US })).catch((thrown) => thrown);
    client.destroy();
    if (!isDiagnosedError(error)) return expect(parseRefusal(error)?.confidence).not.toBeUndefined();
    const live = error.diagnosis;
    const offline = explained(live.refusal.raw === "" ? error : { ...live.refusal, name: errorName, message, status }, {
      modelId: US,
      sourceRegion: "us-east-1",
      operation: "Converse",
    });
    const decided = ({ legs }: typeof live) =>
      legs.filter(({ verdict }) => verdict !== "unknown").map(({ leg, verdict, because }) => [leg, verdict, because]);
    const { kind, action, blockedRegions, policy: policyOf, principal, sourceRegion } = live;
    expect(offline).toMatchObject(
      JSON.parse(JSON.stringify({ kind, action, blockedRegions, principal, sourceRegion })),
    );
    expect(offline.policy).toEqual(policyOf);
    expect(decided(offline)).toEqual(decided(live));
    return undefined;
  });
});
