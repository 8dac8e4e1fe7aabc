import type { ModelAccess } from "../../diagnose/ports.js";
import type { SimulatedDecision } from "../../diagnose/sources/simulated.js";
import type {
  BareEvidence,
  BareVerdict,
  Conclusion,
  EvidenceSource,
  LikelyVerdict,
  ListedProfiles,
  NotApplicable,
} from "../../diagnosis.js";
import type { LookupFailure, LookupFailureReason } from "../../resolve/lookup-failure.js";
import { notInCatalog, theCatalog } from "./catalog-text.js";
import { capital, decisionText, list } from "./phrases.js";
import { listedText } from "./profile-text.js";
import { sourceName } from "./source-words.js";
import { modelsOnlySentence, promptSentence } from "./target-text.js";
import { blockerText, PATH_UNSEEN, policyVerdictText, statementText } from "./verdict-text.js";

/** Returns why a leg has its verdict, and which sources report another one. */
export function becauseOf(verdict: BareVerdict, conclusion: Conclusion): string {
  const { likely, contradictedBy, simulated } = verdict;
  const against = contradictedBy
    ? ` ${capital(list(contradictedBy.map(sourceName)))} ${contradictedBy.length > 1 || contradictedBy[0] === "policies" ? "show" : "shows"} a different verdict.`
    : "";
  const guess = likely ? ` Likely ${likely.verdict}: ${likelyText(likely, simulated)}` : "";
  return `${decidedText(verdict, conclusion)}${guess}${against}`;
}

function decidedText(verdict: BareVerdict, { policy, refusal }: Conclusion): string {
  const has = (source: EvidenceSource) => verdict.evidence.includes(source);
  if (has("policies") || has("organization")) return policyVerdictText(verdict);
  if (has("message")) {
    return policy === undefined
      ? "According to the error message, AWS denied this leg."
      : `According to the error message, AWS denied this leg: ${decisionText(policy)}.`;
  }
  if (has("simulation") && verdict.simulated) return `The IAM policy simulator ${simulatedText(verdict.simulated)}.`;
  if (has("probe")) return "AWS denied an empty request on this resource.";
  if (!refusal?.raw) return "No source could determine this.";
  return "Unknown: an error message reports one denied leg only, and this is another one.";
}

function likelyText(likely: LikelyVerdict, simulated: SimulatedDecision | undefined): string {
  const { source, assumedPrincipalArn } = likely;
  if (assumedPrincipalArn !== undefined) {
    return `${likelyDecisionText(likely)}, if the role is ${assumedPrincipalArn}. ${PATH_UNSEEN}.`;
  }
  if (source === "policies" || source === "organization") {
    return `${likelyDecisionText(likely)}. However, AWS denied a request that the policies allow, so they are incomplete or out of date.`;
  }
  if (source !== "simulation" || simulated === undefined) {
    return "Amazon Bedrock rejected the content of an empty request, which doesn't prove that it authorizes the call.";
  }
  const { missingContextKeys = [] } = simulated;
  const blind =
    missingContextKeys.length > 0
      ? `the policies use ${list(missingContextKeys)}, and no value was provided`
      : simulated.decision === "allowed"
        ? "it doesn't evaluate session policies, VPC endpoint policies, or condition keys that only service control policies use"
        : "a missing condition key or the role's path might change that";
  return `the IAM policy simulator ${simulatedText(simulated)}, but ${blind}.`;
}

function likelyDecisionText({ verdict, decidedBy }: LikelyVerdict): string {
  if (decidedBy === undefined) return "no policy denies it";
  if (verdict === "allowed") return `${statementText(decidedBy)} allows it`;
  return `${blockerText(decidedBy)} ${decidedBy.denyKind === "explicit" ? "denies" : "allows"} it`;
}

function simulatedText({ decision, allowedByOrganizations, allowedByBoundary }: SimulatedDecision): string {
  if (decision === "allowed") return "allows it";
  const by = [
    ...(allowedByOrganizations === false ? ["a service control policy"] : []),
    ...(allowedByBoundary === false ? ["the permissions boundary"] : []),
  ];
  if (by.length > 0) return `reports that ${list(by)} ${by.length > 1 ? "don't" : "doesn't"} allow it`;
  return decision === "explicitDeny" ? "reports an explicit deny" : "reports an implicit deny";
}

