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
      const withoutCode = remedies.map(({ policy, edits, links, ...remedy }) => ({ ...remedy, links: [] }));
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

  it("aligns the columns of a table, and puts a last column that doesn't fit below", () => {
    const { legs } = diagnosisOfNothingBut("x");
    const at = (resource: string) =>
      formatDiagnosis({
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
      });
    expect(at("arn:x")).toContain(
      [
        "  profile            us-east-1  allowed  arn:x",
        "  source-model       us-east-1  BLOCKED  arn:x",
        "  destination-model  eu-west-1  unknown  arn:x",
      ].join("\n"),
    );
    expect(at(ARN)).toContain(`  profile            us-east-1  allowed\n      ${ARN}\n  source-model `);
  });

  it("has an original message that is still read as one", () => {
    const raw = `User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: ${ARN} because no identity-based policy allows the bedrock:InvokeModel action`;
    const diagnosis = { ...diagnosisOfNothingBut("x"), refusal: { raw, kind: "iam-denied" as const } };
    const [, message = ""] = formatDiagnosis(diagnosis).split("Original error message\n");
    const { raw: _, ...read } = parseRefusal(message) ?? { raw: "" };
    const { raw: __, ...expected } = parseRefusal(raw) ?? { raw: "" };
    expect(read).toEqual(expected);
  });
});
