import { describe, expect, it } from "vitest";
import { type AuthorizationLeg, POLICY_TYPES, type PolicyType } from "../../src/authorization.js";
import type { BareVerdict, Conclusion, DecidingPolicy } from "../../src/diagnosis.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import type { ProposedRemedy } from "../../src/explain/proposal.js";
import { proposeRemedies } from "../../src/explain/remedy.js";
import type { ConditionReport } from "../../src/policy/evaluation/evaluate.js";
import type { LintOptions } from "../../src/policy/lint/lint.js";
import { parsePrincipal } from "../../src/principal.js";
import { REFUSAL_KINDS, type RefusalKind } from "../../src/refusal/kinds.js";
import { knownProfile } from "../../src/resolve/known-profiles.js";
import { authorizationLegs } from "../../src/resolve/legs.js";
import { INVOKE, policy, US_REGIONS } from "../cases/lint.js";
import { ACCOUNT, MODEL, REGION_DENY } from "../cases/policies.js";

// Every statement that a remedy proposes, whatever was denied: linted alone, and in a document that it is added to.

const own = (resource: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:${resource}`;
const APPLICATION = own("application-inference-profile/a1b2c3d4e5f6");

/** `copies` is the system-defined profile whose models an application inference profile has. */
const CALLS: { says: string; modelId: string; copies?: string; isUnresolved?: true }[] = [
  { says: "geographic", modelId: `us.${MODEL}` },
  { says: "global", modelId: `global.${MODEL}` },
  { says: "geographic, not looked up", modelId: `us.${MODEL}`, isUnresolved: true },
  { says: "global, not looked up", modelId: `global.${MODEL}`, isUnresolved: true },
  { says: "application", modelId: APPLICATION, copies: `us.${MODEL}` },
  { says: "application of a global profile", modelId: APPLICATION, copies: `global.${MODEL}` },
  { says: "application, not looked up", modelId: APPLICATION, isUnresolved: true },
  { says: "bare", modelId: MODEL },
  { says: "provisioned", modelId: own("provisioned-model/a1b2c3d4e5f6") },
  { says: "custom", modelId: own("custom-model-deployment/a1b2c3d4e5f6") },
  { says: "imported", modelId: own("imported-model/a1b2c3d4e5f6") },
  { says: "prompt router", modelId: own("prompt-router/a1b2c3d4e5f6") },
  { says: "marketplace endpoint", modelId: `arn:aws:sagemaker:us-east-1:${ACCOUNT}:endpoint/some-endpoint` },
  { says: "prompt", modelId: own("prompt/A1B2C3D4E5") },
];
type Call = (typeof CALLS)[number];

function legsOf({ modelId, copies = modelId, isUnresolved }: Call, operation: string): AuthorizationLeg[] {
  const found = isUnresolved ? undefined : knownProfile(copies, "us-east-1")?.profile;
  const profile = found && modelId === APPLICATION ? { ...found, type: "APPLICATION" as const, arn: modelId } : found;
  const call = { operation, modelId, sourceRegion: "us-east-1", accountId: ACCOUNT };
  return authorizationLegs({ ...call, ...(profile ? { profile } : {}) });
}

const regionCondition = (operator: string, policyValues: string[]): ConditionReport => ({
  operator,
  key: "aws:RequestedRegion",
  policyValues,
  outcome: "match",
  path: `$.Statement[0].Condition.${operator}["aws:RequestedRegion"]`,
});
/** The conditions of the denying statement, if it is known. */
const CONDITIONS: (ConditionReport[] | undefined)[] = [
  undefined,
  [regionCondition("StringNotEquals", ["us-east-1"])],
  [regionCondition("StringNotEquals", ["us-east-1", "unspecified"])],
  [
    regionCondition("StringNotEquals", ["us-east-1"]),
    { ...regionCondition("ArnNotLike", ["arn:aws:iam::*:role/Admin"]), key: "aws:PrincipalArn" },
    {
      ...regionCondition("ArnNotLike", ["arn:aws:bedrock:*:*:inference-profile/eu.*"]),
      key: "bedrock:InferenceProfileArn",
    },
  ],
  [regionCondition("StringEquals", ["us-west-2", "unspecified"])],
];

const POLICIES: Pick<DecidingPolicy, "arn" | "name">[] = [
  {},
  { name: "Own" },
  { name: "aws-guardrails-AbCdEf" },
  { arn: "arn:aws:iam::aws:policy/SomeManagedPolicy" },
];

/** What is denied where it isn't an invocation. */
const OTHER_ACTIONS: Partial<Record<RefusalKind, [action: string, resource?: string]>> = {
  "bearer-token-denied": ["bedrock:CallWithBearerToken"],
  "kms-denied": ["kms:Decrypt", `arn:aws:kms:us-east-1:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`],
  "guardrail-denied": ["bedrock:ApplyGuardrail", own("guardrail/a1b2c3d4e5f6")],
};

const PRINCIPAL = parsePrincipal(`arn:aws:iam::${ACCOUNT}:role/App`);

interface Case {
  kind: RefusalKind;
  call: Call;
  operation: string;
  legs: readonly AuthorizationLeg[];
  policyType: PolicyType | undefined;
  denyKind: "explicit" | "implicit" | undefined;
  blocked: readonly number[];
}

function conclusionOf(
  { kind, call, operation, legs, policyType, denyKind, blocked }: Case,
  known: Pick<BareVerdict, "conditions" | "decidedBy">,
  named: Pick<DecidingPolicy, "arn" | "name">,
): Conclusion {
  const [action = legs[0]?.action, resource] = OTHER_ACTIONS[kind] ?? [];
  const decided = policyType && { type: policyType, ...(denyKind ? { denyKind } : {}), ...named };
  const verdicts = legs.map(
    (leg, index): BareVerdict =>
      blocked.includes(index)
        ? { leg, verdict: "blocked", evidence: ["message"], ...known }
        : { leg, verdict: "unknown", evidence: [] },
  );
  return {
    kind,
    refusal: { raw: "AWS's message", kind, ...(resource ? { resource } : {}) },
    operation,
    ...(action ? { action } : {}),
    modelId: call.modelId,
    sourceRegion: "us-east-1",
    blockedRegions: verdicts.filter(({ verdict }) => verdict === "blocked").map(({ leg }) => leg.region),
    principal: PRINCIPAL,
    ...(decided ? { policy: decided } : {}),
    legs: verdicts,
    legsComplete: !call.isUnresolved,
    leftOut: [],
    alternatives: [],
    evidence: [],
    confidence: "certain",
    complete: true,
  };
}

function* conclusions(call: Call): Generator<Conclusion> {
  for (const kind of REFUSAL_KINDS) {
    // The others don't depend on the statement that denies, or on whose policy it is.
    const isByPolicies = kind === "iam-denied";
    for (const operation of ["Converse", "ConverseStream"]) {
      const legs = legsOf(call, operation);
      const single = [...legs.keys()].map((index) => [index]);
      const blocks = [[...legs.keys()], ...single, ...(legs.length > 2 ? [[1, legs.length - 1]] : []), []];
      for (const policyType of [undefined, ...POLICY_TYPES]) {
        for (const denyKind of policyType ? (["explicit", "implicit", undefined] as const) : [undefined]) {
          for (const blocked of blocks) {
            for (const conditions of isByPolicies && denyKind !== "implicit" ? CONDITIONS : [undefined]) {
              for (const policy of isByPolicies ? POLICIES : [{}]) {
                const decided = policyType && {
                  policyType,
                  policyName: "P",
                  statementIndex: 0,
                  path: "$.Statement[0]",
                };
                const known = conditions ? { conditions, ...(decided ? { decidedBy: decided } : {}) } : {};
                yield conclusionOf({ kind, call, operation, legs, policyType, denyKind, blocked }, known, policy);
              }
            }
          }
        }
      }
    }
  }
}

const EVERYONE = { Principal: "*" };
const needsPrincipal = (type: PolicyType) => type === "vpc-endpoint-policy" || type === "resource-based-policy";
/** Documents of the kinds that statements are added to. */
function documentsFor(type: PolicyType, statements: readonly object[]): object[][] {
  const isDeny = JSON.stringify(statements).includes('"Deny"');
  if (isDeny) {
    const { NotAction, ...rest } = (REGION_DENY("us-east-1").document as { Statement: [{ NotAction: string[] }] })
      .Statement[0];
    const exempt = { ...rest, NotAction: [...NotAction, ...INVOKE, "bedrock:CreateModelInvocationJob"] };
    const everything = { Effect: "Allow", Action: "*", Resource: "*" };
    return [[exempt], [everything, exempt], [{ Effect: "Deny", Action: "s3:DeleteBucket", Resource: "*" }]];
  }
  const who = needsPrincipal(type) ? EVERYONE : {};
  const allow = (Action: string | string[], Resource: string | string[]) => [
    { Effect: "Allow", ...who, Action, Resource },
  ];
  return [
    allow("s3:GetObject", "arn:aws:s3:::some-bucket/*"),
    allow(["iam:*", "s3:*"], "*"),
    allow(
      INVOKE,
      ["us-east-1", "us-east-2"].map((region) => `arn:aws:bedrock:${region}::foundation-model/*`),
    ),
    allow(INVOKE, [own("inference-profile/us.amazon.*"), "arn:aws:bedrock:*::foundation-model/amazon.*"]),
  ];
}

/** Most cases come to the same documents. */
const linted = new Map<string, string[]>();
function brief(document: unknown, options: LintOptions): string[] {
  const key = JSON.stringify([document, options]);
  const found =
    linted.get(key) ??
    lintPolicy(document, options).map(({ severity, code, problem = "" }) => `${severity} ${code} ${problem}`.trim());
  linted.set(key, found);
  return found;
}

/** What a document has that another one doesn't have as often. */
function added(before: string[], after: string[]): string[] {
  const left = [...before];
  return after.filter((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The policy text of a remedy: each document that it can lead to, with the document before. */
function documentsOf({ policy: change }: ProposedRemedy): { type: PolicyType; before: unknown; after: unknown }[] {
  if (change === undefined) return [];
  const { policyType: type, statements = [], condition } = change;
  if (condition) {
    const denies = [
      ["us-east-1"],
      ["us-east-1", "unspecified"],
      ["us-east-1", "us-east-2"],
      [...US_REGIONS, "unspecified"],
    ].map((regions) => (REGION_DENY(...regions).document as { Statement: [{ Condition: object }] }).Statement[0]);
    return denies.flatMap((deny) => {
      const { ArnNotLike, ...others } = deny.Condition as Record<string, object>;
      const exempting = { ...ArnNotLike, ...condition.ArnNotLike };
      return [
        { type, before: policy(deny), after: policy({ ...deny, Condition: { ...others, ArnNotLike: exempting } }) },
      ];
    });
  }
  const alone = { type, before: policy(), after: policy(...statements) };
  const inDocuments = documentsFor(type, statements).map((existing) => ({
    type,
    before: policy(...existing),
    after: policy(...existing, ...statements),
  }));
  return statements.length > 0 ? [alone, ...inDocuments] : [];
}

const APPLICATIONS = "info application-profiles-not-exempt";
const isEmpty = (document: unknown) => (document as { Statement: object[] }).Statement.length === 0;
const findingsOf = (before: unknown, after: unknown, options: LintOptions) =>
  added(isEmpty(before) ? [] : brief(before, options), brief(after, options));

describe("lintPolicy has no finding in what a remedy proposes", () => {
  it.each(CALLS)("$says", (call) => {
    const found = new Set<string>();
    const seen = new Set<string>();
    for (const conclusion of conclusions(call)) {
      for (const remedy of proposeRemedies(conclusion)) {
        const legs = conclusion.legs.map(({ leg }) => leg);
        // Most cases come to the same.
        const key = JSON.stringify([remedy.code, remedy.policy, legs[0]?.action]);
        if (remedy.policy === undefined || seen.has(key)) continue;
        seen.add(key);
        const { policyType, statements = [] } = remedy.policy;
        for (const statement of statements) expect("Principal" in statement).toBe(needsPrincipal(policyType));
        for (const { type, before, after } of documentsOf(remedy)) {
          const wherever = `in ${type} by ${remedy.code}: ${JSON.stringify(after)}`;
          for (const finding of findingsOf(before, after, { type, legs })) found.add(`${finding} ${wherever}`);
          for (const finding of findingsOf(before, after, { type })) {
            // Without the call, other calls count, too.
            const isOfOthers = finding === APPLICATIONS && JSON.stringify(after).includes('"unspecified"');
            if (!isOfOthers) found.add(`${finding} without legs ${wherever}`);
          }
        }
      }
    }
    expect([...found].sort()).toEqual([]);
    expect(seen.size).toBeGreaterThan(15);
  });
});
