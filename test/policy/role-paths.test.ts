import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import type { PolicyLayer } from "../../src/policy/evaluation/layers.js";
import { applyTo, compilePolicies, dependsOnRolePath, evaluateLegs } from "../../src/policy/evaluation/policy-set.js";
import { possibleRoleArns } from "../../src/policy/evaluation/role-paths.js";

const BEFORE = "arn:aws:iam::111122223333:role/";
const SESSION = "arn:aws:sts::111122223333:assumed-role/App/session";
const LEG: AuthorizationLeg = {
  stage: "model",
  action: "bedrock:InvokeModel",
  resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
  region: "us-east-1",
};
const NOTHING = { get: () => null };

function layersWith(operator: string, values: string[]): readonly PolicyLayer[] {
  const document = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Deny", Action: "*", Resource: "*", Condition: { [operator]: { "aws:PrincipalArn": values } } },
    ],
  };
  const serviceControl = [{ level: "Root", policies: [{ name: "P", document }] }];
  return compilePolicies({ serviceControl }, "policies").layers;
}
const arnsOf = (operator: string, ...values: string[]) =>
  possibleRoleArns(layersWith(operator, values), BEFORE, "App", NOTHING).arns;

describe("the ARNs that a role might have, as far as policies distinguish them", () => {
  it.each([
    ["no policy that tests the path", "ArnLike", [], []],
    ["all of an account's roles", "ArnLike", ["arn:aws:iam::*:role/*"], []],
    ["another role", "ArnNotLike", ["arn:*:iam::*:role/AWSControlTowerExecution"], []],
    ["a folder", "ArnNotLike", ["arn:aws:iam::*:role/admin/*"], [`${BEFORE}admin/App`]],
    ["a beginning, which may be a folder's", "ArnNotLike", ["arn:aws:iam::*:role/Org*"], [`${BEFORE}Org/App`]],
    ["the role without a path", "StringEquals", [`${BEFORE}App`], [`${BEFORE}some/path/App`]],
    ["the role in a folder", "StringEquals", [`${BEFORE}ops/App`], [`${BEFORE}ops/App`]],
    ["a word anywhere", "StringLike", ["*admin*"], [`${BEFORE}admin/App`]],
    ["an account's folder", "ArnLike", ["arn:aws:iam::${aws:PrincipalAccount}:role/x/*"], [`${BEFORE}x/App`]],
    ["a longer path than IAM accepts", "StringLike", [`*${"*a".repeat(2_000)}`], []],
  ] as const)("%s", (_, operator, values, expected) => {
    const context = { get: (key: string) => (key === "aws:principalaccount" ? ["111122223333"] : null) };
    const layers = layersWith(operator, values.length > 0 ? [...values] : ["arn:aws:iam::1:user/dana"]);
    const found = possibleRoleArns(layers, BEFORE, "App", context).arns;
    expect(found).toEqual(expect.arrayContaining([...expected]));
    expect(found.length > 0).toBe(expected.length > 0);
  });

  it("a path that two conditions of one statement require", () => {
    const Condition = {
      ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/*prod*" },
      StringLike: { "aws:PrincipalArn": "*role/*eu*" },
    };
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*", Condition }] };
    const { layers } = compilePolicies({ serviceControl: [{ level: "R", policies: [{ name: "P", document }] }] }, "p");
    const conditions = layers[0]?.policies[0]?.document.statements[0]?.conditions ?? [];
    const isMet = (arn: string) => conditions.every((each) => each.evaluate({ get: () => [arn] }) === "match");
    expect(possibleRoleArns(layers, BEFORE, "App", NOTHING).arns.some(isMet)).toBe(true);
  });

  it("no path is evaluated differently from one of them, whatever the patterns", () => {
    const letters = fc.constantFrom("a", "b", "*", "?", "/", "*/", "/*", "App");
    const tail = fc.array(letters, { maxLength: 6 }).map((parts) => parts.join(""));
    const pattern = fc
      .tuple(fc.constantFrom("arn:aws:iam::*:role/", "arn:*:iam::111122223333:role/", BEFORE, "*", "*role/"), tail)
      .map((parts) => parts.join(""));
    const path = fc
      .array(fc.constantFrom("a", "b", "ab", "App"), { maxLength: 3 })
      .map((parts) => parts.map((part) => `${part}/`).join(""));
    const operator = fc.constantFrom("ArnLike", "ArnNotLike", "StringLike", "StringEquals", "StringNotEquals");
    fc.assert(
      fc.property(operator, fc.array(pattern, { minLength: 1, maxLength: 3 }), path, (name, patterns, real) => {
        const [layer] = layersWith(name, patterns);
        const condition = layer?.policies[0]?.document.statements[0]?.conditions[0];
        const outcome = (arn: string) => condition?.evaluate({ get: () => [arn] });
        const known = [`${BEFORE}App`, ...arnsOf(name, ...patterns)].map(outcome);
        expect(known).toContain(outcome(`${BEFORE}${real}App`));
      }),
      { numRuns: 5_000 },
    );
  });

  it("tests a limited number of paths, and reports that there might be others", () => {
    const stars = (letter: string) => `*${`/*${letter}`.repeat(150)}*`;
    const Condition = {
      ArnLike: { "aws:PrincipalArn": [stars("a"), ...Array.from({ length: 300 }, (_, n) => `*role/x${n}/*`)] },
      StringLike: { "aws:PrincipalArn": [stars("b"), ...Array.from({ length: 300 }, (_, n) => `*role/y${n}/*`)] },
    };
    const document = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*", Condition }] };
    const knowledge = compilePolicies({ serviceControl: [{ level: "R", policies: [{ name: "P", document }] }] }, "p");
    let evaluated = 0;
    const get = (key: string) => {
      evaluated += 1;
      return key === "aws:principaltag/x" ? undefined : null;
    };
    const { arns, complete } = possibleRoleArns(knowledge.layers, BEFORE, "App", { get });
    expect(complete).toBe(false);
    expect(arns.length).toBeLessThanOrEqual(32);
    expect(evaluated).toBeLessThan(10_000);
    expect(dependsOnRolePath(knowledge, SESSION)).toBe(true);
  });

  it("makes what depends on the path unknown, if not every path was tested", () => {
    // The role that calls is in a path that only the 400th pattern matches, inside one that only the 300th does.
    const real = `${BEFORE}a299/b399/App`;
    const many = (letter: string) => Array.from({ length: 400 }, (_, n) => `arn:aws:iam::*:role*/${letter}${n}/*`);
    const Condition = { ArnLike: { "aws:PrincipalArn": many("a") }, StringLike: { "aws:PrincipalArn": many("b") } };
    const statement = (Effect: string) => ({ Effect, Action: "*", Resource: "*" });
    const document = { Version: "2012-10-17", Statement: [statement("Allow"), { ...statement("Deny"), Condition }] };
    const verdicts = (principalArn: string, context: Record<string, string> = {}) =>
      evaluateLegs(applyTo(compilePolicies({ identity: [{ name: "P", document }], context }, "p"), principalArn), [
        LEG,
      ]);
    expect(verdicts(SESSION, { "aws:PrincipalArn": real })).toMatchObject([{ verdict: "blocked" }]);
    expect(verdicts(SESSION)).toMatchObject([
      { verdict: "unknown", unknown: [{ why: "role-path", keys: ["aws:PrincipalArn"] }] },
    ]);
  });

  it("doesn't affect verdicts that no path can change", () => {
    const Condition = { ArnNotLike: { "aws:PrincipalArn": ["${aws:PrincipalArn}x"] } };
    const statement = { Effect: "Allow", Action: "*", Resource: "*" };
    const of = (...Statement: object[]) =>
      evaluateLegs(
        applyTo(
          compilePolicies({ identity: [{ name: "P", document: { Version: "2012-10-17", Statement } }] }, "p"),
          SESSION,
        ),
        [LEG],
      )[0]?.verdict;
    expect(of(statement)).toBe("allowed");
    expect(of({ ...statement, Condition })).toBe("unknown");
    expect(of({ ...statement, Effect: "Deny" }, { ...statement, Condition })).toBe("blocked");
  });

  it("a variable with the role's own ARN depends on the path", () => {
    const allow = (Resource: string) => ({ Effect: "Allow", Action: "*", Resource });
    const document = { Version: "2012-10-17", Statement: [allow("arn:aws:bedrock:*:*:*/${aws:PrincipalArn}")] };
    const knowledge = compilePolicies({ identity: [{ name: "P", document }] }, "p");
    expect(dependsOnRolePath(knowledge, SESSION)).toBe(true);
  });
});
