import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conclude as judge } from "../../src/diagnose/conclude.js";
import type { DiagnosedCall } from "../../src/diagnose/diagnosed-call.js";
import { explain } from "../../src/explain/explain.js";
import { formatDiagnosis } from "../../src/explain/format/format-diagnosis.js";
import { type CompiledPolicies, compilePolicies } from "../../src/policy/evaluation/policy-set.js";
import { REFUSAL_KINDS } from "../../src/refusal/kinds.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import { UNHURRIED } from "../pace.js";
import { gatheredWith, type Returned } from "./gathered.js";

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const US = `us.${MODEL}`;
const nothing: Returned = {};

function refusalOf(
  resource: string,
  reason: string,
  principal = "arn:aws:sts::111122223333:assumed-role/App/s",
): ParsedRefusal {
  const parsed = parseRefusal(
    `User: ${principal} is not authorized to perform: bedrock:InvokeModel on resource: ${resource} ${reason}`,
    { errorName: "AccessDeniedException" },
  );
  if (!parsed) throw new Error("no refusal");
  return parsed;
}

/** What it comes to; the policies are beside it. */
const conclude = (call: DiagnosedCall, refusal: ParsedRefusal, returned: Returned, policies?: CompiledPolicies) =>
  judge({ call, refusal, policies }, gatheredWith(returned)).conclusion;

const callOf = (modelId = US, sourceRegion = "us-east-1", operation = "Converse") => ({
  operation,
  modelId,
  reference: parseModelId(modelId),
  sourceRegion,
});
const known = (profileId = US, sourceRegion = "us-east-1"): Returned => ({
  profile: knownProfile(profileId, sourceRegion)?.profile,
});
const inScp = "with an explicit deny in a service control policy";
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;
const short = (c: ReturnType<typeof conclude>) =>
  c.legs.map(({ leg, verdict }) => `${leg.stage} ${leg.region} ${verdict}`);

describe("conclude", () => {
  it("reports the denied leg as blocked, and every other as unknown", () => {
    const conclusion = conclude(callOf(), refusalOf(model("us-west-2"), inScp), known());
    expect(short(conclusion)).toEqual([
      "profile us-east-1 unknown",
      "source-model us-east-1 unknown",
      "destination-model us-east-2 unknown",
      "destination-model us-west-2 blocked",
    ]);
    expect(conclusion).toMatchObject({ blockedRegions: ["us-west-2"], legsComplete: true, confidence: "certain" });
  });

  it.each([
    [model("us-west-2"), "destination-model", "us-west-2"],
    [model("us-east-1"), "source-model", "us-east-1"],
    [model(""), "global-model", "unspecified"],
    [`arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`, "profile", "us-east-1"],
  ])("derives the stage from %s, also if the destinations are unknown", (resource, stage, region) => {
    const conclusion = conclude(callOf(), refusalOf(resource, inScp), nothing);
    expect(conclusion.legs.find(({ verdict }) => verdict === "blocked")?.leg).toMatchObject({
      stage,
      region,
      resource,
    });
    expect(conclusion).toMatchObject({ blockedRegions: [region], legsComplete: false });
  });

  it("adds a leg that AWS identifies and the profile's list doesn't contain", () => {
    const conclusion = conclude(callOf(), refusalOf(model("ap-south-1"), inScp), known());
    expect(short(conclusion)).toHaveLength(5);
    expect(short(conclusion).at(-1)).toBe("destination-model ap-south-1 blocked");
  });

  it("recognizes the profile's leg if the message hides the account", () => {
    const hidden = refusalOf(
      `arn:aws:bedrock:us-east-1:<account>:inference-profile/${US}`,
      inScp,
      "arn:aws:sts::<account>:assumed-role/App/s",
    );
    expect(short(conclude(callOf(), hidden, known()))[0]).toBe("profile us-east-1 blocked");
  });

  it("blocks no leg for a denial of another action", () => {
    const other = parseRefusal(
      "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/k with an explicit deny in an identity-based policy",
    );
    const conclusion = conclude(callOf(), other as ParsedRefusal, known());
    expect(conclusion.blockedRegions).toEqual([]);
    expect(conclusion.legs.every(({ verdict }) => verdict === "unknown")).toBe(true);
  });

  it("reports likely or possible if the message isn't conclusive", () => {
    const bare = parseRefusal(Object.assign(new Error(""), { name: "AccessDeniedException" })) as ParsedRefusal;
    expect(conclude(callOf(), bare, nothing).confidence).toBe("possible");
    const noResource = parseRefusal(
      "User: arn:aws:iam::111122223333:user/bob is not authorized to perform: bedrock:InvokeModel",
    ) as ParsedRefusal;
    expect(conclude(callOf(), noResource, nothing)).toMatchObject({ confidence: "likely", blockedRegions: [] });
  });

  it("has no legs if the Region or the model is unknown", () => {
    expect(conclude(callOf("", "us-east-1"), refusalOf(model("us-west-2"), inScp), nothing).legs).toHaveLength(1);
    expect(conclude(callOf(US, "unknown"), refusalOf(model("us-west-2"), inScp), nothing).blockedRegions).toEqual([
      "us-west-2",
    ]);
  });
});

