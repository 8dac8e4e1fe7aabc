import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import { policyVerdictText } from "../../src/explain/format/verdict-text.js";
import { evaluateLeg } from "../../src/policy/evaluation/evaluate.js";
import { applyTo, compilePolicies, type PolicySetInput } from "../../src/policy/evaluation/policy-set.js";

const ROLE = "arn:aws:iam::111122223333:role/App";
const SESSION = "arn:aws:sts::111122223333:assumed-role/App/session";
const LEG: AuthorizationLeg = {
  stage: "model",
  action: "bedrock:InvokeModel",
  resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
  region: "us-east-1",
};
const ALLOW = { Effect: "Allow", Action: "*", Resource: "*" };
const BARE = { Effect: "Allow", Action: "*" };
const hasNotResource = (statement: object) => "NotResource" in statement;
const named = (...Statement: object[]) => ({ name: "P", document: { Version: "2012-10-17", Statement } });

function evaluation(knowledge: PolicySetInput, arn = ROLE) {
  const { layers, known } = applyTo(compilePolicies(knowledge, "policies"), arn);
  return evaluateLeg(layers, LEG, known);
}
const reason = (statement: object, context: PolicySetInput["context"] = {}, arn = ROLE) =>
  evaluation({ identity: [named({ ...(hasNotResource(statement) ? BARE : ALLOW), ...statement })], context }, arn)
    .unknown?.[0];
const words = (knowledge: PolicySetInput, arn = ROLE) =>
  policyVerdictText({ ...evaluation(knowledge, arn), evidence: ["policies"] });

describe("an unknown verdict lists every key that would settle it", () => {
  const ARN = "arn:aws:bedrock:*::foundation-model";
  it.each<[string, object, string[]]>([
    ["a condition's key", { Condition: { StringEquals: { "aws:PrincipalTag/Team": "x" } } }, ["aws:PrincipalTag/Team"]],
    ["a variable in Resource", { Resource: `${ARN}/\${aws:PrincipalTag/team}` }, ["aws:PrincipalTag/team"]],
    ["a variable in NotResource", { NotResource: `${ARN}/\${aws:PrincipalTag/team, 'm'}` }, ["aws:PrincipalTag/team"]],
    [
      "a variable in a condition's value",
      { Condition: { StringEquals: { "aws:RequestedRegion": "${aws:PrincipalTag/home}" } } },
      ["aws:PrincipalTag/home"],
    ],
    [
      "a key, and a variable in its value",
      { Condition: { StringEquals: { "aws:SourceVpc": "${aws:PrincipalTag/vpc}" } } },
      ["aws:SourceVpc", "aws:PrincipalTag/vpc"],
    ],
    [
      "several places, each key once, in its first spelling",
      {
        Resource: [`${ARN}/\${aws:PrincipalTag/a}`, `${ARN}/\${AWS:principaltag/A}-\${aws:PrincipalTag/b}`],
        Condition: {
          StringEquals: { "aws:principalTAG/b": "x", "aws:SourceVpce": "y" },
          StringLike: { "aws:SourceVpce": "*" },
        },
      },
      ["aws:PrincipalTag/a", "aws:PrincipalTag/b", "aws:SourceVpce"],
    ],
    [
      "a key that is present, but whose value is unknown",
      { Condition: { StringLike: { "aws:UserAgent": "aws-sdk-js*" } } },
      ["aws:UserAgent"],
    ],
  ])("%s", (_, statement, keys) => {
    expect(reason(statement)).toMatchObject({ why: "unknown-context", keys });
    // And nothing else: with these keys, the verdict is known.
    const context = Object.fromEntries(keys.map((key) => [key, "m"]));
    expect(reason(statement, context)).toBeUndefined();
  });

  it("lists no key whose value is known, or that can't matter", () => {
    const Condition = { StringEquals: { "aws:SourceVpce": "x", "aws:PrincipalTag/team": "${aws:username, 'dana'}" } };
    expect(reason({ Condition }, { "aws:PrincipalTag/team": "dana" })).toMatchObject({ keys: ["aws:SourceVpce"] });
    const known = { "aws:PrincipalTag/team": "dana", "aws:SourceVpce": "x" };
    expect(reason({ Condition }, known)).toBeUndefined();
  });

  it("a variable in Principal", () => {
    const Principal = { AWS: "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}" };
    const vpcEndpoint = named({ ...ALLOW, Principal });
    expect(evaluation({ identity: [named(ALLOW)], vpcEndpoint }).unknown).toMatchObject([
      { policyType: "vpc-endpoint-policy", why: "unknown-context", keys: ["aws:PrincipalTag/team"] },
    ]);
  });
});

