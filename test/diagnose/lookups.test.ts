import { describe, expect, it } from "vitest";
import { REFUSAL_KINDS } from "../../src/refusal/kinds.js";
import { lookupsFor, preflightLookups } from "./lookups.js";

describe("the lookups of a diagnosis", () => {
  it("include the profile if the denial may be about routing", () => {
    expect(lookupsFor("iam-denied", "us.amazon.nova-pro-v1:0")).toEqual(["profile"]);
    expect(lookupsFor("unknown", "a1b2c3d4e5f6")).toEqual(["profile"]);
    expect(lookupsFor("iam-denied", "global.amazon.nova-2-lite-v1:0")).toEqual(["profile", "alternatives"]);
    expect(lookupsFor("iam-denied", "amazon.nova-pro-v1:0")).toEqual([]);
  });

  it("looks up the profiles that a bare model or an invalid ID needs", () => {
    expect(lookupsFor("on-demand-unsupported", "anthropic.claude-opus-5")).toEqual(["alternatives"]);
    expect(lookupsFor("invalid-model-id", "eu.anthropic.claude-opus-5")).toEqual(["source-regions", "alternatives"]);
    expect(lookupsFor("invalid-model-id", "anthropic.claude-opus-5-v1:0")).toEqual(["alternatives"]);
    expect(lookupsFor("invalid-model-id", "Anthropic.Claude-Opus-5")).toEqual(["alternatives"]);
    expect(lookupsFor("invalid-model-id", "a1b2c3d4e5f6")).toEqual([]);
  });

  it("include the account's access to a model, from the service", () => {
    const sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    expect(lookupsFor("model-access-not-granted", sonnet)).toEqual(["model-access", "use-case"]);
    expect(lookupsFor("model-access-not-granted", "amazon.nova-pro-v1:0")).toEqual(["model-access"]);
    expect(lookupsFor("marketplace-pending", sonnet)).toEqual(["model-access"]);
    expect(lookupsFor("use-case-form", sonnet)).toEqual(["use-case"]);
    expect(lookupsFor("model-access-not-granted", "a1b2c3d4e5f6")).toEqual([]);
  });

  it("looks up the account's data retention mode for a denial by it, whatever the model, and before any call", () => {
    expect(lookupsFor("data-retention", "us.anthropic.claude-opus-5")).toEqual(["data-retention"]);
    expect(lookupsFor("data-retention", "a1b2c3d4e5f6")).toEqual(["data-retention"]);
    expect(preflightLookups("us.anthropic.claude-opus-5")).toContain("data-retention");
  });

  it("are none if the message contains everything", () => {
    const silent = REFUSAL_KINDS.filter(
      (kind) =>
        ![
          "iam-denied",
          "unknown",
          "on-demand-unsupported",
          "invalid-model-id",
          "use-case-form",
          "data-retention",
        ].includes(kind) && !kind.startsWith("m"),
    );
    for (const kind of silent) expect(lookupsFor(kind, "us.amazon.nova-pro-v1:0"), kind).toEqual([]);
    expect(silent).toHaveLength(9);
  });
});
