import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import { leastPrivilege } from "../../src/explain/statements.js";
import type { AccessPolicies, PolicyInput } from "../../src/policy/evaluation/layers.js";
import { applyTo, compilePolicies } from "../../src/policy/evaluation/policy-set.js";
import type { RequestContext } from "../../src/policy/language/context.js";
import { searchRemedies, type TriedRemedy } from "../../src/policy/remedies/search.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { ACCOUNT, FULL, MODEL, REGION_DENY } from "../cases/policies.js";

const PRINCIPAL = `arn:aws:iam::${ACCOUNT}:role/App`;
const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const model = (region: string) =>
  `arn:aws:bedrock:${region === "unspecified" ? "" : region}::foundation-model/${MODEL}`;
const profileArn = (prefix: string, region = "us-east-1") =>
  `arn:aws:bedrock:${region}:${ACCOUNT}:inference-profile/${prefix}.${MODEL}`;

function legsOf(prefix: string): AuthorizationLeg[] {
  const modelId = prefix === "" ? MODEL : `${prefix}.${MODEL}`;
  const profile = knownProfile(modelId, "us-east-1")?.profile;
  return authorizationLegs({
    operation: "Converse",
    modelId,
    sourceRegion: "us-east-1",
    accountId: ACCOUNT,
    ...(profile ? { profile } : {}),
  });
}

function search(policies: AccessPolicies, prefix = "us"): TriedRemedy[] {
  const { layers, known } = applyTo(compilePolicies(policies, "policies"), PRINCIPAL);
  const { steps, found } = searchRemedies(layers, legsOf(prefix), known, (legs) => leastPrivilege(legs, "us-east-1"));
  for (const _ of steps);
  return found().remedies;
}

const policy = (name: string, ...Statement: object[]): PolicyInput => ({
  name,
  document: { Version: "2012-10-17", Statement },
});
const scps = (...policies: PolicyInput[]): AccessPolicies => ({
  identity: [FULL],
  serviceControl: [{ level: "Root", policies: [FULL, ...policies] }],
});
const edits = (remedies: TriedRemedy[]) =>
  remedies.map((remedy) => `${remedy.edits.map(({ change }) => change.edit).join("+")} ${remedy.verified}`);

describe("searchRemedies", () => {
  it("prefers the exemption to approving Regions, and reports what that would open", () => {
    const found = search(scps(REGION_DENY("us-east-1")));
    expect(edits(found)).toEqual([
      "exempt-inference-profiles true",
      "exempt-inference-profiles true",
      "carve-out-and-re-deny true",
      "add-regions true",
    ]);
    // Of the geography's profiles, other models' too; of exactly this one, none.
    expect(found.map(({ opens }) => opens.includes("other-model"))).toEqual([true, false, true, true]);
    expect(found[0]?.opens).not.toContain("direct-call");
    expect(found[3]?.opens).toEqual(expect.arrayContaining(["direct-call", "other-service", "other-geography"]));
    expect(found[0]?.edits[0]?.diff).toEqual([
      {
        op: "add",
        path: "/Statement/0/Condition/ArnNotLike/bedrock:InferenceProfileArn",
        value: "arn:aws:bedrock:*:*:inference-profile/us.*",
      },
    ]);
  });

  it("fixes two policies that block at once, together", () => {
    const policies = {
      ...scps(REGION_DENY("us-east-1")),
      identity: [policy("App", { Effect: "Allow", Action: INVOKE, Resource: [profileArn("us"), model("us-east-1")] })],
    };
    const [best] = search(policies);
    expect(best).toMatchObject({ verified: true, blocked: 0 });
    expect(best?.edits.map(({ policyName, change }) => [policyName, change.edit])).toEqual([
      ["GRREGIONDENY", "exempt-inference-profiles"],
      ["App", "add-statements"],
    ]);
  });

  it("fixes several levels of the organization", () => {
    const level = (name: string) => ({
      level: name,
      policies: [FULL, { ...REGION_DENY("us-east-1"), name: `Deny${name}` }],
    });
    const [best] = search({ identity: [FULL], serviceControl: [level("Root"), level("Ou")] });
    expect(best?.edits.map(({ level: at }) => at)).toEqual(["Root", "Ou"]);
    expect(best?.verified).toBe(true);
  });

  it("removes a destination from a deny list, but reports that it opens the Region", () => {
    const found = search(
      scps(
        policy("DenyWest", {
          Effect: "Deny",
          Action: "*",
          Resource: "*",
          Condition: { StringEquals: { "aws:RequestedRegion": ["us-west-2", "eu-west-1"] } },
        }),
      ),
    );
    expect(edits(found)).toEqual([
      "exempt-inference-profiles true",
      "exempt-inference-profiles true",
      "remove-regions true",
    ]);
    expect(found[2]?.opens).toEqual(expect.arrayContaining(["direct-call", "other-service"]));
    expect(found[2]?.edits[0]?.diff).toEqual([
      { op: "remove", path: "/Statement/0/Condition/StringEquals/aws:RequestedRegion/0" },
    ]);
  });

  it("approves the source Region and exempts the rest if the profile itself is denied: the key is absent there", () => {
    const found = search(scps(REGION_DENY("us-west-2")));
    expect(edits(found)).toEqual([
      "add-regions+exempt-inference-profiles true",
      "add-regions+exempt-inference-profiles true",
      "add-regions true",
    ]);
    expect(found[0]?.edits[0]?.change).toMatchObject({ regions: ["us-east-1"] });
    expect(found[2]?.edits[0]?.change).toMatchObject({ regions: ["us-east-1", "us-east-2"] });
    expect(found[0]?.opens).not.toContain("other-source-region");
    expect(found.every(({ opens }) => opens.includes("other-service"))).toBe(true);
  });

  it('opens global routing by "unspecified" or by the profile, as AWS documents', () => {
    expect(edits(search(scps(REGION_DENY("us-east-1")), "global"))).toEqual([
      "exempt-inference-profiles true",
      "exempt-inference-profiles true",
      "carve-out-and-re-deny true",
      "add-regions true",
    ]);
  });

  it("verifies nothing if the identity-based policies are unknown", () => {
    const { serviceControl = [] } = scps(REGION_DENY("us-east-1"));
    const [best] = search({ serviceControl });
    expect(best).toMatchObject({ verified: false, blocked: 0, unknown: 4 });
  });

  it("finds nothing if no policy blocks, or if an edit can't fix what blocks", () => {
    expect(search({ identity: [FULL] })).toEqual([]);
    expect(search(scps(policy("Never", { Effect: "Deny", Action: "*", Resource: "*" })), "")).toEqual([]);
  });
});

