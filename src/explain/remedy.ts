import type { Conclusion, Confidence, DecidingPolicy } from "../diagnose/evidence.js";
import type { PolicyStatement } from "../policy/edit.js";
import type { ConditionReport } from "../policy/evaluate.js";
import type { Opening } from "../policy/guards.js";
import { applyTo, type CompiledKnowledge } from "../policy/knowledge.js";
import { type Pace, takeSteps } from "../policy/pace.js";
import { foreignOwnerOf } from "../policy/quotas.js";
import { type PlacedEdit, searchRemedies, type TriedRemedy } from "../policy/search.js";
import type { PolicyType, RefusalKind } from "../refusal/kinds.js";
import type { AuthorizationLeg, LegStage } from "../resolve/legs.js";
import { type Decider, decidersOf, isOfAnotherAction, OWNER } from "./deciders.js";
import { type ConditionCode, decidingConditions } from "./deciding-conditions.js";
import type { PolicyChange, RemedyActor, RemedyBreadth, UnfinishedSearch } from "./diagnosis.js";
import { allowAction, leastPrivilege, profileExemption, reDenyInvoke } from "./statements.js";

/** Remedies that exist only as edits of policies at hand. */
export type EditCode = "narrow-region-deny-list" | "edit-several-policies" | "exempt-profile-and-approve-source";

export type RemedyCode =
  | EditCode
  | ConditionCode
  | "exempt-in-control-tower"
  | "replace-aws-managed-policy"
  | "use-geographic-profile"
  | "use-approved-source-region"
  | "exempt-inference-profiles"
  | "carve-out-and-re-deny"
  | "approve-regions"
  | "approve-unspecified"
  | "allow-at-every-scp-level"
  | "allow-in-policy"
  | "change-denying-policy"
  | "rotate-compromised-key"
  | "use-own-account-profile"
  | "find-the-policy"
  | "allow-the-action"
  | "enable-model-access"
  | "subscribe-once"
  | "wait-for-subscription"
  | "add-payment-instrument"
  | "submit-use-case-form"
  | "use-another-model"
  | "call-through-profile"
  | "correct-model-id"
  | "fix-credentials"
  | "refresh-credentials"
  | "contact-support"
  | "ask-reseller"
  | "look-in-cloudtrail";

/** A remedy before its words: which, for whom, how broad, with what policy text. */
export interface ProposedRemedy {
  code: RemedyCode;
  who: RemedyActor;
  breadth: RemedyBreadth;
  confidence: Confidence;
  policy?: PolicyChange;
  /** The condition that it is about. */
  condition?: ConditionReport;
  edits?: PlacedEdit[];
  opens?: Opening[];
  verified?: boolean;
  /** The policy that it mends, and a resource that this one blocks; by default those of the refusal. */
  about?: { policy: DecidingPolicy; resource?: string | undefined };
}

/** What was tested on the provided policies. */
export interface TriedRemedies {
  tried: ProposedRemedy[];
  /** Present if not everything was tested. */
  search?: UnfinishedSearch;
}

const BREADTH: readonly RemedyBreadth[] = ["nothing", "this-profile", "geography", "regions", "account"];

/** What would mend the refusal, least opened first. Every proposal follows from the refusal's kind, policy type and leg. */
export function proposeRemedies(conclusion: Conclusion): ProposedRemedy[] {
  const proposals = BY_KIND[conclusion.kind](conclusion);
  return proposals.sort((a, b) => BREADTH.indexOf(a.breadth) - BREADTH.indexOf(b.breadth));
}

/**
 * The edits of the policies at hand that were tried out, best first. `verified` claims that the call will be allowed: so it
 * needs every leg to be known, and policies that explain AWS's refusal.
 */
