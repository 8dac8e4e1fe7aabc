import { lastSegment } from "../../arn.js";
import { type AuthorizationLeg, isModelLeg } from "../../authorization.js";
import type { BareVerdict, Conclusion, DecidingPolicy } from "../../diagnosis.js";
import { foreignOwnerOf } from "../../policy/remedies/quotas.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import { type ModelReference, parseModelId } from "../../resolve/model-id.js";
import { isModelOnly, isOfAnotherAction, isQuarantine } from "../deciders.js";
import { decidingConditions, dependsOnRegion } from "../deciding-conditions.js";
import { type Decider, decidersOf } from "../deciding-policies.js";
import { type DeniedGuardrail, deniedGuardrail } from "../guardrail.js";
import { OWNER } from "../owner.js";
import { calledProfiles } from "./call-text.js";
import { ACTOR, decisionText, list, namedPolicy, policyName } from "./phrases.js";
import { alternativesText } from "./profile-text.js";
import {
  fromSource,
  isSourceKnown,
  isThroughProfile,
  neededRegionsInShort,
  unknownDestinations,
} from "./region-text.js";
import type { SummaryLines } from "./summary-lines.js";

/** Returns the summary of a denial that a policy decided. Undefined for every other kind. */
export function policySummary(conclusion: Conclusion): SummaryLines | undefined {
  return POLICY_SUMMARY_BY_KIND[conclusion.kind]?.(conclusion);
}

const POLICY_SUMMARY_BY_KIND: Partial<Record<RefusalKind, (conclusion: Conclusion) => SummaryLines>> = {
  "iam-denied": (c) => (isOfAnotherAction(c) ? otherActionSentence(c) : invocation(c, decidersOf(c))),
  "guardrail-denied": guardrail,
  "kms-denied": (c) => [
    `${deniedAction(c)} was denied on ${c.refusal?.resource ?? "a KMS key"}, which the call needs${by(c, c.policy)}`,
    whoActs(c.policy),
  ],
  "bearer-token-denied": (c) => [
    `${deniedAction(c)} was denied to the identity behind the Bedrock API key${by(c, c.policy)}`,
    bearerFix(c.policy),
  ],
};

const deniedAction = ({ action, operation }: Conclusion) => action ?? operation;

function bearerFix(policy: DecidingPolicy | undefined): string {
  if (policy?.denyKind === "explicit") return whoActs(policy);
  return `Ask an ${ACTOR[OWNER[policy?.type ?? "identity-based-policy"]]} to allow bedrock:CallWithBearerToken on "*".`;
}

const WHOSE_GUARDRAIL: Record<DeniedGuardrail["origin"], string> = {
  sent: ", the guardrail that the call sends",
  "not-sent": ", a guardrail that the call doesn't send",
  unknown: "",
};

function guardrail(c: Conclusion): SummaryLines {
  const { arn = "a guardrail", origin, otherAccount } = deniedGuardrail(c);
  return [
    `${deniedAction(c)} was denied on ${arn}${WHOSE_GUARDRAIL[origin]}${by(c, c.policy)}`,
    whoActs(c.policy),
    ...(origin === "not-sent"
      ? ["The account or its organization might enforce this guardrail on every invocation."]
      : []),
    ...(otherAccount === undefined
      ? []
      : [`The guardrail belongs to account ${otherAccount}, so its resource-based policy must also allow the caller.`]),
  ];
}

/** Returns the summary for an action that isn't one of the call's legs. */
function otherActionSentence(c: Conclusion): SummaryLines {
  const on = c.refusal?.resource === undefined ? "" : ` on ${c.refusal?.resource}`;
  return [`${deniedAction(c)} was denied${on}${inCallOf(c)}${by(c, c.policy)}`, whoActs(c.policy)];
}

const inCallOf = ({ modelId }: Conclusion) => (modelId ? `, in a call of ${modelId}` : "");

function invocation(c: Conclusion, deciders: readonly [Decider, ...Decider[]]): SummaryLines {
  const [{ policy, blocked }] = deciders;
  if (deciders.length > 1) return bySeveral(c, deciders);
  return [
    `${deniedSentence(c)}${by(c, policy)}`,
    whatToDo(c, policy, blocked),
    ...alsoDenied(blocked, policy),
    ...unknownDestinations(c),
  ];
}

