import { describe, expect, it } from "vitest";
import { diffOf } from "../../src/explain/edit-diff.js";
import { compilePolicies, type PolicySetInput } from "../../src/policy/evaluation/policy-set.js";
import { applyEdit } from "../../src/policy/remedies/edit.js";
import { FULL, REGION_DENY } from "../cases/policies.js";
import { applied } from "../policy/remedies/apply-diff.js";
import { diagnosisOf } from "./conclusions.js";
import { MESSAGES } from "./messages.js";

const pretty = (json: unknown) => JSON.stringify(json, null, 2);

/** The diff of each document, by the name in its header. */
const partsOf = (diff: string) =>
  new Map(diff.split(/^(?=--- )/m).map((part) => [/^--- (.*)$/m.exec(part)?.[1] ?? "", part.trimEnd()]));

const withPolicies = MESSAGES.filter(([, , { policies }]) => policies !== undefined);

describe("the diff of a remedy", () => {
  it.each(withPolicies)(
    "applied to each document gives the document with the edits: %s",
    async (_, message, denied) => {
      const { layers } = compilePolicies(denied.policies as PolicySetInput, "policies");
      for (const { edits = [], diff = "" } of (await diagnosisOf(message, denied)).remedies) {
        const parts = partsOf(diff);
        const names = new Set(edits.map(({ policyName }) => policyName));
        expect([...parts.keys()]).toEqual(edits.length > 0 ? [...names] : [""]);
        for (const name of names) {
          const own = edits.filter(({ policyName }) => policyName === name);
          const layer = layers.find(({ type, level }) => type === own[0]?.policyType && level === own[0]?.level);
          const before = layer?.policies[own[0]?.policyIndex ?? -1]?.document.json;
          const after = own.reduce<unknown>((json, { change }) => applyEdit(json, change), before);
          expect(after).not.toEqual(before);
          expect(applied(pretty(before), parts.get(name) ?? "", name)).toBe(pretty(after));
        }
      }
    },
  );

  it("has the levels of policies with the same name", async () => {
    const [, message, denied] = withPolicies[0] as (typeof MESSAGES)[number];
    const deny = REGION_DENY("us-east-1");
    const serviceControl = ["Root", "Workloads"].map((level) => ({ level, policies: [FULL, deny] }));
    const { remedies } = await diagnosisOf(message, { ...denied, policies: { identity: [FULL], serviceControl } });
    const names = [`${deny.name} (level Root)`, `${deny.name} (level Workloads)`];
    expect([...partsOf(remedies[0]?.diff ?? "").keys()]).toEqual(names);
  });

  it("has a name that can't look like a part of it", async () => {
    const [, message, denied] = withPolicies[0] as (typeof MESSAGES)[number];
    const policy = { ...REGION_DENY("us-east-1"), name: "Evil\n+++ Other\u202e" };
    const serviceControl = [{ level: "Root", policies: [FULL, policy] }];
    const { remedies } = await diagnosisOf(message, { ...denied, policies: { identity: [FULL], serviceControl } });
    const lines = remedies[0]?.diff?.split("\n") ?? [];
    expect(lines.slice(0, 2)).toEqual(["--- Evil\\n+++ Other\\u202e", "+++ Evil\\n+++ Other\\u202e"]);
  });

  it("is absent if a document isn't the one that was tested", async () => {
    const [, message, denied] = withPolicies[0] as (typeof MESSAGES)[number];
    const { edits = [] } = (await diagnosisOf(message, denied)).remedies[0] ?? {};
    const layersWith = (policy: ReturnType<typeof REGION_DENY>) =>
      compilePolicies({ serviceControl: [{ level: "Root", policies: [FULL, policy] }] }, "policies").layers;
    expect(diffOf(edits, layersWith(REGION_DENY("us-east-1")))).toBeDefined();
    expect(diffOf(edits, layersWith({ ...REGION_DENY("us-east-1"), name: "Other" }))).toBeUndefined();
    expect(diffOf(edits, layersWith({ ...FULL, name: REGION_DENY("us-east-1").name ?? "" }))).toBeUndefined();
    expect(diffOf(edits, [])).toBeUndefined();
  });
});
