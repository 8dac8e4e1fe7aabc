import { describe, expect, it } from "vitest";
import { defined } from "../../../src/defined.js";
import { editSteps } from "../../../src/explain/format/edit-text.js";
import type { PlacedEdit } from "../../../src/policy/remedies/search.js";
import { knownProfile } from "../../../src/resolve/known-profiles.js";
import { FULL, REGION_DENY } from "../../cases/policies.js";
import { CLAUDE, diagnosisOf } from "../conclusions.js";

const edit = (size: PlacedEdit["size"]): PlacedEdit => ({
  policyType: "identity-based-policy",
  policyName: "Own",
  policyIndex: 0,
  change: { edit: "add-resources", statementIndex: 0, resources: ["arn:a"] },
  diff: [],
  ...(size ? { size } : {}),
});
const steps = (...sizes: PlacedEdit["size"][]) =>
  editSteps(
    {
      code: "allow-in-policy",
      who: "account-administrator",
      breadth: "this-profile",
      confidence: "certain",
      verified: true,
      edits: sizes.map(edit),
    },
    [],
  ).join(" ");

describe("the steps of an edit", () => {
  it("state once that the caller's inline policies might become too long", () => {
    const size = { characters: 2_300, quota: 2_048, counted: "inline-policies" } as const;
    const [sentence, ...others] = steps(size, size).match(/Check the size quota: [^.]+\.[^.]+\./g) ?? [];
    expect(sentence).toBe(
      "Check the size quota: the caller's policies without an ARN then have 2,300 characters. If all of them are inline policies, the quota is 2,048 for all of them together.",
    );
    expect(others).toEqual([]);
  });

  it("state that a document fits only without white space", () => {
    expect(steps({ characters: 20_900, quota: 20_480, counted: "indented-document" })).toContain(
      "Save the document without white space. With indentation it has 20,900 characters, and the quota is 20,480.",
    );
  });

  it("state what another policy, which wasn't provided, also denies", async () => {
    const denial = `User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-2::foundation-model/${CLAUDE} because no identity-based policy allows the bedrock:InvokeModel action`;
    const profile = knownProfile(`us.${CLAUDE}`, "us-east-1")?.profile;
    const serviceControl = [{ level: "Root", policies: [FULL, REGION_DENY("us-east-1", "us-east-2")] }];
    const { remedies } = await diagnosisOf(denial, { gathered: defined({ profile }), policies: { serviceControl } });
    const edited = remedies.filter(({ edits }) => edits);
    expect(edited.length).toBeGreaterThan(1);
    for (const { verified, steps } of edited) {
      expect(verified).toBe(false);
      expect(steps).toContain(
        "This change isn't enough. The call is also denied in us-east-2 (no identity-based policy allows it).",
      );
      expect(steps.join(" ")).not.toContain("unknown whether every leg is allowed");
    }
  });

  it("don't mention a size that is within its quota", () => {
    expect(steps(undefined)).not.toMatch(/quota|white space/);
  });
});