/** An organization within AWS's quotas, in which every policy denies the call by Region: 7 levels of 5 policies each. */
function largeOrganization(): AccessPolicies {
  const deny = (name: string, index: number) => ({
    Sid: `${name}${index}`,
    Effect: "Deny",
    Action: "*",
    Resource: "arn:aws:bedrock:*:*:*",
    Condition: { StringNotEquals: { "aws:RequestedRegion": ["us-east-1", `ap-south-${1 + (index % 2)}`] } },
  });
  const filler = (index: number) => ({ ...deny("Filler", index), Resource: `arn:aws:bedrock:*:*:*/x${index}*` });
  const policies = (level: string) =>
    Array.from({ length: 5 }, (_, at) => {
      const statements = Array.from({ length: 20 }, (__, index) => (index === 0 ? deny(level, at) : filler(index)));
      return policy(`${level}-${at}`, { Effect: "Allow", Action: "*", Resource: "*" }, ...statements);
    });
  const serviceControl = Array.from({ length: 7 }, (_, at) => ({ level: `L${at}`, policies: policies(`L${at}`) }));
  return { identity: [FULL], serviceControl };
}

describe("a search over many policies", () => {
  const { layers, known } = applyTo(compilePolicies(largeOrganization(), "policies"), PRINCIPAL);
  const counter = { evaluated: 0 };
  // Every statement evaluates its conditions at most once for a request: that is what takes the time.
  for (const { policies } of layers) {
    for (const { document } of policies) {
      for (const statement of document.statements) {
        const conditions = statement.conditions.map((condition) => ({
          ...condition,
          evaluate: (context: RequestContext) => {
            counter.evaluated += 1;
            return condition.evaluate(context);
          },
        }));
        Object.assign(statement, { conditions });
      }
    }
  }
  const begin = () => searchRemedies(layers, legsOf("us"), known, (legs) => leastPrivilege(legs, "us-east-1"));

  it("takes short steps, finds what fixes all of them, and counts what it left out", () => {
    const { steps, found } = begin();
    let before = counter.evaluated;
    let longest = 0;
    for (const _ of steps) {
      longest = Math.max(longest, counter.evaluated - before);
      before = counter.evaluated;
    }
    expect(longest).toBeLessThanOrEqual(2 * 7 * 5 * 21);
    const { remedies, tested, untested } = found();
    expect(remedies[0]).toMatchObject({ verified: true, blocked: 0 });
    expect(remedies[0]?.edits).toHaveLength(35);
    expect(tested).toBe(200);
    expect(untested).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("has a result whenever it's stopped, and never counts what it didn't test", () => {
    const { steps, found } = begin();
    let taken = 0;
    let tested = 0;
    for (const _ of steps) {
      taken += 1;
      const now = found();
      expect(now.tested).toBeGreaterThanOrEqual(tested);
      tested = now.tested;
      if (tested > 2) break;
    }
    expect(taken).toBeGreaterThan(100);
    const { remedies, ...counts } = found();
    expect(counts).toEqual({ tested: 3, untested: Number.MAX_SAFE_INTEGER });
    expect(remedies).toHaveLength(3);
    expect(remedies[0]?.verified).toBe(true);
  });
});

describe("an edit is as narrow as its subject", () => {
  const deny = (rest: object) => scps(policy("Deny", { Effect: "Deny", Action: "bedrock:*", ...rest }));

  it.each([
    ["models", { NotResource: "arn:aws:bedrock:*::foundation-model/meta.*" }, ["add-not-resources true"]],
    ["a model", { Resource: "arn:aws:bedrock:*::foundation-model/anthropic.*" }, ["exempt-inference-profiles true"]],
    [
      "people",
      { Resource: "*", Condition: { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/Admin" } } },
      ["exempt-principals true"],
    ],
    ["tags", { Resource: "*", Condition: { StringNotEquals: { "aws:ResourceTag/x": "y" } } }, []],
    ["networks", { Resource: "*", Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-1" } } }, []],
    ["guardrails", { Resource: "*", Condition: { Null: { "bedrock:GuardrailIdentifier": "true" } } }, []],
  ])("%s", (_, rest, expected) => {
    const context = { "aws:SourceVpce": null, "bedrock:GuardrailIdentifier": null, "aws:ResourceTag/x": null };
    const found = search({ ...deny(rest), context } as AccessPolicies);
    expect(edits(found)).toEqual(expected);
    // Never the profiles of a whole geography.
    expect(JSON.stringify(found)).not.toContain("inference-profile/us.*");
  });

  it.each([
    `arn:aws:bedrock:us-east-1:${ACCOUNT}:provisioned-model/a1b2c3d4e5f6`,
    `arn:aws:bedrock:us-east-1:${ACCOUNT}:imported-model/a1b2c3d4e5f6`,
  ])("approving a Region for %s opens everything there", (resource) => {
    const { layers, known } = applyTo(compilePolicies(scps(REGION_DENY("us-west-2")), "policies"), PRINCIPAL);
    const legs = [{ stage: "model" as const, action: "bedrock:InvokeModel", resource, region: "us-east-1" }];
    const { steps, found } = searchRemedies(layers, legs, known, (blocked) => leastPrivilege(blocked, "us-east-1"));
    for (const _ of steps);
    const [only] = found().remedies;
    expect(only?.verified).toBe(true);
    expect(only?.opens).toEqual(
      expect.arrayContaining(["other-model", "other-service", "other-bedrock-action", "other-principal"]),
    );
  });
});

describe("policies that can't be edited", () => {
  const statement = { Effect: "Allow", Action: INVOKE, Resource: "arn:aws:bedrock:us-east-1::foundation-model/other" };
  const managed = { ...policy("Managed", statement), arn: "arn:aws:iam::aws:policy/AmazonBedrockReadOnly" };

  it("include an AWS managed policy, but not another policy of the account", () => {
    expect(search({ identity: [managed] })).toEqual([]);
    const found = search({ identity: [managed, policy("Own", statement)] });
    expect(found.length).toBeGreaterThan(0);
    expect(found.flatMap((remedy) => remedy.edits).every(({ policyIndex }) => policyIndex === 1)).toBe(true);
  });

  it("include those of AWS Control Tower", () => {
    expect(search(scps({ ...REGION_DENY("us-east-1"), name: "aws-guardrails-AbCdEf" }))).toEqual([]);
  });
});

describe("documents in the form that AWS accepts", () => {
  it("don't exceed the quota of their policy", () => {
    const regions = Array.from({ length: 9_900 / 12 }, (_, n) => `us-east-${1_000 + n}`);
    const { document } = REGION_DENY("us-east-1", ...regions) as { document: object };
    expect(JSON.stringify(document).length).toBeGreaterThan(10_240);
    expect(search(scps({ name: "Full", document }))).toEqual([]);
    const boundary = {
      name: "B",
      document: { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::${"x".repeat(5_900)}` }] },
    };
    expect(search({ identity: [FULL], boundary })).toEqual([]);
  });

  it("include two different policies with the same name", () => {
    const found = search(scps(REGION_DENY("us-east-1"), REGION_DENY("us-east-1", "us-west-2")));
    expect(found[0]).toMatchObject({ verified: true, blocked: 0 });
    expect(found[0]?.edits.map(({ policyIndex }) => policyIndex)).toEqual([1, 2]);
  });

  it("have a Principal in a statement of an endpoint policy", () => {
    const vpcEndpoint = policy("E", { Effect: "Allow", Principal: "*", Action: INVOKE, Resource: model("us-east-1") });
    const found = search({ identity: [FULL], vpcEndpoint });
    const added = found.flatMap(({ edits: all }) =>
      all.flatMap(({ change }) => ("statements" in change ? change.statements : [])),
    );
    expect(added.length).toBeGreaterThan(0);
    for (const each of added) expect(each.Principal).toBe("*");
    expect(found[0]?.opens).toContain("other-principal");
  });
});
