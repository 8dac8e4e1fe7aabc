import { describe, expect, it } from "vitest";
import { evaluateLeg } from "../../src/policy/evaluation/evaluate.js";
import { applyTo, compilePolicies } from "../../src/policy/evaluation/policy-set.js";

const ACCOUNT = "111122223333";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;
const USER = `arn:aws:iam::${ACCOUNT}:user/dana`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const FULL = {
  name: "Full",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

function verdict(statement: object, arn: string): string {
  const Statement = [
    { Action: "*", Resource: "*", ...statement },
    ...("NotPrincipal" in statement ? [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }] : []),
  ];
  const vpcEndpoint = { name: "Endpoint", document: { Version: "2012-10-17", Statement } };
  const identity = arn === ROOT ? {} : { identity: [FULL] };
  const { layers, known } = applyTo(compilePolicies({ ...identity, vpcEndpoint }, "policies"), arn);
  const leg = {
    stage: "model",
    action: "bedrock:InvokeModel",
    resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
  };
  return evaluateLeg(layers, { ...leg, stage: "model", region: "us-east-1" }, known).verdict;
}

describe("principals of a VPC endpoint policy", () => {
  const provider = `arn:aws:iam::${ACCOUNT}:saml-provider/corp`;
  const canonical = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
  it.each<[string, object | string, Record<string, string>]>([
    ["anyone", "*", { [SESSION]: "allowed", [ROLE]: "allowed", [USER]: "allowed", [ROOT]: "allowed" }],
    ["any AWS principal", { AWS: "*" }, { [SESSION]: "allowed", [USER]: "allowed" }],
    ["the account", { AWS: ACCOUNT }, { [SESSION]: "allowed", [USER]: "allowed", [ROOT]: "allowed" }],
    ["another account", { AWS: "444455556666" }, { [SESSION]: "blocked", [USER]: "blocked" }],
    [
      "an identity provider's users",
      { Federated: provider },
      { [SESSION]: "unknown", [ROLE]: "unknown", [USER]: "blocked", [ROOT]: "blocked" },
    ],
    [
      "Amazon Cognito's users",
      { Federated: "cognito-identity.amazonaws.com" },
      { [SESSION]: "unknown", [USER]: "blocked" },
    ],
    [
      "an account by its canonical ID",
      { CanonicalUser: canonical },
      { [SESSION]: "unknown", [USER]: "unknown", [ROOT]: "unknown" },
    ],
    ["a service", { Service: "lambda.amazonaws.com" }, { [SESSION]: "blocked", [USER]: "blocked" }],
    ["an identity provider's users and the account", { Federated: provider, AWS: ROOT }, { [SESSION]: "allowed" }],
    ["this session", { AWS: SESSION }, { [SESSION]: "allowed", [ROLE]: "unknown", [USER]: "blocked" }],
    ["a session of another role", { AWS: SESSION.replace("App", "Ops") }, { [SESSION]: "blocked", [ROLE]: "blocked" }],
    [
      "a wildcard in a name",
      { AWS: `arn:aws:iam::${ACCOUNT}:role/A*` },
      { [ROLE]: "unknown", [SESSION]: "unknown", [USER]: "blocked" },
    ],
    [
      "a wildcard in another account's name",
      { AWS: "arn:aws:iam::444455556666:role/*" },
      { [ROLE]: "blocked", [SESSION]: "blocked" },
    ],
    [
      "a variable",
      { AWS: `arn:aws:iam::${ACCOUNT}:user/\${aws:username}` },
      { [USER]: "unknown", [SESSION]: "unknown" },
    ],
  ])("%s", (_, Principal, expected) => {
    for (const [arn, allowed] of Object.entries(expected)) {
      expect(verdict({ Effect: "Allow", Principal }, arn), arn).toBe(allowed);
      if (Principal === "*" || allowed === "allowed") continue;
      // A Deny of everyone else denies those that the Allow doesn't reach.
      expect(verdict({ Effect: "Deny", NotPrincipal: Principal }, arn), `not ${arn}`).toBe(allowed);
    }
  });

  it("a statement with both elements isn't valid", () => {
    expect(verdict({ Effect: "Allow", Principal: "*", NotPrincipal: { AWS: USER } }, USER)).not.toBe("blocked");
    const document = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "*", Resource: "*", Principal: "*", NotPrincipal: "*" }],
    };
    const { layers } = compilePolicies({ vpcEndpoint: { name: "E", document } }, "p");
    const endpoint = layers.find(({ type }) => type === "vpc-endpoint-policy");
    expect(endpoint?.policies[0]?.document.findings).toMatchObject([{ code: "conflicting-elements" }]);
  });
});