/** Returns one piece of evidence as one sentence. */
export function evidenceSentence({ source, finding }: BareEvidence): string {
  switch (finding.code) {
    case "refusal-names-resource":
      return `AWS denied ${finding.action} on ${finding.resource}.`;
    case "refusal-names-no-resource":
      return finding.kind === "unknown"
        ? "The error message doesn't contain a known reason."
        : "The error message doesn't identify a resource.";
    case "routing-not-shown":
      return `If the client's Region isn't ${finding.region}, the call used cross-Region inference, and ${finding.region} is a destination Region.`;
    case "profile-from-api":
      return `GetInferenceProfile: ${finding.profileId} routes to ${routed(finding.destinationRegions)}${finding.cached ? ` (cached${finding.asOf ? `, from ${finding.asOf}` : ""})` : ""}.`;
    case "profile-from-bundled-catalog":
      return `${capital(theCatalog(finding.asOf))}: ${finding.profileId} routes to ${routed(finding.destinationRegions)}.${unanswered(finding.failure)}`;
    case "profile-not-offered-here":
      return `${capital(theCatalog(finding.asOf))} lists ${finding.profileId} for the source Regions ${list(finding.sourceRegions)} only.`;
    case "profile-unresolved":
      return `The destination Regions of ${finding.modelId} are unknown.${unanswered(finding.failure)}${newer(finding.modelId, finding.notInCatalogOf)}`;
    case "profiles-of-model":
      if (finding.profileIds.length > 0)
        return `Inference profiles of ${finding.modelId} for this source Region: ${listedText(finding)}.${newerModel(finding)}`;
      return finding.isInCatalog === false
        ? `${capital(notInCatalog(finding.modelId, finding.asOf))}. No inference profile of it was found.`
        : `${capital(theCatalog(finding.asOf))} lists no other inference profile of ${finding.modelId} for this source Region.`;
    case "profiles-of-similar-models":
      return finding.profileIds.length > 0
        ? `${finding.modelId} is similar to ${list(finding.similarModelIds)}. Inference profiles for this source Region: ${listedText(finding)}.`
        : `${finding.modelId} is similar to ${list(finding.similarModelIds)}. ${capital(theCatalog(finding.asOf))} lists no inference profile for this source Region.`;
    case "model-needs-profile":
      return `GetFoundationModel: ${finding.modelId} can be called here only through an inference profile${finding.profileIds.length > 0 ? `: ${listedText(finding)}` : ""}.${newerModel(finding)}`;
    case "model-not-found":
      return `GetFoundationModel doesn't find ${finding.modelId} in this Region.`;
    case "policies-evaluated":
      return `${evaluatedText(finding.policyNames)}: ${countedLegs(finding.allowed)} allowed, ${finding.blocked} blocked, ${finding.unknown} unknown.`;
    case "policies-disagree":
      return `The provided policies (${list(finding.policyNames)}) allow ${finding.resource}, but AWS denied it. The policies are incomplete or out of date.`;
    case "policies-without-principal":
      return "The policies weren't evaluated, because the caller is unknown and principalArn wasn't provided.";
    case "policies-of-another-caller":
      return `The policies weren't evaluated, because they apply to ${finding.principalArn}, and the error message contains another caller.`;
    case "model-access":
      return `GetFoundationModelAvailability of ${finding.modelId}: ${accessText(finding)}. This is access to the model only. Policies are evaluated separately.${finding.isGovCloud ? " For AWS GovCloud (US), the agreement is accepted in the linked standard account." : ""}`;
    case "use-case-form":
      return `GetUseCaseForModelAccess: The account ${finding.isFilled ? "submitted" : "hasn't submitted"} the use case form for Anthropic models.`;
    case "takes-foundation-models-only":
      return modelsOnlySentence(finding);
    case "prompt-selects-profile":
      return promptSentence(finding);
    case "data-retention-mode":
      return `GetAccountDataRetention: The data retention mode of this account in ${finding.region} is ${finding.mode}. The mode applies to the whole account in that Region.`;
    case "organization-policies":
      if (finding.levels.length === 0)
        return "AWS Organizations: No service control policies are attached, so this policy type isn't enabled.";
      return `AWS Organizations: ${finding.levels.map(({ level, policyNames }) => `${level} has ${list(policyNames)}`).join("; ")}.`;
    case "organization-without-account":
      return "AWS Organizations wasn't called, because the caller's account is unknown.";
    case "caller":
      return `GetCallerIdentity: The caller is ${finding.principalArn}.`;
    case "role":
      return finding.isGuessed
        ? `The role is assumed to be ${finding.roleArn}. The session's ARN doesn't contain the role's path, and GetRole failed${errorNameSuffix(finding.errorName)}.`
        : `GetRole: The role is ${finding.roleArn}.`;
    case "simulation":
      return `IAM policy simulator, for ${finding.policySourceArn}: ${countedLegs(finding.allowed)} allowed, ${finding.denied} denied${finding.open > 0 ? `, ${finding.open} not simulated` : ""}.${/^arn:aws:/.test(finding.policySourceArn) ? "" : " AWS documents that it evaluates conditions of service control policies for the commercial partition only."}`;
    case "probe-denied":
      return `AWS denied an empty request${finding.resource ? ` on ${finding.resource}` : ""} (${finding.kind}).`;
    case "probe-passed":
      return `Amazon Bedrock ${finding.errorName ? "rejected the content of" : "accepted"} an empty request, so the call is likely authorized in the source Region.`;
    case "probe-undecided":
      return `An empty request failed with ${finding.errorName}, which isn't about permissions.`;
    case "enforced-guardrails":
      return finding.guardrailArns.length > 0
        ? `The application states that these guardrails are enforced: ${list(finding.guardrailArns)}.`
        : "The application states that no guardrail is enforced.";
    case "guardrail-profiles":
      return finding.profileArns.length > 0
        ? `The application states that guardrail ${finding.guardrail} uses ${list(finding.profileArns)}.`
        : `The application states that guardrail ${finding.guardrail} doesn't use cross-Region inference.`;
    case "source-not-applicable":
      return `Not called: ${NOT_APPLICABLE[finding.reason]}.`;
    case "source-not-installed":
      return `Not called: ${notInstalledText(finding.packageName)}.`;
    case "source-not-loaded":
      return `Not called: ${notLoadedText(finding)}.`;
    case "source-failed":
      if (source === "organization" && finding.errorName?.startsWith("AccessDenied")) return ORGANIZATION_DENIED;
      return finding.reason === "deadline"
        ? "No response before the deadline."
        : finding.reason === "aborted"
          ? "Ended by the caller's abort signal."
          : `Failed${errorNameSuffix(finding.errorName, " with ", "")}.`;
  }
}