export async function triedRemedies(
  conclusion: Conclusion,
  policies: CompiledKnowledge,
  pace: Pace,
): Promise<TriedRemedies> {
  if (conclusion.kind !== "iam-denied") return { tried: [] };
  const isExplained = conclusion.evidence.some(({ finding }) => finding.code === "policies-evaluated");
  const isOfLegs =
    conclusion.refusal.raw === "" || conclusion.legs.some(({ evidence }) => evidence.includes("message"));
  if (!isExplained || !isOfLegs) return { tried: [] };
  const { layers, known } = applyTo(policies, conclusion.principal?.arn);
  const legs = conclusion.legs.map(({ leg }) => leg);
  // Another source expects a block that these policies do not show: mending them might not be enough.
  const isDisputed = conclusion.legs.some(
    ({ contradictedBy, likely }) => contradictedBy ?? likely?.verdict === "blocked",
  );
  // What other sources alone show to be blocked is not mended by changing these.
  const isAllShown = conclusion.legs.every(
    ({ verdict, evidence }) =>
      verdict !== "blocked" || evidence.includes("policies") || evidence.includes("organization"),
  );
  // AWS identified a policy that none of the provided ones is known to be: that one isn't tested.
  const { policyArn } = conclusion.refusal;
  const isIdentified =
    policyArn === undefined || policies.layers.some((layer) => layer.policies.some(({ arn }) => arn === policyArn));
  const statements = (some: readonly AuthorizationLeg[]) => leastPrivilege(some, conclusion.sourceRegion);
  const { steps, found } = searchRemedies(layers, legs, known, statements);
  const isFinished = await takeSteps(steps, pace);
  const { remedies, tested, untested } = found();
  const proposals = remedies.map((tried): ProposedRemedy => {
    const verified = tried.verified && conclusion.legsComplete && !isDisputed && isIdentified;
    const { edits, opens } = tried;
    const confidence = verified ? "certain" : isAllShown ? "likely" : "possible";
    const [only, ...others] = new Set(edits.map(({ policyType }) => policyType));
    const about = only !== undefined && others.length === 0 ? { about: { policy: { type: only } } } : {};
    const how = { code: codeOf(edits), who: ownerOf(edits), breadth: breadthOf(tried) };
    return { ...how, confidence, edits, opens, verified, ...about };
  });
  if (isFinished && untested === 0) return { tried: proposals };
  return { tried: proposals, search: { tested, ...(untested > 0 ? { untested } : {}) } };
}

const EDIT_CODES: Record<PlacedEdit["change"]["edit"], RemedyCode> = {
  "exempt-inference-profiles": "exempt-inference-profiles",
  "carve-out-and-re-deny": "carve-out-and-re-deny",
  "add-regions": "approve-regions",
  "remove-regions": "narrow-region-deny-list",
  "add-statements": "allow-in-policy",
  "add-resources": "allow-in-policy",
  "add-not-resources": "approve-model",
  "exempt-principals": "exempt-principal",
};

function codeOf(edits: readonly PlacedEdit[]): RemedyCode {
  const codes = new Set(
    edits.map(({ change, policyType }): RemedyCode => {
      if (change.edit === "add-regions" && change.regions.every((region) => region === "unspecified")) {
        return "approve-unspecified";
      }
      const code = EDIT_CODES[change.edit];
      return code === "allow-in-policy" && policyType === "service-control-policy" ? "allow-at-every-scp-level" : code;
    }),
  );
  const [only = "edit-several-policies"] = codes;
  const isMixed = codes.size === 2 && codes.has("exempt-inference-profiles") && codes.has("approve-regions");
  if (isMixed) return "exempt-profile-and-approve-source";
  return codes.size === 1 ? only : "edit-several-policies";
}

/** Who has to be asked: whoever owns the policy that fewest can change. */
function ownerOf(edits: readonly PlacedEdit[]): RemedyActor {
  const owners = edits.map(({ policyType }) => OWNER[policyType]);
  const order: RemedyActor[] = ["organization-administrator", "account-administrator", "application-developer"];
  return order.find((owner) => owners.includes(owner)) ?? "account-administrator";
}

function breadthOf({ edits, opens }: TriedRemedy): RemedyBreadth {
  const widest = edits.map(({ change }): RemedyBreadth => {
    switch (change.edit) {
      case "add-regions":
      case "remove-regions":
      case "exempt-principals":
        return "regions";
      case "exempt-inference-profiles":
      case "carve-out-and-re-deny":
        return change.pattern.endsWith(".*") ? "geography" : "this-profile";
      case "add-statements":
        return "this-profile";
      default:
        return opens.some((what) => what !== "other-principal") ? "geography" : "this-profile";
    }
  });
  return BREADTH.findLast((breadth) => widest.includes(breadth)) ?? "this-profile";
}

type Propose = (conclusion: Conclusion) => ProposedRemedy[];

const one =
  (code: RemedyCode, who: RemedyActor, confidence: Confidence = "likely"): Propose =>
  () => [{ code, who, breadth: "nothing", confidence }];

