import { describe, expect, it } from "vitest";
import { authorizationLegs, inferenceProfile } from "../../src/offline.js";
import { asOf, knownProfile } from "../../src/resolve/known-profiles.js";

const ID = "us.amazon.nova-pro-v1:0";

describe("inferenceProfile", () => {
  it("returns the profile of the bundled catalog, with the date of its source", () => {
    const known = knownProfile(ID, "us-east-1");
    expect(known?.profile.models.length).toBeGreaterThan(1);
    expect(inferenceProfile(ID, "us-east-1")).toEqual({
      ...known?.profile,
      asOf: known?.asOf,
      likelyRetired: known?.likelyRetired,
    });
    expect(known?.asOf).toMatch(/^\d{4}-\d{2}/);
    expect(String(known?.asOf) <= asOf).toBe(true);
  });

  it("accepts the ARN of a system-defined profile", () => {
    const arn = `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${ID}`;
    expect(inferenceProfile(arn, "us-east-1")).toEqual(inferenceProfile(ID, "us-east-1"));
  });

  it("returns a profile that authorizationLegs accepts, from its own source Region", () => {
    const profile = inferenceProfile(ID, "us-east-1");
    if (profile === undefined) throw new Error("The catalog doesn't list the profile.");
    const request = { operation: "Converse", modelId: ID, profile };
    const legs = authorizationLegs({ ...request, sourceRegion: "us-east-1" });
    expect(legs.map(({ stage }) => stage)).toContain("destination-model");
    expect(() => authorizationLegs({ ...request, sourceRegion: "us-west-2" })).toThrow("looked up from us-west-2");
  });

  it("returns a new object for each call, so that a change of one doesn't affect the others", () => {
    const profile = inferenceProfile(ID, "us-east-1");
    profile?.models.splice(0);
    expect(inferenceProfile(ID, "us-east-1")?.models).not.toEqual([]);
  });

  it.each([
    ["a profile that isn't offered from that Region", ID, "eu-west-1"],
    ["a profile that the catalog doesn't list", "us.example.unknown-v1:0", "us-east-1"],
    ["a bare model ID", "amazon.nova-pro-v1:0", "us-east-1"],
    [
      "an application inference profile",
      "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123def456",
      "us-east-1",
    ],
    ["an invalid ID", "??", "us-east-1"],
  ])("returns undefined for %s", (_, modelId, sourceRegion) => {
    expect(inferenceProfile(modelId, sourceRegion)).toBeUndefined();
  });

  it.each<[unknown, unknown, string]>([
    [undefined, "us-east-1", "modelId must be the ID or ARN of an inference profile"],
    ["", "us-east-1", 'it is "".'],
    [{}, "us-east-1", "it is object."],
    [ID, undefined, "sourceRegion must be the Region of the client"],
  ])("throws a TypeError for %j and %j", (modelId, sourceRegion, message) => {
    const look = () => inferenceProfile(modelId as string, sourceRegion as string);
    expect(look).toThrow(TypeError);
    expect(look).toThrow(message);
  });
});
