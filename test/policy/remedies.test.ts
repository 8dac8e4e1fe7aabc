import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuthorizationLeg } from "../../src/authorization.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { leastPrivilege } from "../../src/explain/statements.js";
import type { AccessPolicies, PolicyInput } from "../../src/policy/evaluation/layers.js";
import { applyTo, compilePolicies } from "../../src/policy/evaluation/policy-set.js";
import type { LintOptions } from "../../src/policy/lint/lint.js";
import { searchRemedies, type TriedRemedy } from "../../src/policy/remedies/search.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { MODEL, REGION_DENY } from "../cases/policies.js";
import { patched } from "../json-patch.js";
import { type NaiveDocument, type NaiveLayer, naiveVerdict } from "./naive.js";
import { ACCOUNT, CALLER, naiveRequest, requestsBeside } from "./openings.js";

/** All of them: REMEDY_RUNS=5000. */
const RUNS = Number(process.env.REMEDY_RUNS ?? 1_000);

const REGIONS = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "unspecified"];
const INVOKE = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"];
const own = (resource: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:${resource}`;
const APPLICATION = own("application-inference-profile/a1b2c3d4e5f6");
const CALLS = [
  `us.${MODEL}`,
  `us.${MODEL}`,
  `global.${MODEL}`,
  APPLICATION,
  MODEL,
  own("provisioned-model/a1b2c3d4e5f6"),
  own("custom-model-deployment/a1b2c3d4e5f6"),
  own("imported-model/a1b2c3d4e5f6"),
];

function legsOf(modelId: string): AuthorizationLeg[] {
  const geographic = knownProfile(modelId === APPLICATION ? `us.${MODEL}` : modelId, "us-east-1")?.profile;
  const profile =
    modelId === APPLICATION && geographic
      ? { ...geographic, type: "APPLICATION" as const, arn: APPLICATION }
      : geographic;
  const call = { operation: "Converse", modelId, sourceRegion: "us-east-1", accountId: ACCOUNT };
  return authorizationLegs({ ...call, ...(profile ? { profile } : {}) });
}

type Block = Record<string, Record<string, string | string[]>>;
const some = <T>(items: readonly T[]) => fc.subarray([...items], { minLength: 1 });

/** What a Deny may be about: each a block of conditions. */
const about: fc.Arbitrary<Block> = fc.oneof(
  {
    weight: 4,
    arbitrary: some(REGIONS).map((regions): Block => ({ StringNotEquals: { "aws:RequestedRegion": regions } })),
  },
  {
    weight: 2,
    arbitrary: some(REGIONS).map((regions): Block => ({ StringEquals: { "aws:RequestedRegion": regions } })),
  },
  fc.constantFrom<Block>(
    { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/Admin*" } },
    { ArnNotLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/eu.*" } },
    { StringNotEquals: { "aws:PrincipalTag/team": "ml" } },
    { StringNotEquals: { "aws:SourceVpce": "vpce-0123456789abcdef0" } },
    { Null: { "bedrock:GuardrailIdentifier": "true" } },
    { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
  ),
);
const conditions = fc
  .array(about, { minLength: 0, maxLength: 2 })
  .map((blocks) => Object.assign({}, ...blocks) as Block);
const denial = fc
  .record({
    actions: fc.constantFrom<object>(
      { Action: "*" },
      { Action: "bedrock:*" },
      { Action: INVOKE },
      { NotAction: ["iam:*", "sts:*"] },
    ),
    resources: fc.constantFrom<object>(
      { Resource: "*" },
      { Resource: "*" },
      { Resource: "arn:aws:bedrock:*::foundation-model/anthropic.*" },
      { NotResource: ["arn:aws:bedrock:*::foundation-model/meta.*", "arn:aws:bedrock:*:*:inference-profile/*"] },
      { Resource: [`arn:aws:bedrock:us-west-2::foundation-model/${MODEL}`, "arn:aws:s3:::q/*"] },
    ),
    Condition: conditions,
  })
  .map(({ actions, resources, Condition }) => ({
    Effect: "Deny",
    ...actions,
    ...resources,
    ...(Object.keys(Condition).length > 0 ? { Condition } : {}),
  }))
  .filter((statement) => "Condition" in statement || !("Resource" in statement) || statement.Resource !== "*");
const FULL_ALLOW = { Effect: "Allow", Action: "*", Resource: "*" };
const grant = fc.oneof(
  { weight: 3, arbitrary: fc.constant<object>(FULL_ALLOW) },
  some(REGIONS.slice(0, 3)).map((regions): object => ({
    Effect: "Allow",
    Action: INVOKE,
    Resource: regions.map((region) => `arn:aws:bedrock:${region}::foundation-model/${MODEL}`),
  })),
  fc.constantFrom<object>(
    { Effect: "Allow", Action: "s3:GetObject", Resource: "*" },
    {
      Effect: "Allow",
      Action: INVOKE,
      Resource: ["arn:aws:bedrock:*:*:inference-profile/*", "arn:aws:bedrock:*::foundation-model/amazon.*"],
    },
    {
      Effect: "Allow",
      Action: INVOKE,
      Resource: `arn:aws:bedrock:*::foundation-model/${MODEL}`,
      Condition: { ArnLike: { "bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*" } },
    },
  ),
);
const policy = (...Statement: object[]): PolicyInput => ({
  name: "Same",
  document: { Version: "2012-10-17", Statement },
});
const FULL = policy(FULL_ALLOW);
const regionDeny = some(REGIONS).map((regions) => REGION_DENY(...regions));
const organization = fc.record({
  modelId: fc.constantFrom(...CALLS),
  identity: fc.array(
    fc.array(grant, { minLength: 1, maxLength: 2 }).map((statements) => policy(...statements)),
    { minLength: 1, maxLength: 2 },
  ),
  levels: fc.array(
    fc
      .array(fc.oneof({ weight: 3, arbitrary: denial.map((one) => policy(one)) }, regionDeny), { maxLength: 2 })
      .map((denies) => [FULL, ...denies]),
    { maxLength: 2 },
  ),
  team: fc.constantFrom("ml", "web", null),
  guardrail: fc.constantFrom("g-1", null),
});

const documents = (list: readonly PolicyInput[], { edits }: { edits: TriedRemedy["edits"] }, level?: string) =>
  list.map(({ document }, index) =>
    edits
      .filter((edit) => edit.policyIndex === index && edit.level === level)
      .reduce<unknown>((now, { diff }) => patched(now, diff), document),
  ) as NaiveDocument[];

/** The findings of a document after some edits that it didn't have before, at the most as often. */
function newFindings(before: unknown, after: unknown, options: LintOptions): string[] {
  const brief = (document: unknown) => lintPolicy(document, options).map(({ severity, code }) => `${severity} ${code}`);
  const left = brief(before);
  return brief(after).filter((finding) => {
    const at = left.indexOf(finding);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

describe("for random policies and calls", () => {
  it(
    "verified means that every leg is allowed, and opens what it opens",
    () => {
      // Of the call: a document is also held against other calls, which an edit for this one can't serve.
      const findings = new Map<string, string>();
      const count = { denials: 0, verified: 0, likely: 0, none: 0, edits: 0, opening: 0 };
      const property = fc.property(organization, ({ modelId, identity, levels, team, guardrail }) => {
        const context = {
          "aws:PrincipalTag/team": team,
          "bedrock:GuardrailIdentifier": guardrail,
          "aws:SourceVpce": null,
          "aws:MultiFactorAuthPresent": null,
        };
        const serviceControl = levels.map((policies, at) => ({ level: `L${at}`, policies }));
        const policies: AccessPolicies = { identity, ...(levels.length > 0 ? { serviceControl } : {}) };
        const { layers, known } = applyTo(compilePolicies({ ...policies, context }, "policies"), CALLER);
        const legs = legsOf(modelId);
        const { steps, found } = searchRemedies(layers, legs, known, (blocked) => leastPrivilege(blocked, "us-east-1"));
        for (const _ of steps);
        const { remedies } = found();

        const values = Object.fromEntries(
          Object.entries(context).map(([key, value]) => [key.toLowerCase(), value === null ? null : [value]]),
        );
        const layersWith = (remedy: { edits: TriedRemedy["edits"] }) => {
          const scp = serviceControl.map(({ level, policies: list }): NaiveLayer => documents(list, remedy, level));
          return {
            scp,
            identity: [documents(identity, { edits: remedy.edits.filter(({ level }) => level === undefined) })],
          };
        };
        const before = layersWith({ edits: [] });
        const verdict = (kinds: { scp: NaiveLayer[]; identity: NaiveLayer[] }, leg: AuthorizationLeg) =>
          naiveVerdict([...kinds.scp, ...kinds.identity], naiveRequest(leg, CALLER, values));
        if (legs.every((leg) => verdict(before, leg) !== "blocked")) {
          expect(remedies).toEqual([]);
          return;
        }
        count.denials += 1;
        if (remedies.some(({ verified }) => verified)) count.verified += 1;
        else if (remedies.length > 0) count.likely += 1;
        else count.none += 1;

        const model = modelId.includes(MODEL) || modelId === APPLICATION ? MODEL : "";
        const others = requestsBeside(legs, model).map(({ leg, kinds, principal }) => ({
          kinds,
          principal,
          request: naiveRequest(leg, principal, values),
          denied: {} as Record<"scp" | "identity", boolean | undefined>,
        }));
        for (const remedy of remedies) {
          count.edits += 1;
          const after = layersWith(remedy);
          const isAllowed = legs.every((leg) => verdict(after, leg) === "allowed");
          expect(remedy.verified).toBe(isAllowed);
          for (const { policyType: type, policyIndex, level } of remedy.edits) {
            const at = serviceControl.findIndex((one) => one.level === level);
            const of = ({ scp, identity: own }: typeof after) => (at < 0 ? own[0] : scp[at])?.[policyIndex];
            for (const finding of newFindings(of(before), of(after), { type, legs })) {
              const what = remedy.edits.map(({ change }) => change.edit);
              const about = `${finding} by ${what} (${remedy.verified ? "verified" : "likely"})`;
              if (!findings.has(about)) findings.set(about, JSON.stringify([of(before), of(after)]));
            }
          }
          for (const { kinds, request, principal, denied } of others) {
            for (const kind of ["scp", "identity"] as const) {
              const isEdited = remedy.edits.some(
                ({ policyType }) => policyType.startsWith("service") === (kind === "scp"),
              );
              // An inline policy is the caller's alone.
              if (!isEdited || (kind === "identity" && principal !== CALLER)) continue;
              denied[kind] ??= naiveVerdict(before[kind], request) === "blocked";
              if (!denied[kind] || naiveVerdict(after[kind], request) === "blocked") continue;
              count.opening += 1;
              const { opens, edits } = remedy;
              if (kinds.some((each) => (opens as string[]).includes(each))) continue;
              const what = edits.map(({ change }) => change);
              throw new Error(`${JSON.stringify(what)} opens ${kinds} (${JSON.stringify(request)}), and says ${opens}`);
            }
          }
        }
      });
      fc.assert(property, { numRuns: RUNS, seed: Number(process.env.FC_SEED ?? 20_261_125) });
      expect([...findings]).toEqual([]);
      const share = (part: number) => `${Math.round((100 * part) / count.denials)} %`;
      console.info(
        `${count.denials} denials: a verified edit for ${share(count.verified)}, a likely edit for ${share(count.likely)}, none for ${share(count.none)}; ${count.edits} edits open ${count.opening} of the requests.`,
      );
      expect(count.verified).toBeGreaterThan(RUNS / 10);
    },
    60_000 + 300 * RUNS,
  );
});