describe("the stage of a denied model whose source Region is unknown", () => {
  it.each([
    ["", "us-west-2", "model"],
    [MODEL, "us-west-2", "model"],
    ["a prompt's", "us-west-2", "model"],
    // Its models are reached through the profile only.
    [US, "us-west-2", "destination-model"],
    ["", "", "global-model"],
  ])("of %j, denied in %j, is %s: nothing shows that the call was routed there", (modelId, region, stage) => {
    const { legs, legsComplete } = conclude(callOf(modelId, "unknown"), refusalOf(model(region), inScp), nothing);
    expect(legs.map(({ leg }) => leg.stage)).toEqual([stage]);
    expect(legsComplete).toBe(false);
  });

  it("is a destination if the source Region is known to be another one", () => {
    const { legs } = conclude(callOf("", "us-east-1"), refusalOf(model("us-west-2"), inScp), nothing);
    expect(legs[0]?.leg.stage).toBe("destination-model");
  });
});

describe("any Diagnosis", () => {
  const region = fc.constantFrom("us-east-1", "us-west-2", "eu-west-1", "unspecified", "");
  const arn = fc.oneof(
    region.map(model),
    fc.string(),
    fc.constant(`arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`),
  );
  const refusal = fc.record(
    {
      raw: fc.string(),
      kind: fc.constantFrom(...REFUSAL_KINDS),
      principal: fc.oneof(fc.string(), fc.constant("arn:aws:iam::111122223333:user/bob")),
      action: fc.constantFrom("bedrock:InvokeModel", "bedrock:invokemodelwithresponsestream", "kms:Decrypt", "x"),
      resource: arn,
      policyType: fc.constantFrom(
        "service-control-policy",
        "identity-based-policy",
        "resource-based-policy",
        "session-policy",
      ),
      policyArn: fc.string(),
      denyKind: fc.constantFrom("explicit", "implicit"),
    },
    { requiredKeys: ["raw", "kind"], noNullPrototype: true },
  ) as fc.Arbitrary<ParsedRefusal>;
  const call = fc
    .tuple(
      fc.constantFrom(US, `global.${MODEL}`, MODEL, "a1b2c3d4e5f6", "", "nonsense"),
      fc.constantFrom("us-east-1", "unknown"),
      fc.constantFrom("Converse", "ConverseStream", "ApplyGuardrail", "New"),
    )
    .map(([modelId, sourceRegion, operation]) => callOf(modelId, sourceRegion, operation));

  it("survives JSON, prints in every format, and states only what is known", async () => {
    await fc.assert(
      fc.asyncProperty(call, refusal, fc.boolean(), async (asked, said, lookedUp) => {
        const id = asked.modelId;
        const returned = lookedUp && asked.sourceRegion !== "unknown" ? known(id, "us-east-1") : nothing;
        const diagnosis = await explain(judge({ call: asked, refusal: said }, gatheredWith(returned)), UNHURRIED);
        expect(JSON.parse(JSON.stringify(diagnosis))).toStrictEqual(diagnosis);
        for (const format of ["text", "markdown", "html"] as const) {
          expect(formatDiagnosis(diagnosis, format)).not.toMatch(/undefined|\[object|NaN/);
        }
        expect(diagnosis.summary).not.toBe("");
        expect(diagnosis.remedies.length).toBeGreaterThan(0);
        expect(diagnosis.remedies.every(({ verified }) => !verified)).toBe(true);
        // A message identifies one evaluation, so it blocks at most one leg, and none is allowed.
        expect(diagnosis.legs.filter(({ verdict }) => verdict === "blocked").length).toBeLessThanOrEqual(1);
        expect(diagnosis.legs.some(({ verdict }) => verdict === "allowed")).toBe(false);
        expect(JSON.stringify(diagnosis.remedies)).not.toMatch(
          /"bedrock:Converse|:bedrock:[a-z0-9-]*::inference-profile/,
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("resources and accounts", () => {
  const full = {
    name: "F",
    document: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } },
  };
  const given = (principalArn?: string) =>
    compilePolicies({ identity: [full], ...(principalArn ? { principalArn } : {}) }, "policies");

  it("uses the account of the described caller if the message hides it", () => {
    const refusal = refusalOf(model("us-west-2"), inScp, "arn:aws:sts::<account>:assumed-role/App/s");
    const { legs } = conclude(callOf(), refusal, known(), given("arn:aws:iam::111122223333:role/App"));
    expect(legs[0]?.leg.resource).toBe(`arn:aws:bedrock:us-east-1:111122223333:inference-profile/${US}`);
  });

  it("explains a denied inference profile of another account without a policy that isn't there", () => {
    const arn = "arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/a1b2c3d4e5f6";
    const { profile, ...rest } = known();
    if (profile === undefined) throw new Error("no profile");
    const gathered: Returned = { ...rest, profile: { ...profile, arn, type: "APPLICATION" } };
    const refusal = refusalOf(arn, "because no resource-based policy allows the bedrock:InvokeModel action");
    const conclusion = conclude(callOf(arn), refusal, gathered, given());
    expect(short(conclusion)).toEqual([
      "profile us-east-1 blocked",
      "source-model us-east-1 allowed",
      "destination-model us-east-2 allowed",
      "destination-model us-west-2 allowed",
    ]);
    expect(conclusion.legs[0]).toMatchObject({
      evidence: ["message", "policies"],
      decidedBy: { policyType: "resource-based-policy", denyKind: "implicit" },
    });
  });

  it.each([
    ["because no identity-based policy allows the bedrock:InvokeModel action"],
    [inScp],
    ["because no permissions boundary allows the bedrock:InvokeModel action"],
  ])("doesn't contradict AWS about an inference profile of another account: %s", (reason) => {
    const arn = "arn:aws:bedrock:us-east-1:444455556666:application-inference-profile/a1b2c3d4e5f6";
    const { profile, ...rest } = known();
    if (profile === undefined) throw new Error("no profile");
    const gathered: Returned = { ...rest, profile: { ...profile, arn, type: "APPLICATION" } };
    const conclusion = conclude(callOf(arn), refusalOf(arn, reason), gathered, given());
    expect(conclusion.legs[0]).toMatchObject({ verdict: "blocked", evidence: ["message"] });
    expect(conclusion.legs[0]).not.toHaveProperty("decidedBy");
    // The provided policies aren't all, so what they allow isn't certain.
    expect(conclusion.legs.slice(1).map(({ verdict }) => verdict)).toEqual(["unknown", "unknown", "unknown"]);
    expect(conclusion.evidence.map(({ finding }) => finding.code)).toContain("policies-disagree");
  });
});
