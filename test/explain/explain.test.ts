import { describe, expect, it } from "vitest";
import { conclude } from "../../src/diagnose/conclude.js";
import type { Diagnosis } from "../../src/diagnosis.js";
import { explain } from "../../src/explain/explain.js";
import { formatDiagnosis } from "../../src/explain/format/format-diagnosis.js";
import type { AccessPolicies, PolicyInput } from "../../src/policy/evaluation/layers.js";
import { compilePolicies, type PolicySetInput } from "../../src/policy/evaluation/policy-set.js";
import { REFUSAL_KINDS } from "../../src/refusal/kinds.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import { FULL, REGION_DENY } from "../cases/policies.js";
import { gatheredWith } from "../diagnose/gathered.js";
import { UNHURRIED } from "../pace.js";

const ACCOUNT = "111122223333";
const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;
const profileArn = (prefix: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${prefix}.${MODEL}`;

async function diagnosisOf(
  resource: string,
  reason: string,
  prefix = "us",
  operation = "Converse",
): Promise<Diagnosis> {
  const action = operation.endsWith("Stream") ? "bedrock:InvokeModelWithResponseStream" : "bedrock:InvokeModel";
  const modelId = `${prefix}.${MODEL}`;
  const refusal = parseRefusal(
    `User: arn:aws:sts::${ACCOUNT}:assumed-role/App/s is not authorized to perform: ${action} on resource: ${resource} ${reason.replace("ACTION", action)}`,
  ) as ParsedRefusal;
  const profile = knownProfile(modelId, "us-east-1")?.profile;
  const gathered = gatheredWith({ profile });
  const call = { operation, modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
  return explain(conclude({ call, refusal }, gathered), UNHURRIED);
}

/** A denied call through the US profile, and the policies that deny it. */
function concludedWith(
  policies: PolicySetInput,
  deniedBy = "a service control policy",
  reason = `with an explicit deny in ${deniedBy}`,
) {
  const modelId = `us.${MODEL}`;
  const refusal = parseRefusal(
    `User: arn:aws:sts::${ACCOUNT}:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: ${model("us-west-2")} ${reason}`,
  ) as ParsedRefusal;
  const profile = knownProfile(modelId, "us-east-1")?.profile;
  const gathered = gatheredWith({ profile });
  const call = { operation: "Converse", modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
  return conclude({ call, refusal, policies: compilePolicies(policies, "policies") }, gathered);
}

const explicitScp =
  "with an explicit deny in a service control policy: arn:aws:organizations::999900001111:policy/o-x/service_control_policy/p-ex4mpl31";
const implicitIam = "because no identity-based policy allows the ACTION action";
const remedies = (diagnosis: Diagnosis) => diagnosis.remedies.map(({ code, who }) => `${code} by ${who}`);

describe("least privilege", () => {
  it('has a statement for the geographic profile, and one for its models limited to it (Amazon Bedrock User Guide, "Geographic cross-Region inference")', async () => {
    const { remedies: found } = await diagnosisOf(model("us-east-2"), implicitIam, "us", "ConverseStream");
    expect(found[0]?.policy?.statements).toEqual([
      {
        Sid: "InvokeInferenceProfile",
        Effect: "Allow",
        Action: "bedrock:InvokeModelWithResponseStream",
        Resource: profileArn("us"),
      },
      {
        Sid: "InvokeModelThroughProfile",
        Effect: "Allow",
        Action: "bedrock:InvokeModelWithResponseStream",
        Resource: [model("us-east-1"), model("us-east-2"), model("us-west-2")],
        Condition: { StringEquals: { "bedrock:InferenceProfileArn": profileArn("us") } },
      },
    ]);
  });

  it('has three statements for a global profile (Amazon Bedrock User Guide, "Global cross-Region inference")', async () => {
    const { remedies: found } = await diagnosisOf(model(""), implicitIam, "global");
    const bound = { "bedrock:InferenceProfileArn": profileArn("global") };
    expect(found[0]?.policy?.statements).toMatchObject([
      { Resource: profileArn("global"), Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } },
      { Resource: model("us-east-1"), Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1", ...bound } } },
      { Resource: model(""), Condition: { StringEquals: { "aws:RequestedRegion": "unspecified", ...bound } } },
    ]);
  });

  it("adds the Principal that a VPC endpoint policy needs", async () => {
    const { remedies: found } = await diagnosisOf(
      model("us-east-2"),
      "because no VPC endpoint policy allows the ACTION action",
    );
    expect(found[0]?.policy).toMatchObject({
      policyType: "vpc-endpoint-policy",
      statements: [{ Principal: "*" }, { Principal: "*" }],
    });
  });
});

describe("remedies", () => {
  it("exempt the geography's profiles in the denying statement, or deny again around it, before they allow whole Regions", async () => {
    const diagnosis = await diagnosisOf(model("us-west-2"), explicitScp);
    expect(remedies(diagnosis)).toEqual([
      "exempt-inference-profiles by organization-administrator",
      "carve-out-and-re-deny by organization-administrator",
      "approve-regions by organization-administrator",
    ]);
    const [exempt, carve] = diagnosis.remedies;
    const condition = { ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" } };
    expect(exempt?.policy).toMatchObject({ change: "add-condition", condition });
    // Resource is "*": with the models only, calls could start in a Region that isn't approved.
    expect(carve?.policy?.statements).toMatchObject([{ Effect: "Deny", Resource: "*", Condition: condition }]);
  });

  it("never add an exemption if the source Region itself is denied: the key is absent in the profile's leg", async () => {
    expect(remedies(await diagnosisOf(profileArn("us"), explicitScp))).toEqual([
      "use-approved-source-region by application-developer",
      "approve-regions by organization-administrator",
    ]);
  });

  it("list every destination, not only the Region in AWS's message", async () => {
    const approve = (await diagnosisOf(model("us-west-2"), explicitScp)).remedies.find(
      ({ code }) => code === "approve-regions",
    );
    expect(approve?.title).toContain("us-east-1, us-east-2 and us-west-2");
  });

  it("suggest an Allow at every level if no service control policy allows", async () => {
    const diagnosis = await diagnosisOf(
      model("us-west-2"),
      "because no service control policy allows the ACTION action",
    );
    expect(remedies(diagnosis)).toEqual(["allow-at-every-scp-level by organization-administrator"]);
  });

  it("treat a quarantined key as leaked", async () => {
    const reason =
      "with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    expect(remedies(await diagnosisOf(model("us-east-1"), reason))).toEqual([
      "rotate-compromised-key by account-administrator",
    ]);
  });

  it.each(["us", "global"])("avoid known mistakes in common advice (%s)", async (prefix) => {
    for (const resource of [model("us-west-2"), model("us-east-1"), model(""), profileArn(prefix)]) {
      for (const reason of [
        explicitScp,
        implicitIam,
        "because no service control policy allows the ACTION action",
        "",
      ]) {
        const text = JSON.stringify((await diagnosisOf(resource, reason, prefix)).remedies);
        expect(text).not.toMatch(/bedrock:Converse|UseInferenceProfile|aws:InferenceProfileArn/);
        expect(text).not.toMatch(/::inference-profile/);
        if (reason === explicitScp) expect(text).not.toContain('"Effect":"Allow"');
      }
    }
  });
});

describe("every kind of denial", () => {
  const call = {
    operation: "Converse",
    modelId: `us.${MODEL}`,
    reference: parseModelId(`us.${MODEL}`),
    sourceRegion: "us-east-1",
  };
  const of = (kind: ParsedRefusal["kind"]) =>
    explain(conclude({ call, refusal: { raw: "raw", kind } }, gatheredWith()), UNHURRIED);

  it.each(REFUSAL_KINDS)("%s has its own summary, and a remedy with someone to contact", async (kind) => {
    const { summary, remedies: found } = await of(kind);
    const lines = summary.split("\n");
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line).toMatch(/^\S.*\.$/);
    for (const { title, steps, links } of found) {
      expect(title).not.toBe("");
      expect(steps.length).toBeGreaterThan(0);
      for (const link of links) expect(new URL(link).protocol).toBe("https:");
    }
    expect(found.length).toBeGreaterThan(0);
  });

  it("no two kinds have the same summary", async () => {
    expect(new Set(await Promise.all(REFUSAL_KINDS.map(async (kind) => (await of(kind)).summary))).size).toBe(
      REFUSAL_KINDS.length,
    );
  });
});

describe("formatDiagnosis", () => {
  const hostile = '<script>alert(1)</script> | `x` ``` [a](b)\nnext "quoted"';
  const withText = async (text: string): Promise<Diagnosis> => {
    const diagnosis = await diagnosisOf(model("us-west-2"), explicitScp);
    return { ...diagnosis, modelId: text, summary: text, refusal: { ...diagnosis.refusal, raw: text } };
  };

  it("escapes markup in text from outside", async () => {
    expect(formatDiagnosis(await withText(hostile), "html")).not.toContain("<script>");
    expect(formatDiagnosis(await withText(hostile), "html")).toContain("&lt;script&gt;");
    expect(formatDiagnosis(await withText(hostile), "markdown")).toContain("`<script>alert(1)</script>`");
  });

  it("prints text by default, with the legs and the policy text", async () => {
    const text = formatDiagnosis(await diagnosisOf(model("us-west-2"), explicitScp));
    expect(text).toBe(formatDiagnosis(await diagnosisOf(model("us-west-2"), explicitScp), "text"));
    expect(text).toContain("us-west-2");
    expect(text).toContain("ArnNotLike");
    expect(text).toContain("✗ BLOCKED");
  });

  it("throws for another format and identifies it", async () => {
    const diagnosis = await diagnosisOf(model("us-west-2"), explicitScp);
    expect(() => formatDiagnosis(diagnosis, "pdf" as "text")).toThrow(
      'format must be "text", "markdown" or "html"; it is "pdf".',
    );
  });
});

