import { describe, expect, it } from "vitest";
import { deniedGuardrail } from "../../../src/explain/guardrail.js";
import { diagnosisOf } from "../conclusions.js";

const guardrail = (accountId: string, id = "gr1abc2def3g") => `arn:aws:bedrock:us-east-1:${accountId}:guardrail/${id}`;
const denial = (resource: string) =>
  `User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: bedrock:ApplyGuardrail on resource: ${resource} because no identity-based policy allows the bedrock:ApplyGuardrail action`;
const sending = (identifier: string | undefined) => (identifier === undefined ? {} : { guardrail: { identifier } });
const OWN = guardrail("111122223333");
const OTHERS = guardrail("444455556666");

describe("a denied guardrail", () => {
  it.each([
    ["the ID that the call sends", "gr1abc2def3g"],
    ["the ARN that the call sends", OWN],
  ])("is the call's by %s", async (_, sent) => {
    const { summary, remedies } = await diagnosisOf(denial(OWN), { facts: sending(sent) });
    expect(summary).toBe(
      `bedrock:ApplyGuardrail was denied on ${OWN}, the guardrail that the call sends, because no identity-based policy allows it.\nAsk an account administrator to allow it.`,
    );
    expect(JSON.stringify(remedies)).not.toMatch(/enforce/);
  });

  it.each([
    ["no guardrail", undefined],
    ["another guardrail", "zzzzzzzzzzzz"],
    ["the same ID in another account", guardrail("444455556666")],
  ])("may be enforced if the call sends %s", async (_, sent) => {
    const { summary, remedies } = await diagnosisOf(denial(OWN), { facts: sending(sent) });
    expect(summary).toContain(`${OWN}, a guardrail that the call doesn't send`);
    expect(summary).toContain("The account or its organization might enforce this guardrail on every invocation.");
    expect(remedies[0]?.steps.join(" ")).toContain("ListEnforcedGuardrailsConfiguration");
  });

  it("isn't called the call's guardrail, nor an enforced one, if the call's input isn't known", async () => {
    const { summary, guardrail } = await diagnosisOf(denial(OWN));
    expect(summary).not.toMatch(/enforce|that the call/);
    expect(guardrail).toBeUndefined();
  });

  it("of another account also needs the owner's resource-based policy", async () => {
    const { summary, remedies } = await diagnosisOf(denial(OTHERS));
    expect(summary).toContain(
      "The guardrail belongs to account 444455556666, so its resource-based policy must also allow the caller.",
    );
    expect(remedies.map(({ code }) => code)).toEqual(["allow-the-action", "share-guardrail"]);
    expect(remedies[1]?.steps[0]).toContain("Ask an administrator of that account to allow bedrock:ApplyGuardrail");
  });

  it("isn't called the call's guardrail, nor an enforced one, if only its guardrail profile is identified", async () => {
    const profile = "arn:aws:bedrock:us-west-2:111122223333:guardrail-profile/us.guardrail.v1:0";
    const { summary } = await diagnosisOf(denial(profile), { facts: sending("gr1abc2def3g") });
    expect(summary).not.toMatch(/enforce|that the call/);
  });

  it("without a resource in the message is unknown", () => {
    const conclusion = { refusal: { raw: "x", kind: "guardrail-denied" as const } };
    expect(deniedGuardrail(conclusion as Parameters<typeof deniedGuardrail>[0])).toEqual({ origin: "unknown" });
  });
});
