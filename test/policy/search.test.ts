import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastPrivilege } from "../../src/explain/statements.js";
import type { RequestContext } from "../../src/policy/context.js";
import { applyTo, compileKnowledge } from "../../src/policy/knowledge.js";
import type { AccessPolicies, PolicyInput } from "../../src/policy/layers.js";
import { searchRemedies, type TriedRemedy } from "../../src/policy/search.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { type AuthorizationLeg, authorizationLegs } from "../../src/resolve/legs.js";
import { ACCOUNT, FULL, MODEL, REGION_DENY } from "../cases/policies.js";
import { patched } from "../json-patch.js";
import { type NaiveDocument, type NaiveLayer, naiveVerdict } from "./naive.js";

const PRINCIPAL = `arn:aws:iam::${ACCOUNT}:role/App`;
const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "unspecified"];
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
  const { layers, known } = applyTo(compileKnowledge(policies, "policies"), PRINCIPAL);
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
  it("prefers the exemption to opening Regions, and says what that would open", () => {
    const found = search(scps(REGION_DENY("us-east-1")));
    expect(edits(found)).toEqual(["exempt-inference-profiles true", "carve-out-and-re-deny true", "add-regions false"]);
    expect(found[2]?.opens).toEqual(expect.arrayContaining(["direct-call", "other-service", "other-geography"]));
    expect(found[0]?.edits[0]?.diff).toEqual([
      {
        op: "add",
        path: "/Statement/0/Condition/ArnNotLike/bedrock:InferenceProfileArn",
        value: "arn:aws:bedrock:*:*:inference-profile/us.*",
      },
    ]);
  });

  it("mends two policies that block at once, together", () => {
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

  it("mends several levels of the organization", () => {
    const level = (name: string) => ({
      level: name,
      policies: [FULL, { ...REGION_DENY("us-east-1"), name: `Deny${name}` }],
    });
    const [best] = search({ identity: [FULL], serviceControl: [level("Root"), level("Ou")] });
    expect(best?.edits.map(({ level: at }) => at)).toEqual(["Root", "Ou"]);
    expect(best?.verified).toBe(true);
  });

  it("takes a destination out of a deny-list, but says that it opens the Region", () => {
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
    expect(edits(found)).toEqual(["exempt-inference-profiles true", "remove-regions false"]);
  });

  it("does not exempt where the profile itself is denied: the key is absent there", () => {
    const found = search(scps(REGION_DENY("us-west-2")));
    expect(
      found.every((remedy) => !remedy.edits.some(({ change }) => change.edit === "exempt-inference-profiles")),
    ).toBe(true);
    expect(found.every(({ verified }) => !verified)).toBe(true);
  });

  it('opens global routing by "unspecified" or by the profile, as AWS says', () => {
    expect(edits(search(scps(REGION_DENY("us-east-1")), "global"))).toEqual([
      "exempt-inference-profiles true",
      "carve-out-and-re-deny true",
      "add-regions true",
    ]);
  });

  it("claims nothing where the identity-based policies are not known", () => {
    const { serviceControl = [] } = scps(REGION_DENY("us-east-1"));
    const [best] = search({ serviceControl });
    expect(best).toMatchObject({ verified: false, blocked: 0, unknown: 4 });
  });

  it("finds nothing where nothing blocks, or what blocks cannot be mended by an edit", () => {
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
  const { layers, known } = applyTo(compileKnowledge(largeOrganization(), "policies"), PRINCIPAL);
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
    expect(untested).toBe(2 ** 35 - 200);
  });

  it("has something to show whenever it is stopped, and never counts what it did not test", () => {
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
    expect(counts).toEqual({ tested: 3, untested: 2 ** 35 - 3 });
    expect(remedies).toHaveLength(3);
    expect(remedies[0]?.verified).toBe(true);
  });
});

const some = <T>(items: readonly T[]) => fc.subarray([...items], { minLength: 1 });
const denial: fc.Arbitrary<object> = fc.oneof(
  some(REGIONS).map((regions) => (REGION_DENY(...regions).document as { Statement: object[] }).Statement[0] as object),
  some(REGIONS).map((regions) => ({
    Effect: "Deny",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": regions } },
  })),
  some(REGIONS).map((regions) => ({ Effect: "Deny", Action: INVOKE, Resource: regions.map(model) })),
  some(REGIONS).map((regions) => ({
    Effect: "Deny",
    NotAction: "s3:*",
    Resource: "*",
    Condition: {
      StringNotEquals: { "aws:RequestedRegion": regions },
      ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*" },
    },
  })),
);
const grant: fc.Arbitrary<object> = fc.oneof(
  fc.constant({ Effect: "Allow", Action: "*", Resource: "*" }),
  some([profileArn("us"), profileArn("global"), ...REGIONS.map(model)]).map((Resource) => ({
    Effect: "Allow",
    Action: INVOKE,
    Resource,
  })),
  some(REGIONS).map((regions) => ({
    Effect: "Allow",
    Action: "bedrock:*",
    Resource: "*",
    Condition: { StringEquals: { "aws:RequestedRegion": regions } },
  })),
);
const withDenials = fc
  .array(denial, { maxLength: 2 })
  .map((statements) => (statements.length > 0 ? [FULL, policy("Denials", ...statements)] : [FULL]));
