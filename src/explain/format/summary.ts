import type { BareVerdict, Conclusion, DecidingPolicy, Finding } from "../../diagnose/evidence.js";
import type { RefusalKind } from "../../refusal/kinds.js";
import { type AuthorizationLeg, isModelLeg } from "../../resolve/legs.js";
import { type Decider, decidersOf, isOfAnotherAction, OWNER } from "../deciders.js";
import { profilesOf, regionsOf } from "./call-words.js";
import { alternativesWords, notInCatalog, theCatalog } from "./profile-words.js";
import { ACTOR, decisionWords, list } from "./words.js";

/** One sentence for a log line: what was refused, where, by which policy, and who can mend it. */
export function summaryOf(conclusion: Conclusion): string {
  const said = `${KIND[conclusion.kind](conclusion)}${alsoBlocked(conclusion)}`;
  return `${said}${likelyToo(conclusion)}${disagreement(conclusion)}`;
}

/** What else is blocked by the policy that blocks the model. */
function alsoBlocked(conclusion: Conclusion): string {
  const [{ blocked }, ...others] = decidersOf(conclusion);
  if (others.length > 0 || conclusion.kind !== "iam-denied" || isOfAnotherAction(conclusion)) return "";
  const additional = blocked.filter(({ leg }) => !isModelLeg(leg));
  if (additional.length === 0 || additional.length === blocked.length) return "";
  return ` Also blocked: ${list(placesIn(additional))}. An exemption of inference profiles doesn't apply to this.`;
}

/** Guesses, said as such: they are in no list of blocked Regions. */
function likelyToo({ legs, blockedRegions }: Conclusion): string {
  const guessed = legs.filter(({ leg, likely }) => likely?.verdict === "blocked" && isModelLeg(leg));
  const likely = guessed.map(({ leg }) => leg.region);
  const blocked = new Set(blockedRegions);
  const regions = [...new Set(likely)].filter((region) => !blocked.has(region));
  return regions.length > 0 ? ` Likely blocked too: ${list(regions)}.` : "";
}

/** Where sources that are sure say different things. */
export function disagreement({ legs }: Pick<Conclusion, "legs">): string {
  const disputed = legs.filter(({ contradictedBy }) => contradictedBy !== undefined).map(({ leg }) => leg.region);
  return disputed.length > 0 ? ` The sources disagree about ${list([...new Set(disputed)])}: see the evidence.` : "";
}

const model = ({ modelId }: Conclusion) => modelId || "the model";
const action = ({ action, operation }: Conclusion) => action ?? operation;
const principal = ({ principal }: Conclusion) => principal?.name ?? "the caller";

const KIND: Record<RefusalKind, (conclusion: Conclusion) => string> = {
  "iam-denied": (c) => iamDenied(c, decidersOf(c)),
  "guardrail-denied": (c) =>
    `${action(c)} is not allowed on the guardrail of this call: ${decided(c, c.policy)}; ${whoChanges(c.policy)}.`,
  "kms-denied": (c) =>
    `${action(c)} is not allowed on a KMS key that this call needs: ${decided(c, c.policy)}; ${whoChanges(c.policy)}.`,
  "bearer-token-denied": (c) =>
    `The identity behind the Bedrock API key may not use it: ${decided(c, c.policy)}. It needs bedrock:CallWithBearerToken on "*".`,
  "model-access-not-granted": (c) =>
    `This account has no access to ${model(c)} in ${c.sourceRegion} yet; no IAM policy is at fault.`,
  "marketplace-permission": (c) =>
    `${model(c)} needs an AWS Marketplace subscription that ${principal(c)} may not make: an administrator with aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions invokes it once in this account.`,
  "marketplace-pending": (c) =>
    `The AWS Marketplace subscription for ${model(c)} is still being processed: wait and call again.`,
  "marketplace-payment": (c) =>
    `The AWS Marketplace subscription for ${model(c)} could not be completed: the account has no valid payment method.`,
  "use-case-form": (c) =>
    `The account's use case details for ${model(c)} have not reached AWS: an administrator submits the form once; it takes about 15 minutes.`,
  "legacy-or-eol-model": (c) =>
    `${model(c)} is retired, or closed to accounts that have not used it lately: move to a current model.`,
  "on-demand-unsupported": (c) => `${model(c)} cannot be called by its bare id in ${c.sourceRegion}: ${useProfile(c)}.`,
  "invalid-model-id": (c) => `Bedrock in ${c.sourceRegion} does not know ${model(c)}${notOffered(c)}.`,
  "bad-credentials": () => "AWS does not accept these credentials; permissions were not looked at.",
  "expired-credentials": () => "The credentials have expired; permissions were not looked at.",
  "account-not-authorized": (c) =>
    `AWS restricts this account for ${model(c)}: no IAM policy or service control policy is named, and changing one will hardly help.`,
  "data-retention": (c) =>
    `${model(c)} isn't available with the data retention mode that this account has in ${c.sourceRegion}. An account administrator can set another mode. No IAM policy is at fault.`,
  "unsupported-country": (c) =>
    `The provider of ${model(c)} does not serve this account's country, region or territory.`,
  "channel-program": (c) => `${model(c)} is not sold to accounts of the channel program: the reseller has to be asked.`,
  unknown: (c) =>
    `${c.operation} was refused, and AWS's message does not say by what${c.modelId ? `; the model asked for is ${c.modelId}` : ""}.`,
};