const BY_KIND: Record<RefusalKind, Propose> = {
  "iam-denied": (conclusion) => (isOfAnotherAction(conclusion) ? otherAction(conclusion) : byPolicies(conclusion)),
  "bearer-token-denied": (conclusion) => otherAction(conclusion),
  "kms-denied": (conclusion) => otherAction(conclusion),
  "guardrail-denied": (conclusion) => otherAction(conclusion),
  "model-access-not-granted": one("enable-model-access", "account-administrator"),
  "marketplace-permission": one("subscribe-once", "account-administrator"),
  "marketplace-pending": one("wait-for-subscription", "application-developer"),
  "marketplace-payment": one("add-payment-instrument", "account-administrator"),
  "use-case-form": one("submit-use-case-form", "account-administrator"),
  "legacy-or-eol-model": one("use-another-model", "application-developer"),
  "on-demand-unsupported": one("call-through-profile", "application-developer"),
  "invalid-model-id": one("correct-model-id", "application-developer"),
  "bad-credentials": one("fix-credentials", "application-developer"),
  "expired-credentials": one("refresh-credentials", "application-developer"),
  "account-not-authorized": one("contact-support", "account-administrator", "possible"),
  "unsupported-country": one("use-another-model", "application-developer"),
  "channel-program": one("ask-reseller", "account-administrator"),
  unknown: one("look-in-cloudtrail", "application-developer", "possible"),
};

/** What mends each policy that blocks a leg. Where there are more, none of it is enough by itself. */
function byPolicies(conclusion: Conclusion): ProposedRemedy[] {
  const deciders = decidersOf(conclusion);
  const all = deciders.flatMap((decider) => {
    const { policy, blocked } = decider;
    const about = policy ? { about: { policy, resource: blocked[0]?.leg.resource } } : {};
    return byPolicy(conclusion, decider).map((proposal) => ({ ...proposal, ...about }));
  });
  const proposals = [...new Map(all.map((each) => [`${each.code} ${each.policy?.policyType}`, each])).values()];
  return deciders.length === 1 ? proposals : proposals.map((each) => ({ ...each, confidence: "possible" }));
}

function byPolicy(conclusion: Conclusion, { policy, blocked }: Decider): ProposedRemedy[] {
  if (policy === undefined) return [withStatements("find-the-policy", "identity-based-policy", conclusion, "possible")];
  if (policy.arn?.includes("AWSCompromisedKeyQuarantine")) {
    return [{ code: "rotate-compromised-key", who: "account-administrator", breadth: "nothing", confidence: "likely" }];
  }
  const owner = policy.denyKind === "implicit" ? undefined : foreignOwnerOf(policy.type, policy);
  const conditions = policy.denyKind === "implicit" ? [] : decidingConditions(blocked, policy.type);
  const byCondition = conditions.map(({ code, who, condition }): ProposedRemedy => {
    const breadth = who === "application-developer" ? "nothing" : "this-profile";
    return { code, who, breadth, confidence: "likely", ...(condition ? { condition } : {}) };
  });
  if (owner === "aws")
    return [...byCondition.filter(({ who }) => who !== OWNER[policy.type]), replaceManaged(policy.type)];
  if (policy.type === "service-control-policy") {
    if (policy.denyKind === "implicit") return [withStatements("allow-at-every-scp-level", policy.type, conclusion)];
    if (conditions.length > 0) return byCondition;
    if (owner === "control-tower") return inControlTower(conclusion);
    const stage = blocked[0]?.leg.stage;
    return stage === undefined ? [changeDenying(policy.type)] : AGAINST_REGION_DENY[stage](conclusion);
  }
  if (policy.denyKind === "explicit" || policy.type === "resource-control-policy") {
    return [...byCondition, changeDenying(policy.type)];
  }
  if (policy.type === "resource-based-policy") {
    return [
      { code: "use-own-account-profile", who: "application-developer", breadth: "nothing", confidence: "possible" },
    ];
  }
  return [withStatements("allow-in-policy", policy.type, conclusion)];
}

/** What helps against an explicit deny in a service control policy, by the leg that it hit. */
const AGAINST_REGION_DENY: Record<LegStage, Propose> = {
  "destination-model": (conclusion) => [...exemptions(conclusion, "geography"), inOrganization("approve-regions")],
  "global-model": (conclusion) => [
    ...(conclusion.alternatives.length > 0 ? one("use-geographic-profile", "application-developer")(conclusion) : []),
    ...exemptions(conclusion, "regions"),
    inOrganization("approve-unspecified"),
  ],
  // The source Region itself is denied: exempting routed calls would not help, since the profile is evaluated there too.
  "source-model": (conclusion) => atSource(conclusion),
  profile: (conclusion) => atSource(conclusion),
  model: (conclusion) => atSource(conclusion),
};

