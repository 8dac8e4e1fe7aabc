import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/diagnosis.js";
import { knownProfile } from "../../../src/resolve/known-profiles.js";
import { CLAUDE, diagnosisOf } from "../conclusions.js";

const PROFILE = `us.${CLAUDE}`;
const FULL_LIST = "us-east-1, us-east-2 and us-west-2";
const model = (region: string) => `arn:aws:bedrock:${region}::foundation-model/${CLAUDE}`;
const denial = (reason: string, resource = model("us-west-2")) =>
  `User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:InvokeModel on resource: ${resource} ${reason}`;
const REASONS = [
  "with an explicit deny in a service control policy",
  "because no service control policy allows the bedrock:InvokeModel action",
  "because no identity-based policy allows the bedrock:InvokeModel action",
  "because no permissions boundary allows the bedrock:InvokeModel action",
  "because no VPC endpoint policy allows the bedrock:InvokeModel action",
  "",
];
const found = knownProfile(PROFILE, "us-east-1");
const profile = found ? { profile: found.profile } : {};
const textOf = ({ summary, remedies }: Awaited<ReturnType<typeof diagnosisOf>>) =>
  [summary, ...remedies.flatMap(({ title, steps }) => [title, ...steps])].join("\n");

describe("unknown destination Regions", () => {
  it.each(REASONS)("are stated, and no list of Regions looks complete: %s", async (reason) => {
    const diagnosis = await diagnosisOf(denial(reason));
    expect(diagnosis.legsComplete).toBe(false);
    expect(diagnosis.summary).toContain(
      `The destination Regions of ${PROFILE} are unknown, so other Regions might also be denied.`,
    );
    for (const line of textOf(diagnosis).split("\n")) {
      // Each list is marked as incomplete.
      for (const { index } of line.matchAll(/us-east-1(,| and) us-west-2/g))
        expect(line.slice(0, index)).toMatch(/the list is unknown, but contains $/);
    }
  });

  it("are stated in the remedy that approves Regions", async () => {
    const { remedies } = await diagnosisOf(denial("with an explicit deny in a service control policy"));
    const approve = remedies.find(({ code }) => code === "approve-regions");
    expect(approve?.title).toBe(
      `Approve every destination Region of ${PROFILE} (the list is unknown, but contains us-east-1 and us-west-2) in the denying statement`,
    );
    expect(approve?.steps.join(" ")).toContain("Call GetInferenceProfile for the full list first.");
  });

  it.each(REASONS)("aren't mentioned if they are known: %s", async (reason) => {
    const diagnosis = await diagnosisOf(denial(reason), { gathered: profile });
    expect(diagnosis.legsComplete).toBe(true);
    expect(textOf(diagnosis)).not.toMatch(/unknown, (so|but)|GetInferenceProfile for the (full )?list/);
  });
});

describe("destination Regions of the catalog", () => {
  const finding: Finding = {
    code: "profile-from-bundled-catalog",
    profileId: PROFILE,
    destinationRegions: ["us-east-1", "us-east-2", "us-west-2"],
    asOf: "2026-10-07",
  };

  it.each(REASONS)("have the catalog's date in every sentence that lists them: %s", async (reason) => {
    const diagnosis = await diagnosisOf(denial(reason), { gathered: profile, findings: [finding] });
    for (const line of textOf(diagnosis)
      .split("\n")
      .filter((each) => each.includes(FULL_LIST)))
      expect(line).toContain(`${FULL_LIST} (catalog of 2026-10-07)`);
    for (const { steps, policy } of diagnosis.remedies)
      if (JSON.stringify(policy ?? "").includes("us-east-2"))
        expect(steps.join(" ")).toContain("catalog of 2026-10-07");
  });
});
