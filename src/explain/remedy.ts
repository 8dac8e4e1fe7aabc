import { lastSegment, UNSPECIFIED_REGION } from "../arn.js";
import { isModelLeg, type LegStage, type PolicyType, specifiesPrincipals } from "../authorization.js";
import type { Conclusion, Confidence, Finding, PolicyChange, RemedyActor, RemedyBreadth } from "../diagnosis.js";
import type { PolicyLayer } from "../policy/evaluation/layers.js";
import type { PolicyStatement } from "../policy/remedies/edit.js";
import { foreignOwnerOf } from "../policy/remedies/quotas.js";
import type { RefusalKind } from "../refusal/kinds.js";
import { isModelOnly, isOfAnotherAction, isQuarantine } from "./deciders.js";
import { decidingConditions, isAboutAnotherResource, unmetConditions } from "./deciding-conditions.js";
import { type Decider, decidersOf } from "./deciding-policies.js";
import { findingIn } from "./finding-in.js";
import { generalProposals, type PolicyKind } from "./general-proposals.js";
import { deniedGuardrail } from "./guardrail.js";
import { OWNER } from "./owner.js";
import { BREADTH, type ProposedRemedy, type RemedyCode } from "./proposal.js";
import { allowAction, leastPrivilege, profileExemption, reDenyInvoke } from "./statements.js";

/**
 * Returns what would fix the denial. The first remedy allows least in addition to the call. Every proposal follows from
 * AWS's sentence, or from the policy type and the leg.
 */
export function proposeRemedies(conclusion: Conclusion): ProposedRemedy[] {
  const has = (code: Finding["code"]) => findingIn(conclusion.evidence, code) !== undefined;
  // The operation doesn't take the call's inference profile. That is the reason, whatever was denied.
  if (has("takes-foundation-models-only")) return one("call-foundation-model", "application-developer")(conclusion);
  const ofPrompt = has("prompt-selects-profile") ? one("look-up-prompt", "application-developer")(conclusion) : [];
  const { kind } = conclusion;
  const general = isPolicyKind(kind) ? BY_POLICY[kind](conclusion) : generalProposals(kind, conclusion);
  const proposals = [...ofPrompt, ...general];
  return proposals.sort((a, b) => BREADTH.indexOf(a.breadth) - BREADTH.indexOf(b.breadth));
}

type Propose = (conclusion: Conclusion) => ProposedRemedy[];

const one =
  (code: RemedyCode, who: RemedyActor, confidence: Confidence = "likely"): Propose =>
  () => [{ code, who, breadth: "nothing", confidence }];

const BY_POLICY: Record<PolicyKind, Propose> = {
  "iam-denied": (conclusion) => (isOfAnotherAction(conclusion) ? otherAction(conclusion) : byPolicies(conclusion)),
  "bearer-token-denied": (conclusion) => otherAction(conclusion),
  "kms-denied": (conclusion) => otherAction(conclusion),
  "guardrail-denied": (conclusion) => [...otherAction(conclusion), ...resourceSharing(conclusion)],
};

const isPolicyKind = (kind: RefusalKind): kind is PolicyKind => Object.hasOwn(BY_POLICY, kind);

/**
 * Returns what fixes each policy that blocks a leg. If there is more than one policy, none of the remedies is enough
 * alone.
 */
function byPolicies(conclusion: Conclusion): ProposedRemedy[] {
  const deciders = decidersOf(conclusion);
  const all = deciders.flatMap((decider) => {
    const { policy, blocked } = decider;
    const { resource, action } = blocked[0]?.leg ?? {};
    const about = policy ? { about: { policy, resource, action } } : {};
    return byPolicy(conclusion, decider).map((proposal) => ({ ...proposal, ...about }));
  });
  const proposals = [...new Map(all.map((each) => [`${each.code} ${each.policy?.policyType}`, each])).values()];
  return deciders.length === 1 ? proposals : proposals.map((each) => ({ ...each, confidence: "possible" }));
}

