import { describe, expect, it } from "vitest";
import { formatDiagnosis, parseRefusal } from "../../../src/offline.js";
import { diagnosisOfNothingBut } from "./hostile.js";

const PROSE =
  "The service control policy DenyRegions at level Root denies it, and only an administrator can change that.";
const ARN = `arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.${"x".repeat(60)}`;

describe("the text report", () => {
  it("has lines of at most 80 characters where words allow it", () => {
    for (const text of [PROSE, `${PROSE} ${ARN} ${PROSE}`, "word", ARN]) {
      const { remedies, ...rest } = diagnosisOfNothingBut(text);
      const withoutCode = remedies.map(({ policy, edits, diff, links, ...remedy }) => ({ ...remedy, links: [] }));
      const legs = rest.legs.map(({ contradictedBy, ...each }) => {
        return { ...each, leg: { ...each.leg, stage: "model" as const, region: "us-east-1" } };
      });
      const evidence = rest.evidence.map((piece) => ({
        ...piece,
        source: "message" as const,
        at: "2026-01-01T00:00:00Z",
      }));
      const report = { ...rest, remedies: withoutCode, legs, evidence };
      for (const line of formatDiagnosis({ ...report, fallback: undefined } as never).split("\n")) {
        const words = line.replace(/^ *(\d+\. )?/, "").split(" ");
        if (line.length > 80) expect(words.filter((word) => word.length > 60)).toHaveLength(words.length);
      }
    }
  });

  it("shows the verdict of each leg in a word and a sign, and by what", () => {
    const { legs } = diagnosisOfNothingBut("x");
    const policy = { type: "service-control-policy", name: "DenyRegions", denyKind: "explicit" } as const;
    const stages = ["profile", "destination-model", "global-model"] as const;
    const regions = ["us-east-1", "us-west-2", "unspecified"];
    const evidence = [["policies"], ["message"], []] as const;
    const text = formatDiagnosis({
      ...diagnosisOfNothingBut("x"),
      policy,
      legs: legs.map((each, at) => {
        const leg = { ...each.leg, stage: stages[at] ?? "model", region: regions[at] ?? "" };
        const likely = at === 2 ? { verdict: "blocked" as const, source: "simulation" as const } : undefined;
        const contradictedBy = at === 1 ? ["simulation" as const] : undefined;
        return { ...each, leg, evidence: [...(evidence[at] ?? [])], contradictedBy, likely } as never;
      }),
    });
    expect(text).toContain(
      [
        "What AWS authorizes for this call (all must allow)",
        "  Region     What is authorized  Verdict    By",
        "  us-east-1  inference profile   ✓ allowed  provided policies",
        "  us-west-2  model, destination  ✗ BLOCKED  service control policy DenyRegions;",
        "                                            contradicted by the IAM policy",
        "                                            simulator",
        "  (global)   model, global       ? unknown  likely blocked (IAM policy",
        "                                            simulator)",
      ].join("\n"),
    );
  });

  it("begins with the verdict, and has ARNs, JSON Patch, timings and AWS's message only if it is verbose", () => {
    const diagnosis = { ...diagnosisOfNothingBut("x"), summary: "Denied.\nAsk someone." };
    const [brief, verbose] = [formatDiagnosis(diagnosis), formatDiagnosis(diagnosis, { verbose: true })];
    expect(brief.startsWith("✗ This call was denied\n  Denied.\n  Ask someone.\n")).toBe(true);
    const headings = (text: string) => text.match(/^[A-Z✗].*$/gm)?.map((line) => line.split(":")[0]);
    const common = [
      "✗ This call was denied",
      "What AWS authorizes for this call (all must allow)",
      "Who can fix it",
      "Smallest change",
      "Fallback",
      "Evidence",
    ];
    expect(headings(brief)).toEqual(common);
    expect(headings(verbose)).toEqual([...common, "Details", "Original error message"]);
    for (const text of ["JSON Patch", "policy ARN", "took", "1 ms"]) {
      expect(brief).not.toContain(text);
      expect(verbose).toContain(text);
    }
    expect(formatDiagnosis(diagnosis, { format: "markdown" })).toBe(formatDiagnosis(diagnosis, "markdown"));
    expect(formatDiagnosis(diagnosis, { format: "markdown", verbose: false })).not.toContain("Details");
  });

  it("prints words instead of ARNs in its evidence, unless it is verbose", () => {
    const model = "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0";
    const caller = "arn:aws:sts::111122223333:assumed-role/App/someone@example.com";
    const says = `AWS denied bedrock:InvokeModel on ${model}. The caller is ${caller}. It isn't arn:aws:s3:::x.`;
    const diagnosis = diagnosisOfNothingBut("x");
    const evidence = diagnosis.evidence.map((piece) => ({ ...piece, says }));
    const brief = formatDiagnosis({ ...diagnosis, evidence }).replace(/\s+/g, " ");
    expect(brief).toContain(
      "AWS denied bedrock:InvokeModel on model amazon.nova-pro-v1:0 in us-west-2. The caller is role App (account 111122223333). It isn't arn:aws:s3:::x.",
    );
    expect(formatDiagnosis({ ...diagnosis, evidence }, { verbose: true })).toContain(caller);
  });

  it("prints a diagnosis of another process, whose values mean something to JavaScript", () => {
    for (const text of ["constructor", "__proto__", "toString"]) {
      const diagnosis = diagnosisOfNothingBut(text);
      const legs = diagnosis.legs.map((each) => ({ ...each, leg: { ...each.leg, stage: text as never } }));
      for (const verbose of [true, false])
        expect(formatDiagnosis({ ...diagnosis, legs }, { verbose })).not.toMatch(/function|\[object/);
    }
  });

  it("aligns the columns of a table, and puts a last column that doesn't fit below", () => {
    const { legs } = diagnosisOfNothingBut("x");
    const at = (resource: string) =>
      formatDiagnosis(
        {
          ...diagnosisOfNothingBut("x"),
          legs: legs.map((each, index) => {
            const [stage, region] =
              [
                ["profile", "us-east-1"],
                ["source-model", "us-east-1"],
                ["destination-model", "eu-west-1"],
              ][index] ?? [];
            return { ...each, contradictedBy: undefined, leg: { ...each.leg, stage, region, resource } } as never;
          }),
        },
        { verbose: true },
      );
    expect(at("arn:x")).toContain(
      [
        "  leg                Region     resource",
        "  profile            us-east-1  arn:x",
        "  source-model       us-east-1  arn:x",
        "  destination-model  eu-west-1  arn:x",
      ].join("\n"),
    );
    expect(at(ARN)).toContain(`  profile            us-east-1\n      ${ARN}\n  source-model `);
  });

  it("has an original message that is still parsed as one", () => {
    const raw = `User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: ${ARN} because no identity-based policy allows the bedrock:InvokeModel action`;
    const diagnosis = { ...diagnosisOfNothingBut("x"), refusal: { raw, kind: "iam-denied" as const } };
    const [, message = ""] = formatDiagnosis(diagnosis, { verbose: true }).split("Original error message\n");
    const { raw: _, ...read } = parseRefusal(message) ?? { raw: "" };
    const { raw: __, ...expected } = parseRefusal(raw) ?? { raw: "" };
    expect(read).toEqual(expected);
  });
});