function bySeveral(c: Conclusion, deciders: readonly Decider[]): SummaryLines {
  const ofModel = deciders.filter(({ blocked }) => blocked.some(({ leg }) => isModelLeg(leg)));
  const ofOthers = deciders.filter(({ blocked }) => blocked.some(({ leg }) => !isModelLeg(leg)));
  const others = deniedBySentence(ofOthers, (leg) => !isModelLeg(leg));
  const call = c.modelId ? `A call of ${c.modelId}` : c.operation;
  const denied =
    ofModel.length === 0
      ? `${call}${fromSource(c)} is denied: ${others}.`
      : `${deniedAction(c)}${onWhat(c)}${fromSource(c)} is denied in ${deniedBySentence(ofModel, isModelLeg)}.`;
  const also = ofModel.length > 0 && others ? [`Also denied: ${others}.`] : [];
  return [denied, askAll(deciders), ...also, ...unknownDestinations(c)];
}

function askAll(deciders: readonly Decider[]): string {
  const owners = [...new Set(deciders.map(({ policy }) => policy && ACTOR[OWNER[policy.type]]))];
  const administrators = owners.map((owner) =>
    owner === undefined ? "the owner of the unknown policy" : `an ${owner}`,
  );
  return `Ask ${list(administrators)}. Each of these denials must be fixed.`;
}

/** Returns `us-east-2 (no identity-based policy allows it) and us-west-2 (…)`, for some of the blocked legs. */
export function deniedBySentence(deciders: readonly Decider[], isMeant: (leg: AuthorizationLeg) => boolean): string {
  const each = deciders.map(({ policy, blocked }) => {
    const places = placesIn(blocked.filter(({ leg }) => isMeant(leg)));
    return `${list(places)} (${policy === undefined ? "the deciding policy is unknown" : decisionText(policy)})`;
  });
  return list(each);
}

/** Returns the Regions of the model. For everything else, returns the action and the resource. */
const placesIn = (blocked: readonly BareVerdict[]) => [
  ...new Set(blocked.map(({ leg }) => (isModelLeg(leg) ? leg.region : actionOn(leg)))),
];

const actionOn = ({ action, resource }: AuthorizationLeg) => `${action} on ${resource}`;

/** Returns what the policy that denies the model also denies. */
function alsoDenied(blocked: readonly BareVerdict[], policy: DecidingPolicy | undefined): string[] {
  const additional = blocked.filter(({ leg }) => !isModelLeg(leg));
  if (additional.length === 0 || additional.length === blocked.length) return [];
  const also = `Also denied: ${list(placesIn(additional))}.`;
  return [policy?.denyKind === "explicit" ? `${also} An exemption of inference profiles doesn't apply to this.` : also];
}

function onWhat(c: Conclusion): string {
  if (isThroughProfile(c)) return ` through ${c.modelId}`;
  return c.modelId ? ` on ${c.modelId}` : "";
}

