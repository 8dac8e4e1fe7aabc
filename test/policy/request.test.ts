import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import { evaluateLeg } from "../../src/policy/evaluation/evaluate.js";
import {
  type AppliedPolicies,
  applyTo,
  compilePolicies,
  type PolicySetInput,
} from "../../src/policy/evaluation/policy-set.js";

const ACCOUNT = "111122223333";
const OTHER = "444455556666";
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`;
const USER = `arn:aws:iam::${ACCOUNT}:user/dana`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/dana`;
const NOW = Date.parse("2026-06-01T12:00:00.700Z");
const MODEL: AuthorizationLeg = {
  stage: "model",
  action: "bedrock:InvokeModel",
  resource: "arn:aws:bedrock:us-east-1::foundation-model/m",
  region: "us-east-1",
};
const on = (resource: string, action = MODEL.action): AuthorizationLeg => ({ ...MODEL, resource, action });
const PROFILE = on(`arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.m`);
const ALLOW = { Effect: "Allow", Action: "*", Resource: "*" };
const named = (...Statement: object[]) => ({ name: "P", document: { Version: "2012-10-17", Statement } });

interface Asked extends PolicySetInput {
  arn?: string;
  leg?: AuthorizationLeg;
}

function applied({ arn = SESSION, leg: _, ...knowledge }: Asked): AppliedPolicies {
  return applyTo(compilePolicies(knowledge, "policies"), arn, () => NOW);
}
function evaluation(asked: Asked) {
  const { layers, known } = applied(asked);
  return evaluateLeg(layers, asked.leg ?? MODEL, known);
}
/** The verdict of an Allow with this condition, or with this resource. */
const verdict = (Condition: object, asked: Asked = {}) =>
  evaluation({ identity: [named({ ...ALLOW, Condition })], ...asked }).verdict;