function byPolicy(conclusion: Conclusion, { policy, blocked }: Decider): ProposedRemedy[] {
  if (policy === undefined) return [withStatements("find-the-policy", "identity-based-policy", conclusion, "possible")];
  if (isQuarantine(policy)) {
    return [{ code: "rotate-compromised-key", who: "account-administrator", breadth: "nothing", confidence: "likely" }];
  }
  const owner = policy.denyKind === "implicit" ? undefined : foreignOwnerOf(policy.type, policy);
  const conditions =
    policy.denyKind === "implicit" ? unmetConditions(blocked, policy.type) : decidingConditions(blocked, policy.type);
  const byCondition = conditions.map(({ code, who, condition }): ProposedRemedy => {
    const breadth = who === "application-developer" ? "nothing" : "this-profile";
    return { code, who, breadth, confidence: "likely", ...(condition ? { condition } : {}) };
  });
  if (owner === "aws")
    return [...byCondition.filter(({ who }) => who !== OWNER[policy.type]), replaceManaged(policy.type)];
  if (policy.type === "service-control-policy") {
    if (policy.denyKind === "implicit") {
      return [...byCondition, withStatements("allow-at-every-scp-level", policy.type, conclusion)];
    }
    if (conditions.length > 0) return byCondition;
    if (isAboutAnotherResource(blocked)) return [changeDenying(policy.type)];
    const stage = blocked[0]?.leg.stage;
    const needs = [...new Set(blocked.flatMap(({ leg }) => (isModelLeg(leg) ? [] : [leg.stage])))];
    if (needs.length > 0) return againstNeeds(needs, blocked, conclusion);
    const isRouted = stage === undefined || stage === "destination-model" || stage === "global-model";
    if (owner === "control-tower" && isRouted) return inControlTower(conclusion);
    return stage === undefined ? [changeDenying(policy.type)] : AGAINST_REGION_DENY[stage](conclusion);
  }
  if (policy.denyKind === "explicit" || policy.type === "resource-control-policy") {
    return [...byCondition, changeDenying(policy.type)];
  }
  if (policy.type === "resource-based-policy") {
    if (isModelOnly(conclusion)) {
      return [withStatements("find-the-policy", "identity-based-policy", conclusion, "possible")];
    }
    return [
      { code: "use-own-account-profile", who: "application-developer", breadth: "nothing", confidence: "possible" },
    ];
  }
  return [...byCondition, withStatements("allow-in-policy", policy.type, conclusion)];
}

/** What helps with an explicit deny in a service control policy, by the leg that it blocks. */
const AGAINST_REGION_DENY: Record<LegStage, Propose> = {
  "destination-model": (conclusion) => [...exemptions(conclusion, "geography"), inOrganization("approve-regions")],
  "global-model": (conclusion) => [
    ...(conclusion.alternatives.length > 0 ? one("use-geographic-profile", "application-developer")(conclusion) : []),
    ...exemptions(conclusion, "regions"),
    inOrganization("approve-unspecified"),
  ],
  // The source Region itself is denied. An exemption of routed calls doesn't help, because the profile is also
  // evaluated there.
  "source-model": (conclusion) => atSource(conclusion),
  profile: (conclusion) => atSource(conclusion),
  model: (conclusion) => atSource(conclusion),
  guardrail: (conclusion) => atSource(conclusion),
  "guardrail-profile": () => [inOrganization("approve-regions")],
  "system-tool": () => [inOrganization("approve-unspecified")],
  "async-invoke": (conclusion) => atSource(conclusion),
  tag: (conclusion) => atSource(conclusion),
  // The Region that these services evaluate isn't known.
  s3: () => [changeDenying("service-control-policy")],
  kms: () => [changeDenying("service-control-policy")],
};

/**
 * An exemption of inference profiles doesn't apply to what the call needs in addition to its model. So each Region must
 * be approved.
 */
function againstNeeds(needs: LegStage[], blocked: Decider["blocked"], conclusion: Conclusion): ProposedRemedy[] {
  const ofModel = blocked.flatMap(({ leg }) => (isModelLeg(leg) ? [leg.region] : []));
  const all = [
    ...needs.flatMap((stage) => AGAINST_REGION_DENY[stage](conclusion)),
    ...(ofModel.some((region) => region !== UNSPECIFIED_REGION) ? [inOrganization("approve-regions")] : []),
    ...(ofModel.includes(UNSPECIFIED_REGION) ? [inOrganization("approve-unspecified")] : []),
  ];
  const each = [...new Map(all.map((proposal) => [proposal.code, proposal])).values()];
  // One of them alone isn't enough.
  const isOne = each.filter(({ who }) => who === "organization-administrator").length < 2;
  return isOne ? each : each.map((proposal) => ({ ...proposal, confidence: "possible" }));
}

const atSource: Propose = (conclusion) => [
  ...one("use-approved-source-region", "application-developer", "possible")(conclusion),
  inOrganization("approve-regions"),
];