/** Returns what was denied, and where. */
function deniedSentence(c: Conclusion): string {
  const blocked = c.legs.filter(({ verdict }) => verdict === "blocked");
  // If only other sources show it, it hasn't happened to this call.
  const isAllSaid = c.refusal?.raw && blocked.every(({ evidence }) => evidence.includes("message"));
  const what = `${deniedAction(c)} ${isAllSaid ? "was" : "is"} denied`;
  const from = isSourceKnown(c) ? ` (source Region ${c.sourceRegion})` : "";
  const [region] = c.blockedRegions;
  const additional = blocked.filter(({ leg }) => !isModelLeg(leg));
  if (region === undefined && additional.length > 0) {
    return `${list(placesIn(additional))} ${additional.length > 1 ? "are" : "is"} denied${inCallOf(c)}${from}`;
  }
  if (region === undefined) return `${what}${onWhat(c)}${from}`;
  if (region === "unspecified" && c.blockedRegions.length === 1) {
    return `${what} for global routing${isThroughProfile(c) ? ` of ${c.modelId}` : onWhat(c)} (aws:RequestedRegion is "unspecified"${isSourceKnown(c) ? `, source Region ${c.sourceRegion}` : ""})`;
  }
  const ofModel = blocked.filter(({ leg }) => isModelLeg(leg));
  const stages = new Set(ofModel.map(({ leg }) => leg.stage));
  const [stage] = stages;
  if (stage === "destination-model" && stages.size === 1) {
    const other = otherModels(c, ofModel);
    if (other.length > 0 || !isProfile(parseModelId(c.modelId))) {
      const on = other.length > 0 ? ` on ${list(other)}` : "";
      return `${what}${on} in ${list(c.blockedRegions)}${inCallOf(c)}${from}`;
    }
    const which = c.blockedRegions.length > 1 ? "destination Regions" : "a destination Region";
    return `${what} in ${list(c.blockedRegions)}, ${which} of ${c.modelId}${from}`;
  }
  if (ofModel.length > 1) return `${what} in ${list(c.blockedRegions)}${onWhat(c)}${from}`;
  if (stage === "profile")
    return `${what} on the inference profile ${profileId(c, ofModel)} in the source Region ${region}`;
  if (stage === "source-model") return `${what} on the model of ${c.modelId} in the source Region ${region}`;
  return `${what}${onWhat(c)} in ${region === c.sourceRegion && isThroughProfile(c) ? "the source Region " : ""}${region}`;
}

/** Returns the denied models to which the called profile doesn't route. A message from elsewhere may contain one. */
function otherModels({ modelId, profile }: Conclusion, denied: readonly BareVerdict[]): string[] {
  const called = parseModelId(modelId);
  if (called.kind !== "inference-profile" || called.geography === "") return [];
  const own = [called.modelId, ...(profile?.models ?? []).map((model) => model.modelId)];
  return [...new Set(denied.map(({ leg }) => lastSegment(leg.resource)))].filter((id) => !own.includes(id));
}

/** A prompt or a router has no destination Regions itself. */
const isProfile = ({ kind }: ModelReference) =>
  kind === "inference-profile" || kind === "application-inference-profile";

/** Returns the profile as the application passed it. A message from elsewhere may contain another one. */
function profileId({ modelId }: Conclusion, [denied]: readonly BareVerdict[]): string {
  const id = lastSegment(denied?.leg.resource ?? modelId);
  return modelId.endsWith(id) ? modelId : id;
}

/** Returns by what the call was denied: the end of the first sentence. */
function by({ refusal }: Conclusion, policy: DecidingPolicy | undefined): string {
  if (policy === undefined) {
    return !refusal?.raw
      ? ". No source could determine the deciding policy."
      : ". The error doesn't identify the deciding policy.";
  }
  if (policy.denyKind === "implicit") return `, because no ${policyName(policy.type)} allows it.`;
  return `, by ${policy.denyKind === "explicit" ? "an explicit deny in " : ""}${namedPolicy(policy)}.`;
}

/** Returns who does what, for all Regions at once, so that the next call isn't denied again. */
function whatToDo(c: Conclusion, policy: DecidingPolicy | undefined, blocked: readonly BareVerdict[]): string {
  if (policy === undefined) return whoActs(policy);
  const { leg } = blocked.find(({ leg }) => isModelLeg(leg)) ?? blocked[0] ?? {};
  if (policy.denyKind === "implicit") {
    if (policy.type === "resource-based-policy") return withoutResourcePolicy(c, leg);
    return `${request(policy, leg === undefined || isModelLeg(leg) ? everywhere(c) : undefined)}.`;
  }
  const isOpen = policy.type === "service-control-policy" && policy.denyKind === "explicit" && !foreignOwner(policy);
  const conditions = isOpen ? decidingConditions(blocked, policy.type) : [];
  const keys = [...new Set(conditions.flatMap(({ condition }) => condition?.key ?? []))];
  if (keys.length > 0) return `${request(policy)}, which depends on ${list(keys)}.`;
  const change = isOpen && leg && conditions.length === 0 ? regionChange(c, leg) : undefined;
  if (change === undefined) return whoActs(policy);
  const [edit, { or, instead = "" }] = change;
  const ask = `Ask an ${ACTOR[OWNER[policy.type]]} to`;
  // Without the document, it is unknown on what the statement depends.
  return blocked.some(dependsOnRegion)
    ? `${ask} ${edit} in that statement${or ? `, or to ${or}` : ""}.${instead}`
    : `${ask} change that statement. If it denies by Region, ${edit} in it${or ? `, or ${or}` : ""}.${instead}`;
}

