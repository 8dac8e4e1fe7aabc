import { describe, expect, it } from "vitest";
import type { PolicyType } from "../../src/authorization.js";
import { leastPrivilege } from "../../src/explain/statements.js";
import type { AccessPolicies, CompiledPolicy, PolicyInput } from "../../src/policy/evaluation/layers.js";
import { applyTo, compilePolicies } from "../../src/policy/evaluation/policy-set.js";
import { checkSize, editableIn, foreignOwnerOf } from "../../src/policy/remedies/quotas.js";
import { searchRemedies } from "../../src/policy/remedies/search.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { ACCOUNT, FULL, MODEL, REGION_DENY } from "../cases/policies.js";

/** A document of exactly so many characters without white space. */
function documentOf(characters: number): object {
  const empty = { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "" }] };
  const [statement] = empty.Statement;
  return { Statement: [{ ...statement, Resource: "x".repeat(characters - JSON.stringify(empty).length) }] };
}
const compiled = (arn?: string, json: unknown = {}): CompiledPolicy => ({
  name: "P",
  ...(arn ? { arn } : {}),
  document: { json, statements: [], findings: [] },
});
const MANAGED = `arn:aws:iam::${ACCOUNT}:policy/Own`;
const check = (
  type: PolicyType,
  characters: number,
  { arn, isUser = false, others = [] as CompiledPolicy[] } = {} as {
    arn?: string;
    isUser?: boolean;
    others?: CompiledPolicy[];
  },
) => checkSize({ type, policy: compiled(arn), json: documentOf(characters), others, isUser });

describe("a document after an edit, against its quota", () => {
  it.each<[says: string, type: PolicyType, quota: number, arn?: string]>([
    ["a service control policy", "service-control-policy", 10_240],
    ["a resource control policy", "resource-control-policy", 5_120],
    ["a managed policy", "identity-based-policy", 6_144, MANAGED],
    ["a permissions boundary", "permissions-boundary", 6_144],
    ["a permissions boundary with an ARN", "permissions-boundary", 6_144, MANAGED],
    ["a session policy", "session-policy", 2_048],
    ["a managed policy of a session", "session-policy", 6_144, MANAGED],
    ["a VPC endpoint policy", "vpc-endpoint-policy", 20_480],
    ["the inline policies of a role", "identity-based-policy", 10_240],
  ])("%s", (_, type, quota, arn) => {
    expect(check(type, quota, arn ? { arn } : {})).not.toBe("exceeds");
    expect(check(type, quota + 1, arn ? { arn } : {})).toBe("exceeds");
  });

  it("warns about the inline policies of a user, which might be a group's, or managed", () => {
    expect(check("identity-based-policy", 2_048, { isUser: true })).toBeUndefined();
    const warning = { characters: 2_049, quota: 2_048, counted: "inline-policies" };
    expect(check("identity-based-policy", 2_049, { isUser: true })).toEqual(warning);
    expect(check("identity-based-policy", 6_145, { isUser: true })).toBe("exceeds");
  });

  it("adds up all inline policies, without managed ones", () => {
    const others = [compiled(undefined, documentOf(1_000)), compiled(MANAGED, documentOf(6_000))];
    expect(check("identity-based-policy", 9_240, { others })).toBeUndefined();
    const warning = { characters: 10_241, quota: 10_240, counted: "inline-policies" };
    expect(check("identity-based-policy", 9_241, { others })).toEqual(warning);
  });

  it.each<[PolicyType, number]>([
    ["service-control-policy", 10_240],
    ["session-policy", 2_048],
    ["vpc-endpoint-policy", 20_480],
  ])("warns if white space would exceed the quota of a %s, where it counts", (type, quota) => {
    expect(check(type, quota)).toMatchObject({ quota, counted: "indented-document" });
    expect(check(type, quota - 200)).toBeUndefined();
  });

  it("doesn't count white space in IAM", () => {
    expect(check("permissions-boundary", 6_144)).toBeUndefined();
    expect(check("identity-based-policy", 6_144, { arn: MANAGED })).toBeUndefined();
  });
});

