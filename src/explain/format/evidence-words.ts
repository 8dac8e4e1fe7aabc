import type {
  BareEvidence,
  BareVerdict,
  Conclusion,
  EvidenceSource,
  LikelyVerdict,
  ListedProfiles,
  NotApplicable,
} from "../../diagnose/evidence.js";
import type { ModelAccess } from "../../diagnose/ports.js";
import type { SimulatedDecision } from "../../diagnose/simulation.js";
import type { LookupFailure, LookupFailureReason } from "../../resolve/lookup-failure.js";
import { notInCatalog, theCatalog } from "./catalog-words.js";
import { listedWords } from "./profile-words.js";
import { modelsOnlySentence, promptSentence } from "./target-words.js";
import { blockerWords, PATH_UNSEEN, policyVerdictWords, statementWords } from "./verdict-words.js";
import { capital, decisionWords, list } from "./words.js";

/** Why a leg has its verdict, and who says otherwise. */
export function becauseOf(verdict: BareVerdict, conclusion: Conclusion): string {
  const { likely, contradictedBy, simulated } = verdict;
  const against = contradictedBy
    ? ` ${capital(list(contradictedBy.map((source) => SOURCE[source])))} ${contradictedBy.length > 1 || contradictedBy[0] === "policies" ? "say" : "says"} otherwise.`
    : "";
  const guess = likely ? ` It is likely ${likely.verdict}: ${likelyWords(likely, simulated)}` : "";
  return `${decidedWords(verdict, conclusion)}${guess}${against}`;
}

function decidedWords(verdict: BareVerdict, { policy, refusal }: Conclusion): string {
  const has = (source: EvidenceSource) => verdict.evidence.includes(source);
  if (has("policies") || has("organization")) return policyVerdictWords(verdict);
  if (has("message")) {
    const by =
      policy === undefined
        ? "AWS's refusal names this resource"
        : `AWS's refusal names this resource: ${decisionWords(policy)}`;
    return `${by}.`;
  }
  if (has("simulation") && verdict.simulated) return `IAM's policy simulator ${simulatedWords(verdict.simulated)}.`;
  if (has("probe")) return "AWS refused a request without content, and named this resource.";
  if (refusal.raw === "") return "No source tells.";
  return "AWS's refusal names one evaluation only and is silent about this one.";
}

function likelyWords(likely: LikelyVerdict, simulated: SimulatedDecision | undefined): string {
  const { source, assumedPrincipalArn } = likely;
  if (assumedPrincipalArn !== undefined) {
    return `${likelyDecisionWords(likely)}, if the role is ${assumedPrincipalArn}; ${PATH_UNSEEN}.`;
  }
  if (source === "policies" || source === "organization") {
    return `${likelyDecisionWords(likely)}, but AWS refused what these policies allow, so they are not all.`;
  }
  if (source !== "simulation" || simulated === undefined) {
    return "Bedrock complained about the content of an empty request, which is no proof that it would authorize one.";
  }
  const { missingContextKeys = [] } = simulated;
  const blind =
    missingContextKeys.length > 0
      ? `the policies ask for ${list(missingContextKeys)}, which nobody supplied`
      : simulated.decision === "allowed"
        ? "it sees no session policy, no VPC endpoint policy and no key that only service control policies ask for"
        : "a context key that it lacks, or the role's path, may change that";
  return `IAM's policy simulator ${simulatedWords(simulated)}, but ${blind}.`;
}

function likelyDecisionWords({ verdict, decidedBy }: LikelyVerdict): string {
  if (decidedBy === undefined) return "nothing denies it";
  return `${verdict === "allowed" ? statementWords(decidedBy) : blockerWords(decidedBy)} decides`;
}

function simulatedWords({ decision, allowedByOrganizations, allowedByBoundary }: SimulatedDecision): string {
  if (decision === "allowed") return "allows it";
  const by = [
    ...(allowedByOrganizations === false ? ["a service control policy"] : []),
    ...(allowedByBoundary === false ? ["the permissions boundary"] : []),
  ];
  if (by.length > 0) return `says that ${list(by)} ${by.length > 1 ? "do" : "does"} not allow it`;
  return decision === "explicitDeny" ? "denies it explicitly" : "finds nothing that allows it";
}

const SOURCE: Record<EvidenceSource, string> = {
  message: "AWS's message",
  profile: "the inference profile",
  "foundation-model": "the model's availability",
  policies: "the policies at hand",
  identity: "AWS STS",
  organization: "AWS Organizations",
  simulation: "IAM's policy simulator",
  probe: "a request without content",
  application: "the application",
};

