import { describe, expect, it } from "vitest";
import { planReads } from "../../src/diagnose/plan.js";
import { REFUSAL_KINDS, type RefusalKind } from "../../src/refusal/kinds.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const reads = (kind: RefusalKind, modelId: string) => planReads(kind, parseModelId(modelId), { organization: false });

describe("planReads", () => {
  it("asks for the profile where the refusal may be about routing", () => {
    expect(reads("iam-denied", "us.amazon.nova-pro-v1:0")).toEqual(["profile"]);
    expect(reads("unknown", "a1b2c3d4e5f6")).toEqual(["profile"]);
    expect(reads("iam-denied", "global.amazon.nova-2-lite-v1:0")).toEqual(["profile", "alternatives"]);
    expect(reads("iam-denied", "amazon.nova-pro-v1:0")).toEqual([]);
  });

  it("looks for the profiles that a bare model or a wrong id needs", () => {
    expect(reads("on-demand-unsupported", "anthropic.claude-opus-5")).toEqual(["alternatives"]);
    expect(reads("invalid-model-id", "eu.anthropic.claude-opus-5")).toEqual(["source-regions"]);
  });

  it("asks nothing where the message says all that there is", () => {
    const silent = REFUSAL_KINDS.filter(
      (kind) => !["iam-denied", "unknown", "on-demand-unsupported", "invalid-model-id"].includes(kind),
    );
    for (const kind of silent) expect(reads(kind, "us.amazon.nova-pro-v1:0"), kind).toEqual([]);
    expect(silent.length).toBeGreaterThan(10);
  });
});