function exemptions(conclusion: Conclusion, breadth: RemedyBreadth): ProposedRemedy[] {
  const condition = profileExemption(conclusion);
  const statement = reDenyInvoke(conclusion);
  if (condition === undefined) return [];
  const policyType = "service-control-policy";
  const remedy = { who: OWNER[policyType], breadth, confidence: "likely" } as const;
  const exempt: ProposedRemedy = {
    ...remedy,
    code: "exempt-inference-profiles",
    policy: { policyType, change: "add-condition", condition },
  };
  if (statement === undefined) return [exempt];
  const policy: PolicyChange = { policyType, change: "add-statements", statements: [statement] };
  return [exempt, { ...remedy, code: "carve-out-and-re-deny", policy }];
}

/** An AWS managed policy can't be changed. It can be detached, and another one attached in its place. */
const replaceManaged = (type: PolicyType): ProposedRemedy => ({
  code: "replace-aws-managed-policy",
  who: OWNER[type],
  breadth: "this-profile",
  confidence: "likely",
});

/**
 * AWS Control Tower's own policy can be changed only through its control's parameters. The rest is denied again in
 * another policy.
 */
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

/**
 * Returns the proposals without changes of a permissions boundary that AWS manages. The principal needs another
 * boundary. To an identity, an additional policy can be attached.
 */
export function withoutManagedBoundary(
  proposals: readonly ProposedRemedy[],
  layers: readonly PolicyLayer[],
): ProposedRemedy[] {
  const type = "permissions-boundary";
  const boundary = layers.find((layer) => layer.type === type)?.policies[0];
  if (boundary === undefined || foreignOwnerOf(type, boundary) !== "aws") return [...proposals];
  const { name, arn = name } = boundary;
  const about = { policy: { type, denyKind: "implicit", name, arn, id: lastSegment(arn) } } as const;
  return proposals.map((proposal) =>
    proposal.code === "allow-in-policy" && proposal.policy?.policyType === type
      ? { ...replaceManaged(type), confidence: proposal.confidence, policy: proposal.policy, about }
      : proposal,
  );
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
  // What Amazon Bedrock requests on the caller's behalf doesn't come through the caller's endpoint.
  const legs = conclusion.legs.filter(
    ({ leg }) => policyType !== "vpc-endpoint-policy" || !leg.unknownKeys?.includes("*"),
  );
  const statements = leastPrivilege(
    legs.map(({ leg }) => leg),
    conclusion.sourceRegion,
    conclusion.legsComplete,
  ).map((statement) => (specifiesPrincipals(policyType) ? { ...statement, Principal: "*" } : statement));
  return {
    code,
    who: OWNER[policyType],
    breadth: "this-profile",
    confidence,
    ...(statements.length > 0 ? { policy: { policyType, change: "add-statements", statements } } : {}),
  };
}

/** Returns remedies for a denied action that invokes no model: the bearer token, a KMS key, or a guardrail. */
function otherAction({ action, refusal, policy, principal }: Conclusion): ProposedRemedy[] {
  const type = policy?.type ?? "identity-based-policy";
  const isImplicit = policy === undefined || policy.denyKind === "implicit";
  const isOfOrganization = type === "service-control-policy" || type === "resource-control-policy";
  // A resource control policy of the organization's own has Deny statements only.
  if (action === undefined || type === "resource-control-policy" || (isOfOrganization && !isImplicit)) {
    return [changeDenying(type)];
  }
  if (policy?.denyKind === "explicit") return [changeDenying(type)];
  const allowed = allowAction(action, refusal?.resource ?? "*");
  const statement = specifiesPrincipals(type) ? withPrincipal(allowed, principal) : allowed;
  return [
    {
      code: isOfOrganization ? "allow-at-every-scp-level" : "allow-the-action",
      who: OWNER[type],
      breadth: "this-profile",
      confidence: policy === undefined ? "possible" : "likely",
      policy: { policyType: type, change: "add-statements", statements: [statement] },
    },
  ];
}

/** Returns remedies for a guardrail of another account. The caller's own policies aren't enough. */
function resourceSharing(conclusion: Conclusion): ProposedRemedy[] {
  if (deniedGuardrail(conclusion).otherAccount === undefined) return [];
  return [{ code: "share-guardrail", who: "account-administrator", breadth: "this-profile", confidence: "likely" }];
}

/** A policy on a resource specifies who may use it (IAM User Guide, "AWS JSON policy elements: Principal"). */
const withPrincipal = (statement: PolicyStatement, principal: Conclusion["principal"]): PolicyStatement => ({
  ...statement,
  Principal: principal?.accountId === undefined ? "*" : { AWS: `arn:aws:iam::${principal.accountId}:root` },
});