describe("keys that AWS always sends", () => {
  it.each(["unknown", "absent"] as const)(
    "have the values of the clock and the caller, with unknownContext %s",
    (unknownContext) => {
      const is = (Condition: object, asked: Asked = {}) => verdict(Condition, { unknownContext, ...asked });
      expect(is({ DateLessThan: { "aws:CurrentTime": "2026-06-01T12:00:01Z" } })).toBe("allowed");
      expect(is({ DateGreaterThan: { "aws:CurrentTime": "2026-06-01T12:00:00Z" } })).toBe("blocked");
      expect(is({ DateEquals: { "aws:CurrentTime": "2026-06-01T12:00:00Z" } })).toBe("allowed");
      expect(is({ NumericEquals: { "aws:EpochTime": String(Math.floor(NOW / 1_000)) } })).toBe("allowed");
      expect(is({ DateLessThan: { "aws:EpochTime": "2026-06-01T12:00:00Z" } })).toBe("blocked");
      expect(is({ Bool: { "aws:ViaAWSService": "false" } })).toBe("allowed");
      expect(is({ Null: { "aws:CurrentTime": "true" } })).toBe("blocked");
      expect(is({ StringEquals: { "aws:ResourceAccount": ACCOUNT } }, { leg: PROFILE })).toBe("allowed");
      expect(is({ StringEquals: { "aws:ResourceAccount": "${aws:PrincipalAccount}" } }, { leg: PROFILE })).toBe(
        "allowed",
      );
      expect(is({ StringNotEquals: { "aws:ResourceAccount": ACCOUNT } }, { leg: PROFILE })).toBe("blocked");
      expect(is({ StringEquals: { "aws:userid": ACCOUNT } }, { arn: USER })).toBe("unknown");
      expect(
        is({ StringEquals: { "aws:userid": `${ACCOUNT}:dana` } }, { arn: FEDERATED, session: [named(ALLOW)] }),
      ).toBe("allowed");
      const serviceControl = [
        { level: "Root", policies: [named({ ...ALLOW, Condition: { StringEquals: { "aws:userid": ACCOUNT } } })] },
      ];
      expect(evaluation({ arn: ROOT, serviceControl, unknownContext }).verdict).toBe("allowed");
    },
  );

  it.each<[string, object, Asked]>([
    ["the account of a foundation model", { StringEquals: { "aws:ResourceAccount": ACCOUNT } }, {}],
    ["a session's unique ID", { StringLike: { "aws:userid": "*" } }, {}],
    ["the user agent", { StringLike: { "aws:UserAgent": "aws-sdk-js/*" } }, {}],
    ["a session's token", { DateLessThan: { "aws:TokenIssueTime": "2026-01-01" } }, {}],
    ["the source IP address", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, {}],
    ["the VPC endpoint", { StringEquals: { "aws:SourceVpce": "vpce-1" } }, {}],
    ["the VPC", { StringNotEquals: { "aws:SourceVpc": "vpc-1" } }, {}],
    ["the address in the VPC", { NotIpAddress: { "aws:VpcSourceIp": "10.0.0.0/8" } }, {}],
    ["the presence of the source IP address", { Null: { "aws:SourceIp": "true" } }, {}],
    ["the presence of the VPC endpoint", { Null: { "aws:SourceVpce": "false" } }, {}],
  ])("%s is unknown, and never absent", (_, Condition, asked) => {
    expect(verdict(Condition, asked)).toBe("unknown");
    expect(verdict(Condition, { ...asked, unknownContext: "absent" })).toBe("unknown");
    const operator = Object.keys(Condition)[0] ?? "";
    if (operator !== "Null") {
      const IfExists = { [`${operator}IfExists`]: Object.values(Condition)[0] };
      expect(verdict(IfExists, { ...asked, unknownContext: "absent" })).toBe("unknown");
    }
  });

  it.each([
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:userid",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:ResourceAccount",
  ])("%s is present, even if its value is unknown", (key) => {
    for (const unknownContext of ["unknown", "absent"] as const) {
      expect(verdict({ Null: { [key]: "false" } }, { unknownContext })).toBe("allowed");
      expect(verdict({ Null: { [key]: "true" } }, { unknownContext })).toBe("blocked");
    }
  });

  it("a user's token, and every other key, is absent if the application states that", () => {
    const Condition = { Null: { "aws:TokenIssueTime": "true" } };
    expect(verdict(Condition, { arn: USER })).toBe("unknown");
    expect(verdict(Condition, { arn: USER, unknownContext: "absent" })).toBe("allowed");
    expect(verdict({ Null: { "aws:PrincipalTag/team": "true" } }, { unknownContext: "absent" })).toBe("allowed");
  });

  it("the application's own context takes precedence", () => {
    const absent = { unknownContext: "absent" as const };
    const before = { DateLessThan: { "aws:CurrentTime": "2020-01-01" } };
    expect(verdict(before, { ...absent, context: { "aws:CurrentTime": "2019-12-31T00:00:00Z" } })).toBe("allowed");
    // The other of the two keys can't be taken from the clock then.
    const epoch = { NumericGreaterThan: { "aws:EpochTime": "0" } };
    expect(verdict(epoch, { ...absent, context: { "aws:CurrentTime": "2019-12-31T00:00:00Z" } })).toBe("unknown");
    const own = { StringEquals: { "aws:ResourceAccount": OTHER } };
    expect(verdict(own, { ...absent, leg: PROFILE, context: { "aws:ResourceAccount": OTHER } })).toBe("allowed");
    expect(verdict({ Null: { "aws:UserAgent": "true" } }, { ...absent, context: { "aws:UserAgent": null } })).toBe(
      "allowed",
    );
  });
});

describe("a source IP address and a VPC endpoint exclude each other", () => {
  const isAbsent = (key: string, context: PolicySetInput["context"] & object, unknownContext: "unknown" | "absent") =>
    verdict({ Null: { [key]: "true" } }, { context, unknownContext });

  it.each(["unknown", "absent"] as const)("with unknownContext %s", (unknownContext) => {
    for (const key of ["aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp"]) {
      expect(isAbsent(key, { "aws:SourceIp": "192.0.2.1" }, unknownContext)).toBe("allowed");
      expect(isAbsent("aws:SourceIp", { [key]: "x" }, unknownContext)).toBe("allowed");
      // That one is absent doesn't show that the other is present: AWS documents "only if", not "whenever".
      expect(isAbsent(key, { "aws:SourceIp": null }, unknownContext)).toBe("unknown");
      expect(isAbsent("aws:SourceIp", { [key]: null }, unknownContext)).toBe("unknown");
    }
    expect(isAbsent("aws:VpcSourceIp", { "aws:SourceVpce": "vpce-1" }, unknownContext)).toBe("unknown");
  });
});

