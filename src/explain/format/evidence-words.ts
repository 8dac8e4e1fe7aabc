import type { BareEvidence, BareVerdict, Conclusion } from "../../diagnose/evidence.js";
import type { ModelAccess } from "../../diagnose/ports.js";
import type { LookupFailure, LookupFailureReason } from "../../resolve/lookup-failure.js";
import { policyVerdictWords } from "./verdict-words.js";
import { list, policyName } from "./words.js";

/** Why a leg has its verdict, in one sentence. */
export function becauseOf(verdict: BareVerdict, { policy }: Conclusion): string {
  if (verdict.evidence.some((source) => source === "policies" || source === "organization")) {
    return policyVerdictWords(verdict);
  }
  if (verdict.verdict === "blocked") {
    const by =
      policy === undefined
        ? "AWS's refusal names this resource"
        : `AWS's refusal names it, by ${policyName(policy.type)}`;
    return `${by}.`;
  }
  return "AWS's refusal names one evaluation only and is silent about this one.";
}

/** What one piece of evidence says, in one sentence. */
export function evidenceSentence({ finding }: BareEvidence): string {
  switch (finding.code) {
    case "refusal-names-resource":
      return `AWS refused ${finding.action} on ${finding.resource}.`;
    case "refusal-names-no-resource":
      return finding.kind === "unknown" ? "AWS's message says no reason." : "AWS's message names no resource.";
    case "profile-from-api":
      return `GetInferenceProfile: ${finding.profileId} routes to ${list(finding.destinationRegions)}${finding.cached ? ` (asked ${finding.asOf ?? "earlier"})` : ""}.`;
    case "profile-from-bundled-catalog":
      return `The bundled catalog${finding.asOf ? ` of ${finding.asOf}` : ""}: ${finding.profileId} routes to ${list(finding.destinationRegions)}.${unanswered(finding.failure)}`;
    case "profile-not-offered-here":
      return `The bundled catalog knows ${finding.profileId} from ${list(finding.sourceRegions)} only.`;
    case "profile-unresolved":
      return `The destinations of ${finding.modelId} are not known.${unanswered(finding.failure)}`;
    case "profiles-of-model":
      return finding.profileIds.length > 0
        ? `The bundled catalog${finding.asOf ? ` of ${finding.asOf}` : ""} has these profiles of ${finding.modelId} here: ${list(finding.profileIds)}.`
        : `The bundled catalog has no other profile of ${finding.modelId} here.`;
    case "policies-evaluated":
      return `By ${list(finding.policyNames)}: ${counted(finding.allowed)} allowed, ${finding.blocked} blocked, ${finding.unknown} unknown.`;
    case "policies-disagree":
      return `By ${list(finding.policyNames)}, ${finding.resource} would be allowed, but AWS refused it: these are not all the policies, or not the present ones.`;
    case "policies-without-principal":
      return "The policies were not evaluated: AWS's message does not show who called, and no principalArn was given.";
    case "model-access":
      return `GetFoundationModelAvailability of ${finding.modelId}: ${accessWords(finding)}. Even where all of it is granted, a call can be refused.`;
    case "use-case-form":
      return `GetUseCaseForModelAccess: the account ${finding.isFilled ? "has filled out" : "has not filled out"} the use case form of Anthropic's models.`;
    case "organization-policies":
      return `AWS Organizations: ${finding.levels.map(({ level, policyNames }) => `${level} has ${list(policyNames)}`).join("; ")}.`;
    case "organization-without-account":
      return "AWS Organizations was not asked: AWS's message does not show the caller's account.";
    case "source-not-installed":
      return `Not asked: ${finding.packageName} is not installed (npm install ${finding.packageName}).`;
    case "source-failed":
      return finding.reason === "deadline"
        ? "Not answered before the deadline."
        : finding.reason === "aborted"
          ? "Ended by the caller's abort signal."
          : `Failed${finding.errorName ? ` with ${finding.errorName}` : ""}.`;
  }
}

function accessWords(access: ModelAccess) {
  const said = (["agreement", "authorization", "entitlement", "region"] as const).flatMap((what) =>
    access[what] ? [`${what === "region" ? "Region" : what} ${access[what]}`] : [],
  );
  return said.length > 0 ? said.join(", ") : "it says nothing";
}

const counted = (legs: number) => `${legs} ${legs === 1 ? "leg" : "legs"}`;

const REASON: Record<LookupFailureReason, string> = {
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
  return ` GetInferenceProfile ${REASON[failure.reason]}${failure.errorName ? ` (${failure.errorName})` : ""}.`;
}
