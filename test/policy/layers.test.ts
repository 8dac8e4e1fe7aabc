import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import { evaluateAccess } from "../../src/explain/evaluate-access.js";
import type { PolicyInput } from "../../src/policy/evaluation/layers.js";
import { authorizationLegs } from "../../src/resolve/legs.js";

const CALLER = "arn:aws:iam::111122223333:role/App";
const named = (...Statement: object[]): PolicyInput => ({ name: "P", document: { Version: "2012-10-17", Statement } });
const FULL = named({ Effect: "Allow", Action: "*", Resource: "*" });
const DENY = {
  name: "Perimeter",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "*", Resource: "*" }] },
};
const resourceControl = [{ level: "Root", policies: [DENY] }];
const MODEL: AuthorizationLeg = {
  stage: "model",
  action: "bedrock:InvokeModel",
  resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
  region: "us-east-1",
};
const KEY: AuthorizationLeg = { ...MODEL, action: "kms:Decrypt", resource: "arn:aws:kms:us-east-1:111122223333:key/k" };
const OBJECT: AuthorizationLeg = { ...MODEL, action: "s3:PutObject", resource: "arn:aws:s3:::bucket/key" };
const ask = (legs: AuthorizationLeg[], policies: object) =>
  evaluateAccess({ legs, principal: { arn: CALLER }, policies: { identity: [FULL], ...policies } });

describe("resource control policies", () => {
  it("don't cover Amazon Bedrock, which the verdict states with the date of AWS's list", () => {
    const [verdict] = ask([MODEL], { resourceControl });
    expect(verdict).toMatchObject({
      verdict: "allowed",
      notEvaluated: [{ policyType: "resource-control-policy", policyNames: ["Perimeter"], asOf: "2026-09-26" }],
    });
    expect(verdict?.because).toContain(
      "The resource control policies weren't evaluated, because they don't cover Amazon Bedrock (as of 2026-09-26).",
    );
    expect(ask([MODEL], {})[0]).not.toHaveProperty("notEvaluated");
    expect(ask([MODEL], { resourceControl: [] })[0]).not.toHaveProperty("notEvaluated");
  });

  it.each([KEY, OBJECT])("might decide about $action", (leg) => {
    expect(ask([leg], { resourceControl })[0]).toMatchObject({
      verdict: "unknown",
      unknown: [{ policyType: "resource-control-policy", why: "not-evaluated" }],
      because: "Unknown: resource control policies aren't evaluated, and they might deny this action.",
    });
    expect(ask([leg], {})[0]?.verdict).toBe("allowed");
  });

  it("neither block a leg nor hide what blocks it", () => {
    const serviceControl = [{ level: "Root", policies: [FULL, named({ Effect: "Deny", Action: "*", Resource: "*" })] }];
    for (const leg of [MODEL, KEY]) {
      expect(ask([leg], { resourceControl, serviceControl })[0]).toMatchObject({
        verdict: "blocked",
        decidedBy: { policyType: "service-control-policy", denyKind: "explicit" },
      });
    }
    const role = {
      resourceControl: [
        {
          level: "Root",
          policies: [
            named({
              ...DENY.document.Statement[0],
              Condition: { StringLike: { "aws:PrincipalArn": "${aws:PrincipalArn}" } },
            }),
          ],
        },
      ],
    };
    const arn = "arn:aws:sts::111122223333:assumed-role/App/session";
    const [verdict] = evaluateAccess({ legs: [MODEL], principal: { arn }, policies: { identity: [FULL], ...role } });
    expect(verdict).toMatchObject({ verdict: "allowed" });
    expect(verdict).not.toHaveProperty("assumedPrincipalArn");
  });

  it.each<[unknown, string]>([
    ["x", "policies.resourceControl must be a list of levels"],
    [[{}], "policies.resourceControl[0].level must be"],
    [
      [{ level: "Root", policies: [{ name: "P", document: "{" }] }],
      "policies.resourceControl[0].policies[0].document (P)",
    ],
  ])("are read and checked: %j", (wrong, message) => {
    expect(() => ask([MODEL], { resourceControl: wrong })).toThrow(message);
  });
});

describe("legs of a call without an account", () => {
  it("are reported with the caller's", () => {
    const call = { operation: "Converse", modelId: "us.amazon.nova-pro-v1:0", sourceRegion: "us-east-1" };
    const legs = authorizationLegs(call);
    expect(legs[0]?.resource).toContain("<account-id>");
    const verdicts = ask(legs, {});
    expect(JSON.stringify(verdicts)).not.toContain("<account-id>");
    expect(verdicts.map(({ leg }) => leg)).toEqual(authorizationLegs({ ...call, accountId: "111122223333" }));
  });
});