/** What one piece of evidence says, in one sentence. */
export function evidenceSentence({ source, finding }: BareEvidence): string {
  switch (finding.code) {
    case "refusal-names-resource":
      return `AWS refused ${finding.action} on ${finding.resource}.`;
    case "refusal-names-no-resource":
      return finding.kind === "unknown"
        ? "The error message doesn't contain a known reason."
        : "The error message doesn't name a resource.";
    case "profile-from-api":
      return `GetInferenceProfile: ${finding.profileId} routes to ${routed(finding.destinationRegions)}${finding.cached ? ` (asked ${finding.asOf ?? "earlier"})` : ""}.`;
    case "profile-from-bundled-catalog":
      return `${capital(theCatalog(finding.asOf))}: ${finding.profileId} routes to ${routed(finding.destinationRegions)}.${unanswered(finding.failure)}`;
    case "profile-not-offered-here":
      return `${capital(theCatalog(finding.asOf))} lists ${finding.profileId} for the source Regions ${list(finding.sourceRegions)} only.`;
    case "profile-unresolved":
      return `The destinations of ${finding.modelId} are not known.${unanswered(finding.failure)}${newer(finding.modelId, finding.notInCatalogOf)}`;
    case "profiles-of-model":
      if (finding.profileIds.length > 0)
        return `Inference profiles of ${finding.modelId} for this source Region: ${listedWords(finding)}.${newerModel(finding)}`;
      return finding.isInCatalog === false
        ? `${capital(notInCatalog(finding.modelId, finding.asOf))}. No inference profile of it was found.`
        : `${capital(theCatalog(finding.asOf))} lists no other inference profile of ${finding.modelId} for this source Region.`;
    case "profiles-of-similar-models":
      return finding.profileIds.length > 0
        ? `${finding.modelId} is similar to ${list(finding.similarModelIds)}. Inference profiles for this source Region: ${listedWords(finding)}.`
        : `${finding.modelId} is similar to ${list(finding.similarModelIds)}. ${capital(theCatalog(finding.asOf))} lists no inference profile for this source Region.`;
    case "model-needs-profile":
      return `GetFoundationModel: ${finding.modelId} can be called here only through an inference profile${finding.profileIds.length > 0 ? `: ${listedWords(finding)}` : ""}.${newerModel(finding)}`;
    case "model-not-found":
      return `GetFoundationModel knows no model ${finding.modelId} here.`;
    case "policies-evaluated":
      return `${evaluatedWords(finding.policyNames)}: ${counted(finding.allowed)} allowed, ${finding.blocked} blocked, ${finding.unknown} unknown.`;
    case "policies-disagree":
      return `By ${list(finding.policyNames)}, ${finding.resource} would be allowed, but AWS refused it: these are not all the policies, or not the present ones.`;
    case "policies-without-principal":
      return "The policies were not evaluated: it is not known who calls, and no principalArn was given.";
    case "policies-of-another-caller":
      return `The policies were not evaluated: they are those of ${finding.principalArn}, and AWS names another caller.`;
    case "model-access":
      return `GetFoundationModelAvailability of ${finding.modelId}: ${accessWords(finding)}. That is access to the model only: policies are decided separately.${finding.isGovCloud ? " In AWS GovCloud (US) the agreement is made in the linked standard account." : ""}`;
    case "use-case-form":
      return `GetUseCaseForModelAccess: the account ${finding.isFilled ? "has filled out" : "has not filled out"} the use case form of Anthropic's models.`;
    case "takes-foundation-models-only":
      return modelsOnlySentence(finding);
    case "prompt-selects-profile":
      return promptSentence(finding);
    case "data-retention-mode":
      return `GetAccountDataRetention: The data retention mode of this account in ${finding.region} is ${finding.mode}. The mode applies to the whole account in that Region.`;
    case "organization-policies":
      if (finding.levels.length === 0)
        return "AWS Organizations: service control policies are not in force: none is attached.";
      return `AWS Organizations: ${finding.levels.map(({ level, policyNames }) => `${level} has ${list(policyNames)}`).join("; ")}.`;
    case "organization-without-account":
      return "AWS Organizations was not asked: the caller's account is not known.";
    case "caller":
      return `GetCallerIdentity: the credentials are those of ${finding.principalArn}.`;
    case "role":
      return finding.isGuessed
        ? `The role is taken to be ${finding.roleArn}: a session's ARN does not show the role's path, and GetRole did not tell it${named(finding.errorName)}.`
        : `GetRole: the role is ${finding.roleArn}.`;
    case "simulation":
      return `IAM's policy simulator, for ${finding.policySourceArn}: ${counted(finding.allowed)} allowed, ${finding.denied} denied${finding.open > 0 ? `, ${finding.open} not simulated` : ""}.${/^arn:aws:/.test(finding.policySourceArn) ? "" : " That it evaluates the conditions of service control policies is documented for the commercial partition only."}`;
    case "probe-refused":
      return `AWS refused a request without content (${finding.kind})${finding.resource ? `, on ${finding.resource}` : ""}.`;
    case "probe-passed":
      return `Bedrock ${finding.errorName ? "complained about the content of" : "answered"} an empty request: likely it would authorize one at the source.`;
    case "probe-undecided":
      return `A request without content failed with ${finding.errorName}, which says nothing about permissions.`;
    case "enforced-guardrails":
      return finding.guardrailArns.length > 0
        ? `The application states that these guardrails are enforced: ${list(finding.guardrailArns)}.`
        : "The application states that no guardrail is enforced.";
    case "guardrail-profiles":
      return finding.profileArns.length > 0
        ? `The application states that guardrail ${finding.guardrail} uses ${list(finding.profileArns)}.`
        : `The application states that guardrail ${finding.guardrail} doesn't use cross-Region inference.`;
    case "source-not-applicable":
      return `Not asked: ${NOT_APPLICABLE[finding.reason]}.`;
    case "source-not-installed":
      return `Not asked: ${notInstalledWords(finding.packageName)}.`;
    case "source-not-loaded":
      return `Not asked: ${notLoadedWords(finding)}.`;
    case "source-failed":
      if (source === "organization" && finding.errorName?.startsWith("AccessDenied")) return ORGANIZATION_DENIED;
      return finding.reason === "deadline"
        ? "Not answered before the deadline."
        : finding.reason === "aborted"
          ? "Ended by the caller's abort signal."
          : `Failed${named(finding.errorName, " with ", "")}.`;
  }
}