const newer = (id: string, asOf: string | undefined) =>
  asOf === undefined ? "" : ` ${capital(notInCatalog(id, asOf))}.`;

const newerModel = ({ modelId, asOf, isInCatalog }: ListedProfiles & { modelId: string }) =>
  isInCatalog === false ? newer(modelId, asOf) : "";

const ORGANIZATION_DENIED =
  "AWS Organizations denied the request. It accepts requests only from the management account and from delegated administrators.";

const errorNameSuffix = (errorName: string | undefined, before = " (", after = ")") =>
  errorName === undefined ? "" : `${before}${errorName}${after}`;

const NOT_APPLICABLE: Record<NotApplicable, string> = {
  "bearer-token": "the client uses a Bedrock API key, and other credentials belong to another caller",
  root: "the IAM policy simulator doesn't support the root user",
  "federated-user": "the IAM policy simulator doesn't support federated users",
  "service-linked-role":
    "the IAM policy simulator applies service control policies to service-linked roles, and AWS doesn't",
  "role-path-unknown": "the role's path is unknown",
  "no-caller": "the caller is unknown (to provide it, pass principalArn to diagnose())",
  "no-legs": "the authorization legs of the call are unknown",
  "not-an-invocation": "the probe invokes a model, and this operation needs another permission",
  "other-caller": "it uses the client's own credentials, and principalArn is another caller",
  "may-start-subscription":
    "a request might subscribe the account to the model (to allow this, set mayStartSubscription)",
  "probed-just-now": "another empty request was sent less than 20 seconds ago",
};

export function accessText(access: ModelAccess) {
  const said = (["agreement", "authorization", "entitlement", "region"] as const).flatMap((what) =>
    access[what] ? [`${what === "region" ? "Region" : what} ${access[what]}`] : [],
  );
  return said.length > 0 ? said.join(", ") : "no result";
}

/** Returns where a profile routes to. A global profile routes to any Region that has the model. */
const routed = (regions: readonly string[]) =>
  list(regions.map((region) => (region === "unspecified" ? "any commercial Region (global routing)" : region)));

const evaluatedText = (names: readonly string[]) =>
  names.length > 0 ? `Evaluated ${list(names)}` : "No policies are known";

const countedLegs = (legs: number) => `${legs} ${legs === 1 ? "leg" : "legs"}`;

const notInstalledText = (name: string) => `${name} isn't installed (npm install ${name})`;

/** Returns why an installed package can't be used. */
function notLoadedText({ packageName, errorName, missingExport }: PackageFailure): string {
  return missingExport === undefined
    ? `${packageName} couldn't be loaded${errorNameSuffix(errorName)}`
    : `the installed version of ${packageName} doesn't export ${missingExport} (npm install ${packageName}@latest)`;
}

type PackageFailure = { packageName: string; errorName?: string; missingExport?: string };

const REASON: Record<Exclude<LookupFailureReason, "not-installed" | "not-loaded">, string> = {
  denied: "was denied",
  "not-found": "doesn't find this profile in this Region",
  throttled: "was throttled",
  timeout: "didn't respond in time",
  unreachable: "couldn't be reached",
  malformed: "returned an invalid response",
  "bad-credentials": "rejected the credentials",
  other: "failed",
};

function unanswered(failure: LookupFailure | undefined): string {
  if (failure === undefined) return "";
  const { reason, packageName = "a package", errorName } = failure;
  if (reason === "not-installed") return ` GetInferenceProfile wasn't called: ${notInstalledText(packageName)}.`;
  if (reason === "not-loaded") {
    return ` GetInferenceProfile wasn't called: ${notLoadedText({ ...failure, packageName })}.`;
  }
  return ` GetInferenceProfile ${REASON[reason]}${errorNameSuffix(errorName)}.`;
}