describe("an unknown verdict also lists what else it depends on", () => {
  const any = (key: string, operator = "StringEquals", value: string | string[] = "x") => ({
    Condition: { [operator]: { [key]: value } },
  });
  it.each<[string, object, PolicySetInput["context"] & object, object]>([
    [
      "a wildcard in a variable's value",
      any("aws:RequestedRegion", "StringLike", "${aws:PrincipalTag/home}"),
      { "aws:PrincipalTag/home": "us-*" },
      { why: "value-with-wildcard", keys: ["aws:PrincipalTag/home"] },
    ],
    [
      "several values of a variable",
      { Resource: "arn:aws:bedrock:*::foundation-model/${aws:PrincipalTag/m}" },
      { "aws:PrincipalTag/m": ["m", "n"] },
      { why: "value-with-wildcard", keys: ["aws:PrincipalTag/m"] },
    ],
    [
      "an untyped value",
      any("aws:n", "NumericEquals", "1"),
      { "aws:n": "x" },
      { why: "undocumented", keys: ["aws:n"] },
    ],
    [
      "several values without a set operator",
      any("aws:PrincipalTag/t"),
      { "aws:PrincipalTag/t": ["x", "y"] },
      { why: "undocumented", keys: ["aws:PrincipalTag/t"] },
    ],
    [
      "an absent key that AWS's pages contradict each other about",
      any("aws:PrincipalTag/t", "ForAnyValue:StringEqualsIfExists"),
      { "aws:PrincipalTag/t": null },
      { why: "undocumented", keys: ["aws:PrincipalTag/t"] },
    ],
  ])("%s", (_, statement, context, expected) => {
    expect(reason(statement, context)).toMatchObject(expected);
  });

  it("two readings of an ARN", () => {
    const found = reason({ Resource: "arn:aws:bed*:us-east-1" });
    expect(found).toMatchObject({ why: "undocumented" });
    expect(found).not.toHaveProperty("keys");
  });

  it("the role's path, wherever a policy tests it", () => {
    const path = { why: "role-path", keys: ["aws:PrincipalArn"] };
    expect(reason({ Resource: "arn:aws:bedrock:*:*:*/${aws:PrincipalArn}" }, {}, SESSION)).toMatchObject(path);
    const inValue = { Condition: { StringNotEquals: { "aws:PrincipalTag/r": "${aws:PrincipalArn}" } } };
    expect(reason(inValue, { "aws:PrincipalTag/r": `${ROLE}` }, SESSION)).toMatchObject(path);
    const open = { Condition: { StringEquals: { "aws:PrincipalARN": "${aws:PrincipalArn}" } } };
    expect(reason(open, {}, SESSION)).toMatchObject({ why: "role-path", keys: ["aws:PrincipalARN"] });
    expect(reason(inValue, { "aws:PrincipalTag/r": "x", "aws:PrincipalArn": ROLE }, SESSION)).toBeUndefined();
    const both = { Condition: { StringEquals: { "aws:PrincipalTag/r": "${aws:PrincipalArn}" } } };
    expect(reason(both, {}, SESSION)).toMatchObject({
      why: "unknown-context",
      keys: ["aws:PrincipalTag/r", "aws:PrincipalArn"],
    });
  });

  it("a variable with the role's ARN isn't one before Version 2012-10-17", () => {
    const document = {
      Version: "2008-10-17",
      Statement: [{ ...ALLOW, Resource: ["*", "arn:aws:x:::${aws:PrincipalArn}"] }],
    };
    expect(evaluation({ identity: [{ name: "P", document }] }, SESSION).verdict).toBe("allowed");
  });
});

describe("the sentence of an unknown verdict", () => {
  const statement = "the Allow in the identity-based policy P ($.Statement[0])";
  const asking = (...keys: string[]) => ({
    identity: [named({ ...ALLOW, Condition: { StringEquals: Object.fromEntries(keys.map((key) => [key, "x"])) } })],
  });
  it.each<[string, PolicySetInput, string]>([
    ["one key", asking("aws:SourceVpce"), `Unknown: ${statement} depends on aws:SourceVpce, whose value is unknown.`],
    [
      "two keys",
      asking("aws:SourceVpce", "aws:PrincipalTag/x"),
      `Unknown: ${statement} depends on aws:SourceVpce and aws:PrincipalTag/x, whose values are unknown.`,
    ],
    ["policies that weren't provided", {}, "Unknown: identity-based policies weren't provided."],
    [
      "a policy that AWS would reject",
      { identity: [named({ ...ALLOW, Condition: { X: { y: "z" } } })] },
      `Unknown: AWS would reject ${statement}, or interpret it differently than intended.`,
    ],
    [
      "an empty policy",
      { identity: [named()] },
      "Unknown: AWS would reject an identity-based policy, or interpret it differently than intended.",
    ],
    [
      "a boundary and an identity",
      { boundary: named({ ...ALLOW, Condition: { StringEquals: { "aws:SourceVpc": "x" } } }) },
      "Unknown: the Allow in the permissions boundary P ($.Statement[0]) depends on aws:SourceVpc, whose value is unknown. Identity-based policies weren't provided.",
    ],
  ])("%s", (_, knowledge, expected) => expect(words(knowledge)).toBe(expected));
});