function iamDenied(c: Conclusion, deciders: readonly [Decider, ...Decider[]]): string {
  if (isOfAnotherAction(c)) {
    const { policy, refusal } = c;
    const on = refusal.resource === undefined ? "" : ` on ${refusal.resource}`;
    const who = policy ? `an ${ACTOR[OWNER[policy.type]]}` : "whoever owns that policy";
    const does = policy?.denyKind === "implicit" ? "allow it" : "change it";
    return `${c.action}${on} is refused, in a call of ${c.modelId}: ${decided(c, policy)}; ${who} has to ${does}.`;
  }
  if (deciders.length === 1) {
    const [{ policy, blocked }] = deciders;
    const { leg } = blocked.find(({ leg }) => isModelLeg(leg)) ?? blocked[0] ?? {};
    return `${refused(c)}: ${decided(c, policy)}; ${whatToDo(c, policy, leg)}.`;
  }
  const each = deciders.map(({ policy, blocked }) => `${list(placesIn(blocked))} (${decided(c, policy)})`);
  const owners = new Set(deciders.map(({ policy }) => (policy ? `an ${ACTOR[OWNER[policy.type]]}` : "whoever can")));
  return `${what(c)} from ${c.sourceRegion} is blocked ${deciders.every(hasModelLeg) ? "in" : "for"} ${list(each)}; each of these has to be mended, by ${list([...owners])}.`;
}

const hasModelLeg = ({ blocked }: Decider) => blocked.every(({ leg }) => isModelLeg(leg));

/** The Regions of the model; of everything else, the action and the resource. */
const placesIn = (blocked: readonly BareVerdict[]) => [
  ...new Set(blocked.map(({ leg }) => (isModelLeg(leg) ? leg.region : actionOn(leg)))),
];

const actionOn = ({ action, resource }: AuthorizationLeg) => `${action} on ${resource}`;

const isThroughProfile = ({ legs, modelId }: Conclusion) =>
  modelId !== "" && legs.some(({ leg }) => leg.stage === "profile");

function what(c: Conclusion): string {
  if (isThroughProfile(c)) return `${action(c)} through ${c.modelId}`;
  return `${action(c)}${c.modelId ? ` on ${c.modelId}` : ""}`;
}

function refused(c: Conclusion): string {
  const through = isThroughProfile(c);
  const [region] = c.blockedRegions;
  const additional = c.legs.filter(({ verdict, leg }) => verdict === "blocked" && !isModelLeg(leg));
  if (region === undefined && additional.length > 0) {
    const inCall = c.modelId ? `, in a call of ${c.modelId}` : "";
    return `${list(placesIn(additional))} is blocked${inCall} (source Region ${c.sourceRegion})`;
  }
  if (region === undefined) return `${what(c)} is refused (source Region ${c.sourceRegion})`;
  if (region === "unspecified") {
    return `${what(c)} is blocked for global routing (aws:RequestedRegion is "unspecified"; source Region ${c.sourceRegion})`;
  }
  const blocked = c.legs.flatMap(({ verdict, leg }) => (verdict === "blocked" && isModelLeg(leg) ? [leg] : []));
  const stage = blocked[0]?.stage;
  if (stage !== undefined && blocked.every((leg) => leg.stage === "destination-model")) {
    const many = c.blockedRegions.length > 1;
    const which = many ? "Regions that Bedrock may route to" : "a Region that Bedrock may route to";
    return `${what(c)} is blocked in ${list(c.blockedRegions)}, ${which} (source Region ${c.sourceRegion})`;
  }
  if (blocked.length > 1) return `${what(c)} is blocked in ${list(c.blockedRegions)} (source Region ${c.sourceRegion})`;
  const on = stage === "profile" ? " on the inference profile itself" : stage === "source-model" ? " on the model" : "";
  return `${what(c)} is blocked${on} in ${through ? "the source Region " : ""}${region}`;
}