describe("policies that only their owner can edit", () => {
  it.each<[PolicyType, { arn?: string; name?: string }, string | undefined]>([
    ["identity-based-policy", { arn: "arn:aws:iam::aws:policy/AmazonBedrockFullAccess" }, "aws"],
    ["identity-based-policy", { arn: "arn:aws-us-gov:iam::aws:policy/job-function/ViewOnlyAccess" }, "aws"],
    ["permissions-boundary", { arn: "arn:aws:iam::aws:policy/PowerUserAccess" }, "aws"],
    ["session-policy", { arn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }, "aws"],
    [
      "service-control-policy",
      { arn: "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess" },
      "aws",
    ],
    ["service-control-policy", { name: "FullAWSAccess" }, "aws"],
    ["service-control-policy", { name: "aws-guardrails-AbCdEf" }, "control-tower"],
    ["identity-based-policy", { name: "aws-guardrails-AbCdEf" }, undefined],
    ["identity-based-policy", { arn: MANAGED }, undefined],
    ["service-control-policy", { name: "my-aws-guardrails-x" }, undefined],
  ])("%s %j: %s", (type, policy, owner) => expect(foreignOwnerOf(type, policy)).toBe(owner));

  it("are never among those that a search edits", () => {
    const policies = [{ ...compiled("arn:aws:iam::aws:policy/X"), name: "X" }, compiled()];
    expect(editableIn({ type: "permissions-boundary", policies, provided: true })).toEqual([policies[1]]);
  });
});

describe("a search whose edit may exceed a quota", () => {
  const modelId = `us.${MODEL}`;
  const profile = knownProfile(modelId, "us-east-1")?.profile;
  const legs = authorizationLegs({
    operation: "Converse",
    modelId,
    sourceRegion: "us-east-1",
    accountId: ACCOUNT,
    ...(profile ? { profile } : {}),
  });
  const search = (policies: AccessPolicies, principal = "role/App") => {
    const { layers, known } = applyTo(compilePolicies(policies, "policies"), `arn:aws:iam::${ACCOUNT}:${principal}`);
    const { steps, found } = searchRemedies(layers, legs, known, (some) => leastPrivilege(some, "us-east-1"));
    for (const _ of steps);
    return found().remedies.flatMap(({ edits }) => edits);
  };
  const own = (characters: number): PolicyInput => ({ name: "Own", document: documentOf(characters) });

  it("offers it with the size for a user, and without for a role", () => {
    expect(search({ identity: [own(1_500)] }, "user/dana")[0]?.size).toMatchObject({ quota: 2_048 });
    expect(search({ identity: [own(1_500)] })[0]).toMatchObject({ change: { edit: "add-statements" } });
    expect(search({ identity: [own(1_500)] })[0]?.size).toBeUndefined();
    expect(search({ identity: [own(6_000)] }, "user/dana")).toEqual([]);
  });

  it.each<[string, AccessPolicies]>([
    ["a permissions boundary", { identity: [FULL], boundary: own(6_000) }],
    ["a session policy", { identity: [FULL], session: [own(1_900)] }],
    ["a managed policy", { identity: [{ ...own(6_000), arn: MANAGED }] }],
    ["inline policies of a role", { identity: [own(10_100)] }],
    [
      "a VPC endpoint policy",
      {
        identity: [FULL],
        vpcEndpoint: {
          name: "E",
          document: {
            Statement: [{ ...(documentOf(20_300) as { Statement: [object] }).Statement[0], Principal: "*" }],
          },
        },
      },
    ],
  ])("offers no edit for %s that would become too long", (_, policies) => expect(search(policies)).toEqual([]));

  it("offers only the edits of a service control policy that fit", () => {
    const regions = Array.from({ length: 10_000 / 15 }, (_, n) => `us-east-${100 + n}`);
    const { document } = REGION_DENY("us-east-1", ...regions) as { document: object };
    const free = 10_240 - JSON.stringify(document).length;
    expect(free).toBeGreaterThan(0);
    const serviceControl = [{ level: "Root", policies: [FULL, { name: "Deny", document }] }];
    const kinds = search({ identity: [FULL], serviceControl }).map(({ change }) => change.edit);
    expect(kinds).toContain("exempt-inference-profiles");
    expect(kinds).not.toContain("carve-out-and-re-deny");
  });
});