/** Models and profiles don't have a resource-based policy that could allow the call. */
function withoutResourcePolicy(c: Conclusion, leg: AuthorizationLeg | undefined): string {
  if (isModelOnly(c)) return `Foundation models don't have resource-based policies. ${whoActs(undefined)}`;
  const what = leg === undefined || leg.stage === "profile" ? "an inference profile" : "a model";
  return `Use ${what} of the caller's own account.`;
}

/** Returns how to edit a statement that denies this leg because of its Region, and what else helps. */
function regionChange(
  c: Conclusion,
  leg: AuthorizationLeg,
): [edit: string, { or?: string; instead?: string }] | undefined {
  switch (leg.stage) {
    case "destination-model":
      return [`exempt ${calledProfiles(c)}`, { or: `approve ${neededRegionsInShort(c)}` }];
    case "global-model": {
      const instead = c.alternatives.length > 0 ? ` Or call ${alternativesText(c.alternatives)} instead.` : "";
      return [`exempt ${calledProfiles(c)}`, { or: 'approve "unspecified"', instead }];
    }
    case "guardrail-profile":
      return [`approve ${leg.region}`, {}];
    case "system-tool":
      return ['approve "unspecified"', {}];
    // The Region that Amazon S3 and AWS KMS evaluate isn't known.
    case "s3":
    case "kms":
      return undefined;
    default: {
      const region = isSourceKnown(c) ? c.sourceRegion : leg.region;
      return [`approve ${region}`, { instead: " Or call from a Region that it approves." }];
    }
  }
}

/** An Allow must cover every leg. */
function everywhere(c: Conclusion): string | undefined {
  if (!isThroughProfile(c)) return undefined;
  return `${deniedAction(c)} on the inference profile and on its models in ${neededRegionsInShort(c)}`;
}

function whoActs(policy: DecidingPolicy | undefined): string {
  if (policy !== undefined) return `${request(policy)}.`;
  return "Ask an account administrator to check the caller's identity-based policies first, then permissions boundaries and service control policies.";
}

const foreignOwner = (policy: DecidingPolicy) =>
  policy.denyKind === "implicit" ? undefined : foreignOwnerOf(policy.type, policy);

/** Returns whom to ask for what, without a period. `what` is to be allowed if no policy allows it. */
function request(policy: DecidingPolicy, what = "it"): string {
  const { type, denyKind } = policy;
  if (type === "session-policy") {
    const change = denyKind === "implicit" ? `Allow ${what} in` : "Change";
    return `${change} the session policy that is passed when the role is assumed`;
  }
  const ask = `Ask an ${ACTOR[OWNER[type]]} to`;
  if (isQuarantine(policy)) return `${ask} rotate the access key, which is compromised. Don't detach that policy first`;
  const owner = foreignOwner(policy);
  if (owner === "aws") return `${ask} replace that policy. AWS manages it, so it can't be edited`;
  if (owner === "control-tower") return `${ask} change the control in AWS Control Tower, which owns that policy`;
  if (denyKind === undefined) return `${ask} check that policy`;
  if (denyKind === "explicit") return `${ask} change that statement`;
  // Resource control policies other than AWS's own contain only Deny statements, so an Allow can't be added.
  if (type === "resource-control-policy") return `${ask} find the Deny in the organization's resource control policies`;
  if (type === "service-control-policy") return `${ask} allow ${what} at every level, from the root to the account`;
  // An Allow in an identity-based policy doesn't replace one in another type of policy.
  return type === "identity-based-policy" ? `${ask} allow ${what}` : `${ask} allow ${what} in the ${policyName(type)}`;
}
