import { describe, expect, it } from "vitest";
import type { PolicyType } from "../../src/authorization.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { evaluateLeg } from "../../src/policy/evaluation/evaluate.js";
import { callerOf } from "../../src/policy/evaluation/request.js";
import { parsePolicy } from "../../src/policy/language/document.js";
import { allow, INVOKE, model, policy } from "../cases/lint.js";

const sid = (Sid: string) => ({ Sid, Effect: "Allow", Action: INVOKE, Resource: "*" });
const findings = (document: unknown, type: PolicyType) =>
  parsePolicy(document, type).findings.map(({ code, path, value }) => `${code} ${path} ${value}`);

describe("a Sid that occurs twice", () => {
  it.each<PolicyType>(["identity-based-policy", "permissions-boundary", "session-policy", "service-control-policy"])(
    "is a finding in a document of type %s, at the later statement",
    (type) => {
      expect(findings(policy(sid("A"), sid("B"), sid("A")), type)).toEqual(["duplicate-sid $.Statement[2].Sid A"]);
    },
  );

  it("isn't a finding if the Sids differ, are empty, or the policy belongs to an endpoint", () => {
    expect(findings(policy(sid("A"), sid("a"), sid(""), sid("")), "identity-based-policy")).toEqual([]);
    const endpoint = policy({ ...sid("A"), Principal: "*" }, { ...sid("A"), Principal: "*" });
    expect(findings(endpoint, "vpc-endpoint-policy")).toEqual([]);
  });

  it("is reported by lintPolicy", () => {
    expect(lintPolicy(policy(sid("A"), sid("A")))).toMatchObject([
      {
        code: "document-invalid",
        problem: "duplicate-sid",
        why: "AWS would reject this policy or interpret it differently than intended: duplicate sid (A) at $.Statement[1].Sid.",
      },
    ]);
  });
});

describe("an ARN of fewer than six fields", () => {
  const verdict = (Resource: string, type: PolicyType) => {
    const document = parsePolicy(policy({ ...allow(Resource) }), type);
    const leg = {
      stage: "model" as const,
      action: "bedrock:InvokeModel",
      resource: model("us-east-1"),
      region: "us-east-1",
    };
    const caller = callerOf("arn:aws:iam::111122223333:role/App");
    const known = { caller, context: new Map(), unknownContext: "unknown" as const, otherRoleArns: [] };
    return evaluateLeg([{ type, policies: [{ name: "p", document }], provided: true }], leg, known).verdict;
  };

  it.each([
    ["arn:aws:bedrock", "allowed"],
    ["arn:aws:bedrock:us-east-1", "allowed"],
    ["arn:aws:bedrock:us-west-2", "blocked"],
    ["arn:aws:bedrock:*", "allowed"],
    ["arn:aws:s3", "blocked"],
  ])("is completed in an identity-based policy: %s, %s", (arn, expected) => {
    expect(findings(policy(allow(arn)), "identity-based-policy")).toEqual([]);
    expect(verdict(arn, "identity-based-policy")).toBe(expected);
  });

  it.each<[PolicyType, string]>([
    ["session-policy", "arn:aws:bedrock"],
    ["session-policy", "arn:aws:bed*ck:us-east-1"],
    ["service-control-policy", "arn:aws:bedrock"],
    ["permissions-boundary", "arn:aws:bedrock:us-east-1"],
  ])("is a finding in a document of type %s, and its statement is uncertain: %s", (type, arn) => {
    expect(findings(policy(allow(arn)), type)).toEqual([`incomplete-arn $.Statement[0].Resource ${arn}`]);
    expect(verdict(arn, type)).toBe("unknown");
  });

  it("isn't a finding if one of its fields ends with a wildcard", () => {
    expect(findings(policy(allow("arn:aws:bedrock:*")), "service-control-policy")).toEqual([]);
    // AWS STS rejects a session policy with an ARN of fewer than six fields.
    expect(findings(policy(allow("arn:aws:bedrock:*:foundation-model/M")), "session-policy")).toHaveLength(1);
  });

  it("is counted without the colons of its variables", () => {
    expect(findings(policy(allow("arn:aws:bedrock:::x/${aws:username}")), "session-policy")).toEqual([]);
    expect(findings(policy(allow("arn:aws:bedrock:${aws:username}")), "session-policy")).toHaveLength(1);
  });
});
