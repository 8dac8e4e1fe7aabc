import { describe, expect, it } from "vitest";
import { planPreflight, planReads } from "../../src/diagnose/plan.js";
import { REFUSAL_KINDS, type RefusalKind } from "../../src/refusal/kinds.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const reads = (kind: RefusalKind, modelId: string) => planReads(kind, parseModelId(modelId), { organization: false });

describe("planReads", () => {
  it("reads the profile if the denial might be about routing", () => {
    expect(reads("iam-denied", "us.amazon.nova-pro-v1:0")).toEqual(["profile"]);
    expect(reads("unknown", "a1b2c3d4e5f6")).toEqual(["profile"]);
    expect(reads("iam-denied", "global.amazon.nova-2-lite-v1:0")).toEqual(["profile", "alternatives"]);
    expect(reads("iam-denied", "amazon.nova-pro-v1:0")).toEqual([]);
  });

  it("looks for the profiles that a bare model or an invalid ID needs", () => {
    expect(reads("on-demand-unsupported", "anthropic.claude-opus-5")).toEqual(["alternatives"]);
    expect(reads("invalid-model-id", "eu.anthropic.claude-opus-5")).toEqual(["source-regions", "alternatives"]);
    expect(reads("invalid-model-id", "anthropic.claude-opus-5-v1:0")).toEqual(["alternatives"]);
    expect(reads("invalid-model-id", "Anthropic.Claude-Opus-5")).toEqual(["alternatives"]);
    expect(reads("invalid-model-id", "a1b2c3d4e5f6")).toEqual([]);
  });

  it("reads the account's access to a model from the service", () => {
    const sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    expect(reads("model-access-not-granted", sonnet)).toEqual(["model-access", "use-case"]);
    expect(reads("model-access-not-granted", "amazon.nova-pro-v1:0")).toEqual(["model-access"]);
    expect(reads("marketplace-pending", sonnet)).toEqual(["model-access"]);
    expect(reads("use-case-form", sonnet)).toEqual(["use-case"]);
    expect(reads("model-access-not-granted", "a1b2c3d4e5f6")).toEqual([]);
  });

  it("looks up the account's data retention mode for a denial by it, whatever the model, and before any call", () => {
    expect(reads("data-retention", "us.anthropic.claude-opus-5")).toEqual(["data-retention"]);
    expect(reads("data-retention", "a1b2c3d4e5f6")).toEqual(["data-retention"]);
    expect(planPreflight(parseModelId("us.anthropic.claude-opus-5"), {})).toContain("data-retention");
  });

  it("reads nothing if the message is complete", () => {
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
    for (const kind of silent) expect(reads(kind, "us.amazon.nova-pro-v1:0"), kind).toEqual([]);
    expect(silent).toHaveLength(9);
  });
});