const atSource: Propose = (conclusion) => [
  ...one("use-approved-source-region", "application-developer", "possible")(conclusion),
  inOrganization("approve-regions"),
];

function exemptions(conclusion: Conclusion, breadth: RemedyBreadth): ProposedRemedy[] {
  const condition = profileExemption(conclusion);
  const statement = reDenyInvoke(conclusion);
  if (condition === undefined || statement === undefined) return [];
  const policyType = "service-control-policy";
  const remedy = { who: OWNER[policyType], breadth, confidence: "likely" } as const;
  return [
    { ...remedy, code: "exempt-inference-profiles", policy: { policyType, change: "add-condition", condition } },
    {
      ...remedy,
      code: "carve-out-and-re-deny",
      policy: { policyType, change: "add-statements", statements: [statement] },
    },
  ];
}

/** An AWS managed policy is AWS's: it can be detached, and another one attached in its place. */
const replaceManaged = (type: PolicyType): ProposedRemedy => ({
  code: "replace-aws-managed-policy",
  who: OWNER[type],
  breadth: "this-profile",
  confidence: "likely",
});

/** AWS Control Tower's own policy changes with its control's parameters only; the rest is denied again beside it. */
function inControlTower(conclusion: Conclusion): ProposedRemedy[] {
  const statement = reDenyInvoke(conclusion);
  const who = OWNER["service-control-policy"];
  const govern: ProposedRemedy = { code: "approve-regions", who, breadth: "regions", confidence: "likely" };
  if (statement === undefined) return [govern];
  const policy: PolicyChange = {
    policyType: "service-control-policy",
    change: "add-statements",
    statements: [statement],
  };
  return [{ code: "exempt-in-control-tower", who, breadth: "geography", confidence: "likely", policy }, govern];
}

const inOrganization = (code: RemedyCode): ProposedRemedy => ({
  code,
  who: "organization-administrator",
  breadth: "regions",
  confidence: "likely",
});

const changeDenying = (type: PolicyType): ProposedRemedy => ({
  code: "change-denying-policy",
  who: OWNER[type],
  breadth: "this-profile",
  confidence: "likely",
});

function withStatements(
  code: RemedyCode,
  policyType: PolicyType,
  conclusion: Conclusion,
  confidence: Confidence = "likely",
): ProposedRemedy {
  const needsPrincipal = policyType === "vpc-endpoint-policy" || policyType === "resource-based-policy";
  const statements = leastPrivilege(
    conclusion.legs.map(({ leg }) => leg),
    conclusion.sourceRegion,
  ).map((statement) => (needsPrincipal ? { ...statement, Principal: "*" } : statement));
  return {
    code,
    who: OWNER[policyType],
    breadth: "this-profile",
    confidence,
    ...(statements.length > 0 ? { policy: { policyType, change: "add-statements", statements } } : {}),
  };
}

/** Refusals of an action that invokes no model: the bearer token, a KMS key, a guardrail. */
function otherAction({ action, refusal, policy, principal }: Conclusion): ProposedRemedy[] {
  const type = policy?.type ?? "identity-based-policy";
  if (action === undefined || type === "service-control-policy" || policy?.denyKind === "explicit") {
    return [changeDenying(type)];
  }
  const allowed = allowAction(action, refusal.resource ?? "*");
  const statement =
    type === "vpc-endpoint-policy" || type === "resource-based-policy" ? withPrincipal(allowed, principal) : allowed;
  return [
    {
      code: "allow-the-action",
      who: OWNER[type],
      breadth: "this-profile",
      confidence: "likely",
      policy: { policyType: type, change: "add-statements", statements: [statement] },
    },
  ];
}

/** Policies on a resource name who may use it (IAM User Guide, "AWS JSON policy elements: Principal"). */
const withPrincipal = (statement: PolicyStatement, principal: Conclusion["principal"]): PolicyStatement => ({
  ...statement,
  Principal: principal?.accountId === undefined ? "*" : { AWS: `arn:aws:iam::${principal.accountId}:root` },
});