const BY_IDENTITY = "because no identity-based policy allows the bedrock:InvokeModel action";
const BY_BOUNDARY = "because no permissions boundary allows the bedrock:InvokeModel action";

describe("advice follows the conditions that decide", () => {
  const denying = (rest: object, name = "Deny"): AccessPolicies => ({
    identity: [FULL],
    serviceControl: [
      {
        level: "Root",
        policies: [
          FULL,
          { name, document: { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "bedrock:*", ...rest }] } },
        ],
      },
    ],
  });
  const all = { Resource: "*" };

  it.each([
    [
      "a Region",
      { ...all, Condition: { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } } },
      "exempt-inference-profiles",
    ],
    ["a model", { NotResource: "arn:aws:bedrock:*::foundation-model/meta.*" }, "approve-model"],
    [
      "a principal",
      { ...all, Condition: { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/Admin" } } },
      "exempt-principal",
    ],
    ["a tag", { ...all, Condition: { StringNotEquals: { "aws:PrincipalTag/team": "ml" } } }, "set-principal-tag"],
    ["MFA", { ...all, Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } } }, "use-mfa"],
    [
      "a VPC endpoint",
      { ...all, Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } } },
      "use-approved-network",
    ],
    [
      "a guardrail",
      { ...all, Condition: { Null: { "bedrock:GuardrailIdentifier": "true" } } },
      "use-approved-guardrail",
    ],
    [
      "a profile",
      {
        ...all,
        Condition: { ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*" } },
      },
      "approve-profile",
    ],
    ["another key", { ...all, Condition: { StringNotEquals: { "aws:PrincipalOrgID": "o-1" } } }, "meet-condition"],
  ])("%s", async (what, rest, code) => {
    const context = {
      "aws:SourceVpce": null,
      "bedrock:GuardrailIdentifier": null,
      "aws:PrincipalTag/team": null,
      "aws:MultiFactorAuthPresent": null,
      "aws:PrincipalOrgID": "o-2",
      "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/App`,
    };
    const { remedies: found } = await explain(concludedWith({ ...denying(rest), context }), UNHURRIED);
    expect(found.map((remedy) => remedy.code)).toContain(code);
    if (what === "a Region") return;
    const text = JSON.stringify(found);
    expect(text).not.toMatch(/source Region that|"approve-regions"|inference-profile\/us\.\*/);
    for (const { title, steps } of found) {
      expect(title).not.toMatch(/undefined/);
      expect(steps.length).toBeGreaterThan(0);
    }
  });

  it.each([
    ["a guardrail", { StringEquals: { "bedrock:GuardrailIdentifier": "gr1abc2def3g" } }, "use-approved-guardrail"],
    ["a VPC endpoint", { StringEquals: { "aws:SourceVpce": "vpce-1" } }, "use-approved-network"],
    ["a tag, which an administrator sets", { StringEquals: { "aws:PrincipalTag/team": "ml" } }, undefined],
  ])("%s that the only Allow requires", async (_, Condition, code) => {
    const context = {
      "aws:SourceVpce": null,
      "bedrock:GuardrailIdentifier": null,
      "aws:PrincipalTag/team": null,
      "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/App`,
    };
    const document = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "bedrock:*", ...all, Condition }],
    };
    const identity = [{ name: "App", document }];
    const { remedies: found } = await explain(concludedWith({ identity, context }, "", BY_IDENTITY), UNHURRIED);
    const [condition] = found.filter((remedy) => remedy.who === "application-developer");
    expect(condition?.code).toBe(code);
    if (code) {
      expect(condition?.breadth).toBe("nothing");
      expect(condition?.steps.join(" ")).toMatch(
        /The statement allows the call if StringEquals .*all of its conditions/,
      );
    }
  });

  it("never edits a document of AWS Control Tower, but identifies the control's parameter", async () => {
    const guardrails = { ...REGION_DENY("us-east-1"), name: "aws-guardrails-AbCdEf" };
    const serviceControl = [{ level: "Root", policies: [FULL, guardrails] }];
    const { remedies: found } = await explain(concludedWith({ identity: [FULL], serviceControl }), UNHURRIED);
    const [first] = found;
    expect(first).toMatchObject({
      code: "exempt-in-control-tower",
      policy: { statements: [{ Effect: "Deny", Resource: "*" }] },
    });
    expect(first?.steps.join(" ")).toContain("ExemptedActions");
    expect(found.every(({ edits, verified }) => edits === undefined && !verified)).toBe(true);
  });

  it("never edits an AWS managed policy, but replaces it", async () => {
    const managed = {
      ...(denying(all).serviceControl?.[0]?.policies[1] as PolicyInput),
      arn: "arn:aws:iam::aws:policy/AWSDenyAll",
    };
    const { remedies: found } = await explain(
      concludedWith({ identity: [FULL, managed] }, "an identity-based policy"),
      UNHURRIED,
    );
    expect(found.map(({ code }) => code)).toContain("replace-aws-managed-policy");
    expect(found.every(({ edits }) => edits === undefined)).toBe(true);
  });

  it("never edits an AWS managed policy that only the message identifies", async () => {
    const deny = denying({ ...all, Condition: { StringNotEquals: { "aws:RequestedRegion": "us-east-1" } } });
    const unnamed = deny.serviceControl?.[0]?.policies[1] as PolicyInput;
    const arn = "arn:aws:iam::aws:policy/SomeManagedPolicy";
    const given = (name: string) => ({ identity: [FULL, { ...unnamed, name }] });
    for (const name of ["Deny", "SomeManagedPolicy"]) {
      const of = (by: string) => explain(concludedWith(given(name), by), UNHURRIED);
      const { remedies: found } = await of(`an identity-based policy: ${arn}`);
      expect(found.every(({ edits }) => edits === undefined)).toBe(true);
      expect(found.map(({ code }) => code)).toContain("replace-aws-managed-policy");
      // A policy of the account's own can be edited.
      expect((await of("an identity-based policy")).remedies.some(({ edits }) => edits !== undefined)).toBe(true);
    }
  });

  it("never edits an AWS managed policy that is a permissions boundary, but replaces it", async () => {
    const read = { Effect: "Allow", Action: ["s3:Get*", "bedrock:InvokeModel"], Resource: "arn:aws:s3:::x" };
    const boundary = { name: "ReadOnlyAccess", document: { Statement: [read] } };
    const arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const of = (policy: PolicyInput) =>
      explain(concludedWith({ identity: [FULL], boundary: policy }, "", BY_BOUNDARY), UNHURRIED);
    const managed = (await of({ ...boundary, arn })).remedies;
    expect(managed.every(({ edits }) => edits === undefined)).toBe(true);
    const [first, ...others] = managed;
    expect(others.map(({ code }) => code)).not.toContain("allow-in-policy");
    expect(first).toMatchObject({ code: "replace-aws-managed-policy", policy: { statements: [{}, {}] } });
    expect(first?.steps.join(" ")).toContain(`${arn} is an AWS managed policy`);
    expect((await of(boundary)).remedies.map(({ code }) => code)).toContain("allow-in-policy");
  });

  it("verifies nothing for a policy that AWS identifies by an ARN, if no provided policy has it", async () => {
    const arn = "arn:aws:organizations::999900001111:policy/o-ex/service_control_policy/p-ex4mpl31";
    const denied = "a service control policy";
    const region = REGION_DENY("us-east-1");
    const scps = (policy: PolicyInput): AccessPolicies => ({
      identity: [FULL],
      serviceControl: [{ level: "R", policies: [FULL, policy] }],
    });
    const unknown = await explain(concludedWith(scps(region), `${denied}: ${arn}`), UNHURRIED);
    expect(unknown.policy).toMatchObject({ arn });
    expect(unknown.policy?.name).toBeUndefined();
    expect(unknown.remedies.some(({ verified }) => verified)).toBe(false);
    expect(unknown.remedies[0]).toMatchObject({ confidence: "likely" });
    const known = await explain(concludedWith(scps({ ...region, arn }), `${denied}: ${arn}`), UNHURRIED);
    expect(known.policy).toMatchObject({ arn, name: "GRREGIONDENY" });
    expect(known.remedies[0]).toMatchObject({ verified: true, confidence: "certain" });
  });

  it("follows AWS's own advice that other models can be called, and offers exactly this profile", async () => {
    const { remedies: found } = await explain(
      concludedWith({ identity: [FULL], serviceControl: [{ level: "R", policies: [FULL, REGION_DENY("us-east-1")] }] }),
      UNHURRIED,
    );
    const [geography, exact] = found;
    expect(geography?.steps.join(" ")).toContain(
      "Other models can then also be called through the us. inference profiles",
    );
    expect(geography?.diff).toContain("arn:aws:bedrock:*:*:inference-profile/us.*");
    expect(geography?.opens).toContain("other-model");
    expect(geography?.breadth).toBe("geography");
    expect(exact?.title).toContain(`the inference profile us.${MODEL}`);
    expect(exact?.diff).toContain(profileArn("us"));
    expect(exact?.opens).not.toContain("other-model");
    expect(exact?.breadth).toBe("this-profile");
  });
});