const newer = (id: string, asOf: string | undefined) =>
  asOf === undefined ? "" : ` ${capital(notInCatalog(id, asOf))}.`;

const newerModel = ({ modelId, asOf, isInCatalog }: ListedProfiles & { modelId: string }) =>
  isInCatalog === false ? newer(modelId, asOf) : "";

const ORGANIZATION_DENIED =
  "AWS Organizations denied it: it answers the management account and delegated administrators only.";

const named = (errorName: string | undefined, before = " (", after = ")") =>
  errorName === undefined ? "" : `${before}${errorName}${after}`;

const NOT_APPLICABLE: Record<NotApplicable, string> = {
  "bearer-token": "the calls are made with a Bedrock API key, and other credentials are not the caller's",
  root: "IAM's policy simulator does not simulate the root user",
  "federated-user": "IAM's policy simulator does not simulate federated users",
  "service-linked-role":
    "IAM's policy simulator does not apply service control policies to service-linked roles as AWS does",
  "role-path-unknown": "the role's path is not known, and it cannot be guessed",
  "no-caller": "it is not known who calls (diagnose() takes a principalArn)",
  "no-legs": "it is not known what the call is authorized on",
  "not-an-invocation": "the request is an invocation, and this operation needs another permission",
  "other-caller": "the request would be made with the client's own credentials, and principalArn names the caller",
  "may-start-subscription":
    "a request could be what subscribes the account to the model; mayStartSubscription allows that",
  "probed-just-now": "another request without content was sent less than 20 seconds ago",
};

export function accessWords(access: ModelAccess) {
  const said = (["agreement", "authorization", "entitlement", "region"] as const).flatMap((what) =>
    access[what] ? [`${what === "region" ? "Region" : what} ${access[what]}`] : [],
  );
  return said.length > 0 ? said.join(", ") : "it says nothing";
}

/** Where a profile routes to: a global one to wherever the model is. */
const routed = (regions: readonly string[]) =>
  list(regions.map((region) => (region === "unspecified" ? "any commercial Region (global routing)" : region)));

const evaluatedWords = (names: readonly string[]) =>
  names.length > 0 ? `Evaluated ${list(names)}` : "No policy documents are known";

const counted = (legs: number) => `${legs} ${legs === 1 ? "leg" : "legs"}`;

const notInstalledWords = (name: string) => `${name} is not installed (npm install ${name})`;

/** Why an installed package can't be used. */
function notLoadedWords({ packageName, errorName, missingExport }: PackageFailure): string {
  return missingExport === undefined
    ? `${packageName} couldn't be loaded${named(errorName)}`
    : `the installed version of ${packageName} doesn't export ${missingExport} (npm install ${packageName}@latest)`;
}

type PackageFailure = { packageName: string; errorName?: string; missingExport?: string };

const REASON: Record<Exclude<LookupFailureReason, "not-installed" | "not-loaded">, string> = {
  denied: "was denied",
  "not-found": "knows no such profile in this Region",
  throttled: "was throttled",
  timeout: "did not answer in time",
  unreachable: "could not be reached",
  malformed: "answered something unusable",
  "bad-credentials": "refused the credentials",
  other: "failed",
};

function unanswered(failure: LookupFailure | undefined): string {
  if (failure === undefined) return "";
  const { reason, packageName = "a package", errorName } = failure;
  if (reason === "not-installed") return ` GetInferenceProfile wasn't called: ${notInstalledWords(packageName)}.`;
  if (reason === "not-loaded") {
    return ` GetInferenceProfile wasn't called: ${notLoadedWords({ ...failure, packageName })}.`;
  }
  return ` GetInferenceProfile ${REASON[reason]}${named(errorName)}.`;
}
