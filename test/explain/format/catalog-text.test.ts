import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AlternativeProfile, EvidenceSource, Finding } from "../../../src/diagnosis.js";
import { evidenceSentence } from "../../../src/explain/format/evidence-text.js";
import { considerationText } from "../../../src/explain/format/fallback-text.js";
import type { Consideration } from "../../../src/fallback/report.js";
import { profileOfBareModel } from "../../../src/fallback/through-profile.js";
import { CLAUDE, diagnosisOf } from "../conclusions.js";

const DATE = "2026-10-07";
const SRC = join(import.meta.dirname, "../../../src");
const listed = { profileIds: [`us.${CLAUDE}`], asOf: DATE };
const failure = { reason: "denied", at: DATE } as const;

/** Every finding that is based on the catalog. */
const FINDINGS: Finding[] = [
  { code: "profile-from-bundled-catalog", profileId: "us.m", destinationRegions: ["us-east-1"], asOf: DATE, failure },
  { code: "profile-not-offered-here", profileId: "us.m", sourceRegions: ["us-east-1"], asOf: DATE },
  { code: "profile-unresolved", modelId: "us.m", failure, notInCatalogOf: DATE },
  { code: "profiles-of-model", modelId: "m", ...listed },
  { code: "profiles-of-model", modelId: "m", ...listed, isInCatalog: false },
  { code: "profiles-of-model", modelId: "m", profileIds: [], asOf: DATE },
  { code: "profiles-of-model", modelId: "m", profileIds: [], asOf: DATE, isInCatalog: false },
  { code: "profiles-of-similar-models", modelId: "m", similarModelIds: ["n"], ...listed },
  { code: "profiles-of-similar-models", modelId: "m", similarModelIds: ["n"], profileIds: [], asOf: DATE },
  { code: "model-needs-profile", modelId: "m", ...listed },
  { code: "model-needs-profile", modelId: "m", ...listed, isInCatalog: false },
];
const of = { modelId: CLAUDE, region: "us-east-1", knownFrom: "bundled-catalog", asOf: DATE } as const;
const CONSIDERATIONS: Consideration[] = [
  { ...of, outcome: "answered" },
  { ...of, outcome: "not-tried" },
  { ...of, outcome: "denied", errorName: "AccessDeniedException" },
  { ...of, outcome: "failed", errorName: "ValidationException" },
  { ...of, outcome: "passed-over", reason: "profile-only" },
  { ...of, outcome: "passed-over", reason: "end-of-life" },
  { modelId: CLAUDE, region: "us-east-1", asOf: DATE, outcome: "passed-over", reason: "unknown" },
];
const alternatives: AlternativeProfile[] = [
  { profileId: `eu.${CLAUDE}`, destinationRegions: ["eu-west-1", "eu-west-3"], asOf: DATE, via: "bundled-catalog" },
];

describe("a sentence that is based on the catalog", () => {
  it.each(FINDINGS)("has the catalog's date: evidence %j", (finding) => {
    const says = evidenceSentence({ source: "profile" as EvidenceSource, finding, at: DATE, durationMs: 0 });
    expect(says.toLowerCase()).toContain(`catalog of ${DATE}`);
  });

  it.each(CONSIDERATIONS)("has the catalog's date: fallback %j", (consideration) => {
    expect(considerationText(consideration)).toContain(`catalog of ${DATE}`);
  });

  it.each([
    ["Invocation of model ID m with on-demand throughput isn't supported.", "profiles-of-model"],
    ["The provided model identifier is invalid.", "profile-not-offered-here"],
  ])("has the catalog's date: summary and remedies of %s", async (message, code) => {
    const findings = FINDINGS.filter((finding) => finding.code === code);
    for (const finding of findings) {
      const denied = { modelId: CLAUDE, errorName: "ValidationException", status: 400, findings: [finding] };
      const { summary, remedies } = await diagnosisOf(message, { ...denied, gathered: { alternatives } });
      const lines = [summary, ...remedies.flatMap(({ title, steps }) => [title, ...steps])];
      for (const line of lines.filter((each) => each.includes("eu."))) expect(line).toContain(`catalog of ${DATE}`);
      const bare = await diagnosisOf(message, denied);
      if (/catalog/.test(bare.summary)) expect(bare.summary).toContain(`catalog of ${DATE}`);
    }
  });

  it("has the catalog's date: why a bare model went through a profile", async () => {
    const model = { id: CLAUDE, region: "us-east-1", inferenceTypes: ["INFERENCE_PROFILE"] };
    const ports = {
      resolveModel: async () => ({ via: "bundled-catalog" as const, model, asOf: DATE, failure }),
      catalog: () => Promise.reject(new Error("not needed")),
      resolveProfile: () => Promise.reject(new Error("not needed")),
    };
    const route = { [CLAUDE]: `us.${CLAUDE}` };
    expect(await profileOfBareModel(CLAUDE, "us-east-1", route, ports, undefined)).toEqual({
      profileId: `us.${CLAUDE}`,
      catalogDate: DATE,
    });
  });

  it("gets the word from one place", () => {
    const files = ["explain", "fallback", "retry", "call"].flatMap((room) =>
      readdirSync(join(SRC, room), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts") && !name.endsWith("catalog-text.ts"))
        .map((name) => join(SRC, room, name)),
    );
    expect(files.length).toBeGreaterThan(30);
    const lines = files.flatMap((file) =>
      readFileSync(file, "utf8")
        .replace(/\/\*\*?[\s\S]*?\*\//g, "")
        .split("\n")
        .filter((line) => !/^\s*\/\/|^import /.test(line)),
    );
    // In a sentence, the word follows another one. The console's model catalog is another thing.
    const naming = lines.filter((line) => /["`'][^"`']*\w catalog\b|catalog of/.test(line));
    expect(naming.filter((line) => !/model catalog/.test(line))).toEqual([]);
  });
});
