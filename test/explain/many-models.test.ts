import { describe, expect, it, vi } from "vitest";
import { conclude } from "../../src/diagnose/conclude.js";
import { byPlace, simulation } from "../../src/diagnose/sources/simulation.js";
import { explain } from "../../src/explain/explain.js";
import { list } from "../../src/explain/format/phrases.js";
import { compilePolicies } from "../../src/policy/evaluation/policy-set.js";
import { parseRefusal } from "../../src/refusal/parse.js";
import { parseModelId } from "../../src/resolve/model-id.js";
import type { InferenceProfile } from "../../src/resolve/profile-source.js";
import { gatheredWith } from "../diagnose/gathered.js";
import { UNHURRIED } from "../pace.js";
import { FULL } from "../policies.js";

const ID = "us.acme.model-v1:0";

/** A profile with a model in each of so many Regions. */
const profileOf = (count: number): InferenceProfile => ({
  id: ID,
  type: "SYSTEM_DEFINED",
  sourceRegion: "us-east-1",
  models: Array.from({ length: count }, (_, n) => {
    const region = `r${n}-east-1`;
    return { arn: `arn:aws:bedrock:${region}::foundation-model/acme.model-v1:0`, modelId: "acme.model-v1:0", region };
  }),
});

/** A diagnosis of a call through a profile of so many models, from everything that the sources may say of each. */
function diagnosed(count: number) {
  const refusal = parseRefusal(
    "User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:r1-east-1::foundation-model/acme.model-v1:0 with an explicit deny in a service control policy",
  );
  if (!refusal) throw new Error("no refusal");
  const profile = profileOf(count);
  const legs = profile.models.map(({ arn, region }) => ({
    leg: { stage: "destination-model", action: "bedrock:InvokeModel", resource: arn, region } as const,
    simulated: { decision: "implicitDeny" } as const,
  }));
  const policySourceArn = "arn:aws:iam::111122223333:role/App";
  const found = gatheredWith({ profile });
  const results = found.results.with(simulation, byPlace({ policySourceArn, isGuessed: true, legs }));
  const call = { operation: "Converse", modelId: ID, reference: parseModelId(ID), sourceRegion: "us-east-1" };
  const policies = compilePolicies({ identity: [FULL] }, "policies");
  return explain(conclude({ call, refusal, policies }, { ...found, results }), UNHURRIED);
}

/** How many items the searches in arrays look at. */
async function looksOf(work: () => Promise<unknown>): Promise<number> {
  let looks = 0;
  const names = ["find", "findIndex", "some", "every", "includes", "indexOf"] as const;
  const spies = names.map((name) => {
    const original = Array.prototype[name] as (...args: unknown[]) => unknown;
    return vi.spyOn(Array.prototype, name).mockImplementation(function (this: unknown[], ...args: unknown[]) {
      const [test] = args;
      if (typeof test !== "function") {
        looks += this.length;
        return original.apply(this, args) as never;
      }
      const counting = (...each: unknown[]) => {
        looks += 1;
        return test(...each);
      };
      return original.call(this, counting) as never;
    });
  });
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return looks;
}

describe("a profile with very many models", () => {
  it("reads each of them a limited number of times", async () => {
    const [few, many] = [500, 2_000];
    const looks = async (count: number) => (await looksOf(() => diagnosed(count))) / count;
    // Looks for each model: as many for many models as for few.
    expect(await looks(many)).toBeLessThan((await looks(few)) * 1.5);
  });

  it("has a verdict for each, and a summary that a person can read", async () => {
    const { legs, summary } = await diagnosed(2_000);
    expect(legs.length).toBeGreaterThanOrEqual(2_001);
    expect(summary.length).toBeLessThan(2_000);
    expect(summary).toContain("more");
  });
});

it("states how many more there are in a very long list", () => {
  const items = Array.from({ length: 100 }, (_, n) => `r${n}`);
  expect(list(items)).toMatch(/^r0, r1, .*, r49 and 50 more$/);
  expect(list(items.slice(0, 51))).toMatch(/r49 and r50$/);
});