const organization = fc.record({
  identity: fc.array(grant, { minLength: 1, maxLength: 2 }).map((statements) => [policy("Identity", ...statements)]),
  levels: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: withDenials },
      grant.map((statement) => [policy("Only", statement)]),
    ),
    { maxLength: 3 },
  ),
  boundary: fc.option(
    grant.map((statement) => policy("Boundary", statement)),
    { nil: undefined, freq: 4 },
  ),
  prefix: fc.constantFrom("us", "us", "global"),
});

/** What has to stay denied by whatever kind of policy denies it now: a list of its own. */
const GUARDS = (prefix: string): AuthorizationLeg[] =>
  ["us-east-2", "us-west-2", "eu-west-1", "sa-east-1"].flatMap((region) => [
    { stage: "model", action: "bedrock:InvokeModel", resource: model(region), region },
    {
      stage: "model",
      action: "bedrock:InvokeModel",
      resource: model(region),
      region,
      inferenceProfileArn: profileArn("eu"),
    },
    { stage: "profile", action: "bedrock:InvokeModel", resource: profileArn(prefix, region), region },
    {
      stage: "model",
      action: "bedrock:InvokeAgent",
      resource: `arn:aws:bedrock:${region}:${ACCOUNT}:agent-alias/a/b`,
      region,
    },
    { stage: "model", action: "ec2:RunInstances", resource: `arn:aws:ec2:${region}:${ACCOUNT}:instance/*`, region },
    ...(prefix === "us"
      ? [
          {
            stage: "model" as const,
            action: "bedrock:InvokeModel",
            resource: model("unspecified"),
            region: "unspecified",
            inferenceProfileArn: profileArn("global"),
          },
        ]
      : []),
  ]);

const naively = (layers: NaiveLayer[], leg: AuthorizationLeg) =>
  naiveVerdict(layers, {
    action: leg.action,
    resource: leg.resource,
    context: {
      "aws:requestedregion": [leg.region],
      "aws:principalarn": [PRINCIPAL],
      "bedrock:inferenceprofilearn": leg.inferenceProfileArn === undefined ? null : [leg.inferenceProfileArn],
    },
  });

describe("for random organizations", () => {
  it("a verified remedy leaves no leg blocked and lets no guard request through", () => {
    let verified = 0;
    const property = fc.property(organization, ({ identity, levels, boundary, prefix }) => {
      const policies: AccessPolicies = {
        identity,
        ...(levels.length > 0
          ? { serviceControl: levels.map((list, at) => ({ level: `L${at}`, policies: list })) }
          : {}),
        ...(boundary ? { boundary } : {}),
      };
      for (const remedy of search(policies, prefix).filter((tried) => tried.verified)) {
        verified += 1;
        const documentsOf = (list: PolicyInput[], level?: string): NaiveDocument[] =>
          list.map(({ name, document }) => {
            const own = remedy.edits.filter((edit) => edit.policyName === name && edit.level === level);
            return own.reduce<unknown>((now, { diff }) => patched(now, diff), document) as NaiveDocument;
          });
        const before = {
          scp: levels.map((list) => list.map(({ document }) => document as NaiveDocument)),
          identity: [identity.map(({ document }) => document as NaiveDocument)],
        };
        const after = { scp: levels.map((list, at) => documentsOf(list, `L${at}`)), identity: [documentsOf(identity)] };
        const boundaryAfter = boundary ? [documentsOf([boundary])] : [];
        for (const leg of legsOf(prefix))
          expect(naively([...after.scp, ...after.identity, ...boundaryAfter], leg)).toBe("allowed");
        for (const guard of GUARDS(prefix)) {
          for (const kind of ["scp", "identity"] as const) {
            if (naively(before[kind], guard) === "blocked") expect(naively(after[kind], guard)).toBe("blocked");
          }
        }
      }
    });
    fc.assert(property, { numRuns: 1_500, seed: Number(process.env.FC_SEED ?? 20_261_124) });
    expect(verified).toBeGreaterThan(200);
  }, 120_000);
});
