import { describe, expect, it } from "vitest";
import { knownProfile, knownProfilesOf, knownSourceRegions } from "../../src/resolve/known-profiles.js";
import { destinationRegions } from "../../src/resolve/profile-source.js";

const regionsOf = (profileId: string, sourceRegion: string) => {
  const known = knownProfile(profileId, sourceRegion);
  return known && destinationRegions(known.profile);
};

describe("the bundled catalog", () => {
  it.each([
    ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1", ["us-east-1", "us-east-2", "us-west-2"]],
    // The source Region is no destination in these two (GetInferenceProfile, asked from each Region).
    ["us.anthropic.claude-3-5-sonnet-20240620-v1:0", "us-east-2", ["us-east-1", "us-west-2"]],
    ["us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-gov-east-1", ["us-gov-west-1"]],
    ["global.anthropic.claude-sonnet-4-5-20250929-v1:0", "eu-west-1", ["unspecified", "eu-west-1"]],
  ])("knows where %s routes to from %s", (profileId, sourceRegion, destinations) => {
    expect(new Set(regionsOf(profileId, sourceRegion))).toEqual(new Set(destinations));
  });

  it("knows the destinations for a source Region only, never for the profile alone", () => {
    const id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    expect(regionsOf(id, "us-west-1")).toContain("us-west-1");
    expect(regionsOf(id, "us-east-1")).not.toContain("us-west-1");
    expect(regionsOf(id, "eu-west-1")).toBeUndefined();
    expect(knownProfile("us.brandnew.model-1", "us-east-1")).toBeUndefined();
    expect(knownProfile("constructor", "us-east-1")).toBeUndefined();
  });

  it("says the date and the source of what it knows, and invents no account", () => {
    const known = knownProfile("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1");
    expect(known).toMatchObject({ asOf: "2026-10-07", source: "scan", likelyRetired: false });
    expect(known?.profile).not.toHaveProperty("arn");
  });

  it("writes GovCloud's partition and the Region-less ARN of global routing", () => {
    const gov = knownProfile("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-gov-west-1");
    expect(gov?.profile.models.every(({ arn }) => arn.startsWith("arn:aws-us-gov:bedrock:us-gov-"))).toBe(true);
    const global = knownProfile("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1");
    expect(global?.profile.models.map(({ arn }) => arn)).toContain(
      "arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
    );
  });

  it("names the profiles of a bare model here, the geographic before the global, and none of elsewhere", () => {
    const ids = knownProfilesOf("anthropic.claude-sonnet-4-5-20250929-v1:0", "eu-central-1").map((k) => k.profile.id);
    expect(ids).toEqual([
      "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ]);
    expect(knownProfilesOf("nobody.knows-this", "eu-central-1")).toEqual([]);
  });

  it("names the source Regions of a profile", () => {
    expect(knownSourceRegions("eu.anthropic.claude-sonnet-4-5-20250929-v1:0")).toContain("eu-central-1");
    expect(knownSourceRegions("nobody.knows-this")).toEqual([]);
  });
});
