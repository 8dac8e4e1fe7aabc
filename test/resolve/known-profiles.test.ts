import { describe, expect, it } from "vitest";
import data from "../../src/resolve/known-profiles.data.json" with { type: "json" };
import { knownProfile, knownProfilesOf, knownSourceRegions } from "../../src/resolve/known-profiles.js";
import { destinationRegions } from "../../src/resolve/profile-source.js";

const regionsOf = (profileId: string, sourceRegion: string) => {
  const known = knownProfile(profileId, sourceRegion);
  return known && destinationRegions(known.profile);
};

describe("the bundled catalog", () => {
  it.each([
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1", ["us-east-1", "us-east-2", "us-west-2"]],
    // The source Region isn't a destination in these two (GetInferenceProfile, called from each Region).
    ["us.anthropic.claude-3-5-sonnet-20240620-v1:0", "us-east-2", ["us-east-1", "us-west-2"]],
    ["us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-gov-east-1", ["us-gov-west-1"]],
    ["global.anthropic.claude-sonnet-4-5-20250929-v1:0", "eu-west-1", ["unspecified", "eu-west-1"]],
  ])("has the destinations of %s from %s", (profileId, sourceRegion, destinations) => {
    expect(new Set(regionsOf(profileId, sourceRegion))).toEqual(new Set(destinations));
  });

  it("has the destinations for a source Region only, never for the profile alone", () => {
    const id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    expect(regionsOf(id, "us-west-1")).toContain("us-west-1");
    expect(regionsOf(id, "us-east-1")).not.toContain("us-west-1");
    expect(regionsOf(id, "eu-west-1")).toBeUndefined();
    expect(knownProfile("us.brandnew.model-1", "us-east-1")).toBeUndefined();
    expect(knownProfile("constructor", "us-east-1")).toBeUndefined();
  });

  it("returns the date and the source of its data, and invents no account", () => {
    const known = knownProfile("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1");
    expect(known).toMatchObject({ asOf: "2026-10-07", source: "scan", likelyRetired: false });
    expect(known?.profile).not.toHaveProperty("arn");
  });

  it("uses GovCloud's partition and the Region-less ARN of global routing", () => {
    const gov = knownProfile("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-gov-west-1");
    expect(gov?.profile.models.every(({ arn }) => arn.startsWith("arn:aws-us-gov:bedrock:us-gov-"))).toBe(true);
    const global = knownProfile("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1");
    expect(global?.profile.models.map(({ arn }) => arn)).toContain(
      "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
    );
  });

  it("lists the profiles of a bare model here, the geographic before the global, and none of other Regions", () => {
    const ids = knownProfilesOf("anthropic.claude-sonnet-4-5-20250929-v1:0", "eu-central-1").map((k) => k.profile.id);
    expect(ids).toEqual([
      "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ]);
    expect(knownProfilesOf("nobody.knows-this", "eu-central-1")).toEqual([]);
  });

  it("lists the source Regions of a profile", () => {
    expect(knownSourceRegions("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")).toContain("eu-central-1");
    expect(knownSourceRegions("nobody.knows-this")).toEqual([]);
  });

  it("offers global.anthropic.claude-opus-5-5 from the Regions that list it", () => {
    expect(regionsOf("global.anthropic.claude-opus-5-5", "us-east-1")).toEqual(["unspecified", "us-east-1"]);
    expect(knownSourceRegions("global.anthropic.claude-opus-5-5").length).toBeGreaterThanOrEqual(17);
  });

  it.each([
    ["in.anthropic.claude-opus-5", "ap-south-1", ["ap-south-1", "ap-south-2"]],
    ["us.openai.gpt-6-sol", "us-west-1", ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]],
    ["eu.anthropic.claude-sonnet-5-5", "eu-central-2", ["eu-central-2", "eu-south-1"]],
    ["global.zai.glm-5.3", "sa-east-1", ["unspecified", "sa-east-1"]],
    ["us.anthropic.claude-3-haiku-20240307-v1:0", "us-west-2", ["us-east-1", "us-west-2"]],
    // These were source Regions in 2025-12, and no newer source has read them.
    ["global.anthropic.claude-haiku-4-5-20251001-v1:0", "me-central-1", ["unspecified", "me-central-1"]],
  ])("contains %s from %s", (profileId, sourceRegion, destinations) => {
    expect(regionsOf(profileId, sourceRegion)).toEqual(expect.arrayContaining(destinations));
  });

  it("keeps destinations apart by source Region, also within the core Regions of a geography", () => {
    expect(regionsOf("us.openai.gpt-5.5", "us-east-1")).toEqual(["us-east-1", "us-east-2", "us-west-2"]);
    expect(regionsOf("us.openai.gpt-5.5", "us-east-2")).toEqual(["us-east-1", "us-east-2"]);
    expect(regionsOf("us.openai.gpt-5.5", "us-west-1")).toEqual(["us-east-1", "us-east-2"]);
  });

  it.each([
    ["us.meta.llama3-2-11b-instruct-v1:0", "us-east-1", false],
    ["us.meta.llama3-2-1b-instruct-v1:0", "us-east-1", false],
    ["us.meta.llama3-2-3b-instruct-v1:0", "us-east-1", false],
    ["us.meta.llama3-2-90b-instruct-v1:0", "us-east-1", false],
    ["us.anthropic.claude-3-sonnet-20240229-v1:0", "us-east-1", false],
    ["us.meta.llama3-1-405b-instruct-v1:0", "us-east-2", false],
    ["eu.anthropic.claude-3-sonnet-20240229-v1:0", "eu-central-1", false],
    ["eu.meta.llama3-2-1b-instruct-v1:0", "eu-central-1", false],
    ["eu.meta.llama3-2-3b-instruct-v1:0", "eu-central-1", false],
    ["apac.anthropic.claude-3-haiku-20240307-v1:0", "ap-south-1", false],
    ["us.anthropic.claude-3-opus-20240229-v1:0", "us-east-1", true],
    ["eu.anthropic.claude-3-7-sonnet-20250219-v1:0", "eu-central-1", true],
  ])("%s from %s is likely retired: %s", (profileId, sourceRegion, likelyRetired) => {
    expect(knownProfile(profileId, sourceRegion)?.likelyRetired).toBe(likelyRetired);
  });

  it.each(["eu.anthropic.claude-fable-5", "jp.anthropic.claude-opus-5", "jp.anthropic.claude-sonnet-5"])(
    "omits %s, on which sources disagree",
    (profileId) => {
      expect(knownSourceRegions(profileId)).toEqual([]);
    },
  );

  it("has 27 profiles more than the catalog of 2026-08, and a source Region and destination for each", () => {
    const ids = Object.keys(data.profiles);
    expect(ids.length).toBeGreaterThanOrEqual(167);
    for (const id of ids) {
      const sourceRegions = knownSourceRegions(id);
      expect(sourceRegions, id).not.toEqual([]);
      for (const sourceRegion of sourceRegions) expect(regionsOf(id, sourceRegion)?.length, id).toBeGreaterThan(0);
    }
  });

  it("has the date of its own source in each row", () => {
    const id = "us.anthropic.claude-opus-5-5";
    expect(knownProfile(id, "us-east-1")).toMatchObject({ asOf: "2026-10-07", source: "scan" });
    expect(knownProfile(id, "ca-west-1")).toMatchObject({ asOf: "2026-09-22", source: "model-card" });
  });
});
