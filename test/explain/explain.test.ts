import { describe, expect, it } from "vitest";
import { conclude } from "../../src/diagnose/conclude.js";
import type { Diagnosis } from "../../src/explain/diagnosis.js";
import { explain } from "../../src/explain/explain.js";
import { formatDiagnosis } from "../../src/explain/format/format-diagnosis.js";
import { REFUSAL_KINDS } from "../../src/refusal/kinds.js";
import { type ParsedRefusal, parseRefusal } from "../../src/refusal/parse.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const ACCOUNT = "111122223333";
const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`;
const profileArn = (prefix: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${prefix}.${MODEL}`;

function diagnosisOf(resource: string, reason: string, prefix = "us", operation = "Converse"): Diagnosis {
  const action = operation.endsWith("Stream") ? "bedrock:InvokeModelWithResponseStream" : "bedrock:InvokeModel";
  const modelId = `${prefix}.${MODEL}`;
  const refusal = parseRefusal(
    `User: arn:aws:sts::${ACCOUNT}:assumed-role/App/s is not authorized to perform: ${action} on resource: ${resource} ${reason.replace("ACTION", action)}`,
  ) as ParsedRefusal;
  const profile = knownProfile(modelId, "us-east-1")?.profile;
  const gathered = { alternatives: [], evidence: [], complete: true, ...(profile ? { profile } : {}) };
  const call = { operation, modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
  return explain(conclude(call, refusal, gathered));
}

const explicitScp =
  "with an explicit deny in a service control policy: arn:aws:organizations::999900001111:policy/o-x/service_control_policy/p-ex4mpl31";
const implicitIam = "because no identity-based policy allows the ACTION action";
const remedies = (diagnosis: Diagnosis) => diagnosis.remedies.map(({ code, who }) => `${code} by ${who}`);

describe("least privilege", () => {
  it('has a statement for the geographic profile, and one for its models bound to it (Amazon Bedrock User Guide, "Geographic cross-Region inference")', () => {
    const { remedies: found } = diagnosisOf(model("us-east-2"), implicitIam, "us", "ConverseStream");
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

  it('has three statements for a global profile (Amazon Bedrock User Guide, "Global cross-Region inference")', () => {
    const { remedies: found } = diagnosisOf(model(""), implicitIam, "global");
    const bound = { "bedrock:InferenceProfileArn": profileArn("global") };
    expect(found[0]?.policy?.statements).toMatchObject([
      { Resource: profileArn("global"), Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } } },
      { Resource: model("us-east-1"), Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1", ...bound } } },
      { Resource: model(""), Condition: { StringEquals: { "aws:RequestedRegion": "unspecified", ...bound } } },
    ]);
  });

  it("gives a VPC endpoint policy the Principal that it needs", () => {
    const { remedies: found } = diagnosisOf(
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
  it("exempt the geography's profiles in the statement that denies, or re-deny around it, before whole Regions are opened", () => {
    const diagnosis = diagnosisOf(model("us-west-2"), explicitScp);
    expect(remedies(diagnosis)).toEqual([
      "exempt-inference-profiles by organization-administrator",
      "carve-out-and-re-deny by organization-administrator",
      "approve-regions by organization-administrator",
    ]);
    const [exempt, carve] = diagnosis.remedies;
    const condition = { ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" } };
    expect(exempt?.policy).toMatchObject({ change: "add-condition", condition });
    // Resource is "*": with the models only, calls could start in a Region that is not approved.
    expect(carve?.policy?.statements).toMatchObject([{ Effect: "Deny", Resource: "*", Condition: condition }]);
  });

  it("never exempt where the source Region itself is denied: the profile is evaluated there without the key", () => {
    expect(remedies(diagnosisOf(profileArn("us"), explicitScp))).toEqual([
      "use-approved-source-region by application-developer",
      "approve-regions by organization-administrator",
    ]);
  });

  it("name every destination, not only the Region that AWS happened to name", () => {
    const approve = diagnosisOf(model("us-west-2"), explicitScp).remedies.find(
      ({ code }) => code === "approve-regions",
    );
    expect(approve?.title).toContain("us-east-1, us-east-2 and us-west-2");
  });

  it("ask for an Allow at every level where no service control policy allows", () => {
    const diagnosis = diagnosisOf(model("us-west-2"), "because no service control policy allows the ACTION action");
    expect(remedies(diagnosis)).toEqual(["allow-at-every-scp-level by organization-administrator"]);
  });

  it("treat a quarantined key as leaked", () => {
    const reason =
      "with an explicit deny in an identity-based policy: arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    expect(remedies(diagnosisOf(model("us-east-1"), reason))).toEqual([
      "rotate-compromised-key by account-administrator",
    ]);
  });

  it.each(["us", "global"])("avoid the traps of common advice (%s)", (prefix) => {
    for (const resource of [model("us-west-2"), model("us-east-1"), model(""), profileArn(prefix)]) {
      for (const reason of [
        explicitScp,
        implicitIam,
        "because no service control policy allows the ACTION action",
        "",
      ]) {
        const text = JSON.stringify(diagnosisOf(resource, reason, prefix).remedies);
        expect(text).not.toMatch(/bedrock:Converse|UseInferenceProfile|aws:InferenceProfileArn/);
        expect(text).not.toMatch(/::inference-profile/);
        if (reason === explicitScp) expect(text).not.toContain('"Effect":"Allow"');
      }
    }
  });
});

describe("every refusal kind", () => {
  const call = {
    operation: "Converse",
    modelId: `us.${MODEL}`,
    reference: parseModelId(`us.${MODEL}`),
    sourceRegion: "us-east-1",
  };
  const of = (kind: ParsedRefusal["kind"]) =>
    explain(conclude(call, { raw: "raw", kind }, { alternatives: [], evidence: [], complete: true }));

  it.each(REFUSAL_KINDS)("%s has a summary of its own, and a remedy with someone to ask", (kind) => {
    const { summary, remedies: found } = of(kind);
    expect(summary).toMatch(/^\S.*\.$/);
    expect(summary).not.toContain("\n");
    for (const { title, steps, links } of found) {
      expect(title).not.toBe("");
      expect(steps.length).toBeGreaterThan(0);
      for (const link of links) expect(new URL(link).protocol).toBe("https:");
    }
    expect(found.length).toBeGreaterThan(0);
  });

  it("no two kinds say the same", () => {
    expect(new Set(REFUSAL_KINDS.map((kind) => of(kind).summary)).size).toBe(REFUSAL_KINDS.length);
  });
});

describe("formatDiagnosis", () => {
  const hostile = '<script>alert(1)</script> | `x` ``` [a](b)\nnext "quoted"';
  const withText = (text: string): Diagnosis => {
    const diagnosis = diagnosisOf(model("us-west-2"), explicitScp);
    return { ...diagnosis, modelId: text, summary: text, refusal: { ...diagnosis.refusal, raw: text } };
  };

  it("lets nothing from outside become markup", () => {
    expect(formatDiagnosis(withText(hostile), "html")).not.toContain("<script>");
    expect(formatDiagnosis(withText(hostile), "html")).toContain("&lt;script&gt;");
    expect(formatDiagnosis(withText(hostile), "markdown")).toContain("`<script>alert(1)</script>`");
  });

  it("prints text by default, with the legs and the policy text", () => {
    const text = formatDiagnosis(diagnosisOf(model("us-west-2"), explicitScp));
    expect(text).toBe(formatDiagnosis(diagnosisOf(model("us-west-2"), explicitScp), "text"));
    expect(text).toContain("us-west-2");
    expect(text).toContain("ArnNotLike");
    expect(text).toMatch(/blocked/);
  });

  it("refuses another format by name", () => {
    const diagnosis = diagnosisOf(model("us-west-2"), explicitScp);
    expect(() => formatDiagnosis(diagnosis, "pdf" as "text")).toThrow(
      'format must be "text", "markdown" or "html"; it is "pdf".',
    );
  });
});