describe("legs without an account", () => {
  const bare = { ...PROFILE, resource: "arn:aws:bedrock:us-east-1:<account-id>:inference-profile/us.m" };
  const empty = { ...PROFILE, resource: "arn:aws:bedrock:us-east-1::application-inference-profile/a1" };
  const routed = { ...MODEL, inferenceProfileArn: bare.resource };

  it("are evaluated with the caller's", () => {
    const identity = [named({ ...ALLOW, Resource: `arn:aws:bedrock:*:${ACCOUNT}:*` })];
    expect(evaluation({ identity, leg: bare }).verdict).toBe("allowed");
    expect(evaluation({ identity, leg: empty }).verdict).toBe("allowed");
    expect(verdict({ ArnEquals: { "bedrock:InferenceProfileArn": PROFILE.resource } }, { leg: routed })).toBe(
      "allowed",
    );
    expect(verdict({ StringEquals: { "aws:ResourceAccount": ACCOUNT } }, { leg: bare })).toBe("allowed");
  });

  it("a foundation model and a system tool have none", () => {
    const identity = [named({ ...ALLOW, Resource: "arn:aws:bedrock:*::*" })];
    expect(evaluation({ identity, leg: MODEL }).verdict).toBe("allowed");
    expect(evaluation({ identity, leg: on("arn:aws:bedrock:::system-tool/web", "bedrock:InvokeTool") }).verdict).toBe(
      "allowed",
    );
  });
});

describe("resources of another account", () => {
  const at = (resource: string, account = OTHER) => on(`arn:aws:bedrock:us-east-1:${account}:${resource}`);
  const identity = [named(ALLOW)];

  it.each([
    "inference-profile/us.m",
    "application-inference-profile/a1b2c3d4e5f6",
    "provisioned-model/p",
    "custom-model-deployment/d",
    "imported-model/i",
    "prompt/p:1",
    "prompt-router/r",
    "default-prompt-router/r",
    "marketplace/model-endpoint/all-access",
  ])("%s can't have a resource-based policy, so nothing allows it", (resource) => {
    expect(evaluation({ identity, leg: at(resource) })).toMatchObject({
      verdict: "blocked",
      decidedBy: { policyType: "resource-based-policy", denyKind: "implicit" },
    });
    expect(evaluation({ identity, leg: at(resource, ACCOUNT) }).verdict).toBe("allowed");
    // A placeholder isn't known to be another account.
    expect(evaluation({ identity, leg: at(resource, "<account-id>") }).verdict).toBe("allowed");
  });

  it.each(["guardrail/g", "guardrail-profile/us.g:0", "custom-model/m", "knowledge-base/k", "something-new/x"])(
    "%s may have one, so the verdict is unknown",
    (resource) => {
      expect(evaluation({ identity, leg: at(resource) })).toMatchObject({
        verdict: "unknown",
        unknown: [{ policyType: "resource-based-policy", why: "not-provided" }],
      });
      expect(evaluation({ identity: [], leg: at(resource) }).verdict).toBe("blocked");
    },
  );

  it("a key of another account may have one too, and AWS's own resources aren't another account's", () => {
    const key = on(`arn:aws:kms:us-east-1:${OTHER}:key/k`, "kms:Decrypt");
    expect(evaluation({ identity, leg: key }).verdict).toBe("unknown");
    expect(evaluation({ identity, leg: at("guardrail-profile/us.g:0", "aws") }).verdict).toBe("allowed");
    expect(evaluation({ identity, leg: MODEL }).verdict).toBe("allowed");
    expect(evaluation({ identity, leg: on("arn:aws:bedrock:::foundation-model/m") }).verdict).toBe("allowed");
  });

  it("a resource-based policy that is provided is evaluated", () => {
    const { layers, known } = applied({ identity });
    const allow = { ...ALLOW, Principal: "*" };
    const { layers: own } = compilePolicies({ vpcEndpoint: named(allow) }, "p");
    const [endpoint] = own.filter(({ type }) => type === "vpc-endpoint-policy");
    const policy = { type: "resource-based-policy" as const, policies: endpoint?.policies ?? [], provided: true };
    expect(evaluateLeg([...layers, policy], at("guardrail/g"), known).verdict).toBe("allowed");
    expect(evaluateLeg([...layers, { ...policy, policies: [] }], at("guardrail/g"), known).verdict).toBe("blocked");
  });
});
