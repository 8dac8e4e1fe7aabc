import { describe, expect, it } from "vitest";
import { diagnoseQuestion } from "../../src/diagnose/diagnose.js";
import type { DiagnosisPorts } from "../../src/diagnose/ports.js";
import { parseRefusal } from "../../src/refusal/parse.js";
import * as catalog from "../../src/resolve/known-profiles.js";
import { parseModelId } from "../../src/resolve/model-id.js";

const MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const refusal = (() => {
  const parsed = parseRefusal(
    "User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: " +
      `arn:aws:bedrock:us-west-2::foundation-model/${MODEL} with an explicit deny in a service control policy`,
  );
  if (!parsed) throw new Error("no refusal");
  return parsed;
})();

const run = (
  ports: Partial<DiagnosisPorts>,
  limits: { timeoutMs?: number; signal?: AbortSignal } = {},
  prefix = "us",
) => {
  const modelId = `${prefix}.${MODEL}`;
  const call = { operation: "Converse", modelId, reference: parseModelId(modelId), sourceRegion: "us-east-1" };
  const all: DiagnosisPorts = {
    resolveProfile: async () => ({ via: "none", cached: false }),
    resolveModel: async () => ({ via: "none" }),
    catalog: async () => catalog,
    modelAccess: async () => ({}),
    isUseCaseFilled: async () => true,
    dataRetentionMode: async () => "default",
    callerArn: async () => "arn:aws:sts::111122223333:assumed-role/App/s",
    role: async (name) => ({ arn: `arn:aws:iam::111122223333:role/${name}` }),
    ...ports,
  };
  const ends = { timeoutMs: 1_000, signal: undefined, now: Date.now, ...limits };
  return diagnoseQuestion({ call, refusal }, all, ends).then(({ conclusion }) => conclusion);
};

const hang = () => new Promise<never>(() => {});
const thrower = (): never => {
  throw new RangeError("inside");
};

describe("a source that fails", () => {
  it.each<[string, Partial<DiagnosisPorts>, object]>([
    ["rejects", { resolveProfile: async () => thrower() }, { reason: "error", errorName: "RangeError" }],
    ["throws at once", { resolveProfile: thrower }, { reason: "error", errorName: "RangeError" }],
    ["rejects with no error", { resolveProfile: () => Promise.reject("text") }, { reason: "error" }],
    [
      "answers nothing",
      { resolveProfile: async () => undefined as never },
      { reason: "error", errorName: "TypeError" },
    ],
  ])("and %s is listed as evidence, and doesn't affect anything else", async (_, ports, finding) => {
    const conclusion = await run(ports);
    expect(conclusion.blockedRegions).toEqual(["us-west-2"]);
    expect(conclusion.evidence.at(-1)).toMatchObject({
      source: "profile",
      finding: { code: "source-failed", ...finding },
    });
    expect(conclusion).toMatchObject({ complete: true, legsComplete: false });
  });

  it("and hangs ends with the deadline", async () => {
    const conclusion = await run({ resolveProfile: hang }, { timeoutMs: 30 });
    expect(conclusion.complete).toBe(false);
    expect(conclusion.evidence.at(-1)?.finding).toEqual({ code: "source-failed", reason: "deadline" });
  });

  it("and hangs doesn't hide what another source found", async () => {
    const conclusion = await run({ resolveProfile: hang }, { timeoutMs: 30 }, "global");
    const codes = conclusion.evidence.map(({ finding }) => finding.code);
    expect(codes).toEqual(["refusal-names-resource", "profiles-of-model", "source-failed"]);
    expect(conclusion.alternatives.map(({ profileId }) => profileId)).toContain(`us.${MODEL}`);
  });

  it("ends immediately with the caller's signal, also one that was already aborted", async () => {
    const conclusion = await run({ resolveProfile: hang }, { timeoutMs: 60_000, signal: AbortSignal.timeout(20) });
    expect(conclusion.evidence.at(-1)?.finding).toEqual({ code: "source-failed", reason: "aborted" });
    const before = await run({ resolveProfile: thrower }, { signal: AbortSignal.abort() });
    expect(before).toMatchObject({ complete: false, evidence: [{ source: "message" }, { source: "profile" }] });
    expect(before.evidence.at(-1)?.finding).toEqual({ code: "source-failed", reason: "aborted" });
  });

  it("adds nothing after the deadline", async () => {
    let late = (_: never) => {};
    const conclusion = await run(
      {
        resolveProfile: () =>
          new Promise((resolve) => {
            late = resolve;
          }),
      },
      { timeoutMs: 20 },
    );
    const before = JSON.stringify(conclusion);
    late({ via: "api", cached: false, profile: undefined } as never);
    await new Promise(setImmediate);
    expect(JSON.stringify(conclusion)).toBe(before);
  });
});