describe("a search that stopped", () => {
  it.each([
    [{ tested: 1, untested: 2 }, "1 combination of edits was tested, and 2 weren't."],
    [{ tested: 200, untested: 1_000 }, "200 combinations of edits were tested, and 1,000 weren't."],
    [{ tested: 0 }, "0 combinations of edits were tested. There might be more."],
  ])("is in every report: %j", async (search, words) => {
    const diagnosis = { ...(await diagnosisOf(model("us-west-2"), explicitScp)), search };
    // Reports wrap.
    const text = formatDiagnosis(diagnosis).replace(/\s+/g, " ");
    expect(text).toContain(`The search for remedies stopped after its budget: ${words}`);
  });

  it("is part of the diagnosis, with the remedies that were found by then", async () => {
    const policies = {
      identity: [FULL],
      serviceControl: Array.from({ length: 9 }, (_, level) => ({
        level: `L${level}`,
        policies: [FULL, REGION_DENY("us-east-1")],
      })),
    };
    const { conclusion } = concludedWith(policies);
    let time = 0;
    // Each look at the clock is a millisecond later: the time is over while combinations are tested.
    const pace = { now: () => time++, yieldToEventLoop: async () => {}, until: 1_000 };
    const { search, remedies } = await explain(concludedWith(policies), pace);
    expect(conclusion.legs.some(({ verdict }) => verdict === "blocked")).toBe(true);
    expect(search?.tested).toBeGreaterThan(0);
    expect((search?.tested ?? 0) + (search?.untested ?? 0)).toBe(4 ** 9);
    expect(remedies.some(({ verified }) => verified)).toBe(true);
    expect(await explain(concludedWith(policies), UNHURRIED)).toMatchObject({
      search: { tested: 200, untested: 4 ** 9 - 200 },
    });
  });
});
