import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNSPECIFIED_REGION } from "../../src/arn.js";
import data from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import * as catalog from "../../src/resolve/known-profiles.js";
import { destinationRegions } from "../../src/resolve/profile-source.js";

const { candidateProfileIds, knownProfile, knownProfilesOf, knownSourceRegions, similarModelIds } = catalog;

const MODELS = [...new Set(Object.keys(data.profiles).map((id) => id.slice(id.indexOf(".") + 1)))];
const REGIONS = [...new Set(Object.keys(data.profiles).flatMap(knownSourceRegions))].sort();
const breadth = (profileId: string, sourceRegion: string) => {
  const known = knownProfile(profileId, sourceRegion);
  const regions = known ? destinationRegions(known.profile) : [];
  return regions.includes(UNSPECIFIED_REGION) ? Number.POSITIVE_INFINITY : regions.length;
};
/** What an application finds for an ID that Bedrock doesn't accept. */
const suggestedFor = (id: string, sourceRegion: string) =>
  similarModelIds(id).flatMap((modelId) => candidateProfileIds(modelId, sourceRegion));

describe("candidateProfileIds", () => {
  it("lists the narrowest geography first, and global last", () => {
    const ids = candidateProfileIds("anthropic.claude-opus-5", "ap-south-1");
    expect(ids[0]).toBe("in.anthropic.claude-opus-5");
    expect(ids.at(-1)).toBe("global.anthropic.claude-opus-5");
    expect(candidateProfileIds("anthropic.claude-sonnet-4-6", "ap-northeast-1")[0]).toBe(
      "jp.anthropic.claude-sonnet-4-6",
    );
  });

  it("has an ID for each geography of the source Region, for models that the catalog doesn't contain or contains partly", () => {
    expect(candidateProfileIds("acme.new-1", "ap-south-1")).toEqual([
      "in.acme.new-1",
      "apac.acme.new-1",
      "global.acme.new-1",
    ]);
    // The catalog of 2026-10-07 has only the global profile of this model here.
    expect(candidateProfileIds("anthropic.claude-opus-5-5", "ap-south-1")).toEqual([
      "in.anthropic.claude-opus-5-5",
      "apac.anthropic.claude-opus-5-5",
      "global.anthropic.claude-opus-5-5",
    ]);
  });

  it("contains all that the catalog lists, and an ID for each geography, for every model and source Region", () => {
    for (const sourceRegion of REGIONS) {
      const unknown = candidateProfileIds("acme.new-1", sourceRegion).map((id) => id.slice(0, -"acme.new-1".length));
      for (const modelId of MODELS) {
        const ids = candidateProfileIds(modelId, sourceRegion);
        const listed = knownProfilesOf(modelId, sourceRegion).map(({ profile }) => profile.id);
        expect(ids).toEqual(expect.arrayContaining([...listed, ...unknown.map((prefix) => `${prefix}${modelId}`)]));
        expect(new Set(ids).size).toBe(ids.length);
        const breadths = ids.filter((id) => listed.includes(id)).map((id) => breadth(id, sourceRegion));
        expect(breadths).toEqual([...breadths].sort((a, b) => (a === b ? 0 : a - b)));
      }
    }
  });
});

describe("similarModelIds", () => {
  const model = fc.constantFrom(...MODELS);
  const region = fc.constantFrom(...REGIONS);
  const mistyped = fc.oneof(
    fc.constantFrom("", "us.", "eu.", "apac.", "use.", "US.", "uk.", "us-east-1.", "us..", "bedrock/us.", "us_gov."),
  );

  it("leads a bare, an invalid, or a mistyped ID to the IDs that the catalog lists there, the narrowest first", () => {
    fc.assert(
      fc.property(model, region, mistyped, (modelId, sourceRegion, prefix) => {
        const listed = knownProfilesOf(modelId, sourceRegion).map(({ profile }) => profile.id);
        const suggested = suggestedFor(`${prefix}${modelId}`, sourceRegion).filter((id) => listed.includes(id));
        expect(suggested).toEqual(listed);
      }),
      { numRuns: 2_000 },
    );
  });

  it("does so for every model, source Region, and way to write the ID: bare, mistyped, and with any geography's prefix", () => {
    const geographies = [...new Set(Object.keys(data.profiles).map((id) => id.slice(0, id.indexOf(".") + 1)))];
    // A letter too many, one too few, two exchanged, and another case.
    const mistyped = geographies.flatMap((prefix) => [
      `${prefix.slice(0, -1)}e.`,
      prefix.slice(1),
      prefix.toUpperCase(),
    ]);
    const prefixes = [...new Set(["", "use.", "uss.", "asia.", "ap.", ...geographies, ...mistyped])];
    const wrong: string[] = [];
    for (const modelId of MODELS) {
      for (const prefix of prefixes) {
        // What an ID stands for doesn't depend on the Region.
        const models = similarModelIds(`${prefix}${modelId}`);
        if (models.length !== 1 || models[0] !== modelId) wrong.push(`${prefix}${modelId}: ${models}`);
      }
      for (const sourceRegion of REGIONS) {
        const ids = candidateProfileIds(modelId, sourceRegion);
        const listed = knownProfilesOf(modelId, sourceRegion).map(({ profile }) => profile.id);
        const breadths = listed.map((id) => breadth(id, sourceRegion));
        expect(ids.filter((id) => listed.includes(id))).toEqual(listed);
        expect(breadths).toEqual(breadths.toSorted((a, b) => (a === b ? 0 : a - b)));
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ["us.anthropic.claude-sonnet-4-6-v1:0", ["anthropic.claude-sonnet-4-6"]],
    ["anthropic.claude-opus-5-v1:0", ["anthropic.claude-opus-5"]],
    ["anthropic.claude-opus-4-6", ["anthropic.claude-opus-4-6-v1"]],
    ["eu.anthropic.claude-sonnet-4-5", ["anthropic.claude-sonnet-4-5-20250929-v1:0"]],
    ["Anthropic.Claude-Haiku-4-5", ["anthropic.claude-haiku-4-5-20251001-v1:0"]],
    ["amazon.nova-pro", ["amazon.nova-pro-v1:0"]],
    ["claude-opus-5", ["anthropic.claude-opus-5"]],
    ["opus-5", []],
    ["acme.new-1", []],
    ["", []],
    [`${"a".repeat(200)}.anthropic.claude-opus-5`, []],
  ])("%s stands for %j", (id, expected) => {
    expect(similarModelIds(id)).toEqual(expected);
  });
});