function decided({ refusal }: Conclusion, policy: DecidingPolicy | undefined): string {
  if (policy === undefined) return `${refusal.raw === "" ? "no source says" : "AWS does not say"} which policy decided`;
  return decisionWords(policy);
}

/** What saves the next round: the person who can change the policy, and all Regions at once. */
function whatToDo(c: Conclusion, policy: DecidingPolicy | undefined, leg: AuthorizationLeg | undefined): string {
  const stage = leg?.stage;
  if (policy?.type !== "service-control-policy" || policy.denyKind !== "explicit") {
    // An Allow has to name every Region; a Deny is mended where it stands.
    return `${whoChanges(policy)}${policy?.denyKind === "explicit" ? "" : allRegions(c)}`;
  }
  const change = `${whoChanges(policy)}; where it denies by Region,`;
  if (stage === "destination-model") return `${change} exempt ${profilesOf(c)} there or approve ${list(regionsOf(c))}`;
  if (stage === "global-model") {
    const instead = c.alternatives.length > 0 ? `, or call ${alternativesWords(c.alternatives)} instead` : "";
    return `${change} exempt ${profilesOf(c)} there or approve "unspecified"${instead}`;
  }
  if (stage === "guardrail-profile" && leg) return `${change} approve ${leg.region} there`;
  if (stage === "system-tool") return `${change} approve "unspecified" there`;
  if (stage === "s3" || stage === "kms") return whoChanges(policy);
  if (stage !== undefined) return `${change} approve ${c.sourceRegion} there, or call from a Region that it approves`;
  return whoChanges(policy);
}

function whoChanges(policy: DecidingPolicy | undefined): string {
  if (policy === undefined) {
    return "check the caller's identity-based policies first, then boundaries and service control policies";
  }
  const implicit = policy.denyKind === "implicit";
  if (policy.type === "service-control-policy" || policy.type === "resource-control-policy") {
    return implicit
      ? "an organization administrator has to allow it at every level, from the root to the account"
      : "only an organization administrator can change that statement";
  }
  if (policy.type === "session-policy") return "whoever assumes the role passes that policy and has to widen it";
  return implicit
    ? "an account administrator has to allow every leg of the call"
    : "an account administrator has to change that statement";
}

function allRegions(c: Conclusion): string {
  const regions = regionsOf(c);
  return c.profile !== undefined && regions.length > 1 ? `, in ${list(regions)}` : "";
}

function useProfile({ alternatives, evidence, modelId }: Conclusion): string {
  if (alternatives.length > 0) return `call it through an inference profile: ${alternativesWords(alternatives)}`;
  const through = "call it through an inference profile that contains it (ListInferenceProfiles names them)";
  const { asOf, isInCatalog } = findingIn(evidence, "profiles-of-model") ?? {};
  if (isInCatalog === false) return `${through}; ${notInCatalog(modelId, asOf)}`;
  return asOf === undefined ? through : `${through}; ${theCatalog(asOf)} lists none for ${modelId} in this Region`;
}

function notOffered({ alternatives, evidence }: Conclusion): string {
  const instead = alternatives.length > 0 ? `; from this Region, call ${alternativesWords(alternatives)}` : "";
  const { asOf, sourceRegions } = findingIn(evidence, "profile-not-offered-here") ?? {};
  if (sourceRegions === undefined) {
    return `: the id is misspelled, retired, or not offered from this Region${instead}`;
  }
  return `: that inference profile is called from ${list(sourceRegions)}, by ${theCatalog(asOf)}${instead}`;
}

function findingIn<C extends Finding["code"]>(evidence: Conclusion["evidence"], code: C) {
  const found = evidence.find(({ finding }) => finding.code === code);
  return found?.finding as Extract<Finding, { code: C }> | undefined;
}
