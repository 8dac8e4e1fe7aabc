import type { Decision, LegEvaluation } from "../policy/evaluate.js";
import type { Principal } from "../principal.js";
import type { DenyKind, PolicyType, RefusalKind } from "../refusal/kinds.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { LeftOut } from "../resolve/call-facts.js";
import type { LookupFailure } from "../resolve/lookup-failure.js";
import type { InferenceProfile } from "../resolve/profile-source.js";
import type { ModelAccess } from "./ports.js";
import type { RegionSetting } from "./refused-call.js";
import type { SimulatedDecision } from "./simulation.js";

/**
 * Where a piece of evidence comes from. `message`: AWS's own refusal. `profile`: the inference profile's destinations.
 * `foundation-model`: what the service says of the account's access to the model. `policies`: the policy documents that the application gave. `identity`: who calls, by
 * STS and IAM. `organization`: the service control policies that AWS Organizations tells. `simulation`: IAM's policy
 * simulator. `probe`: a request without content. `application`: what the application stated.
 */
export type EvidenceSource =
  | "message"
  | "profile"
  | "foundation-model"
  | "policies"
  | "identity"
  | "organization"
  | "simulation"
  | "probe"
  | "application";

/** How sure a statement is: `certain` is what AWS said or documents, `likely` and `possible` are inferences. */
export type Confidence = "certain" | "likely" | "possible";

/** What one source says: a code and its arguments. The sentences are made in `explain/format`. */
export type Finding =
  | { code: "refusal-names-resource"; action: string; resource: string; policyType?: PolicyType; denyKind?: DenyKind }
  | { code: "refusal-names-no-resource"; kind: RefusalKind }
  | { code: "profile-from-api"; profileId: string; destinationRegions: string[]; cached: boolean; asOf?: string }
  | {
      code: "profile-from-bundled-catalog";
      profileId: string;
      destinationRegions: string[];
      asOf?: string;
      failure?: LookupFailure;
    }
  | { code: "profile-not-offered-here"; profileId: string; sourceRegions: string[]; asOf?: string }
  /** `notInCatalogOf` is the catalog's date, if the catalog doesn't contain the profile either. */
  | { code: "profile-unresolved"; modelId: string; failure?: LookupFailure; notInCatalogOf?: string }
  | ({ code: "profiles-of-model"; modelId: string } & ListedProfiles)
  /** An ID that Bedrock doesn't accept, and the profiles of the models that it may stand for. */
  | ({ code: "profiles-of-similar-models"; modelId: string; similarModelIds: string[] } & ListedProfiles)
  /** The model cannot be called by its bare id in the source Region. */
  | ({ code: "model-needs-profile"; modelId: string } & ListedProfiles)
  /** The service knows no such model in the source Region. */
  | { code: "model-not-found"; modelId: string }
  /** `foundationModelId` is absent if the profile's ID doesn't show it. */
  | { code: "takes-foundation-models-only"; operation: string; modelId: string; foundationModelId?: string }
  | { code: "policies-evaluated"; policyNames: string[]; allowed: number; blocked: number; unknown: number }
  /** By the policies at hand the leg that AWS refused is allowed: they are not all, or not the present ones. */
  | { code: "policies-disagree"; policyNames: string[]; resource: string }
  | { code: "policies-without-principal" }
  /** They are said to be those of someone else than AWS names. */
  | { code: "policies-of-another-caller"; principalArn: string }
  | ({ code: "model-access"; modelId: string; isGovCloud?: boolean } & ModelAccess)
  | { code: "use-case-form"; isFilled: boolean }
  /** The prompt selects one of these profiles of the model that AWS denied, or another one that the catalog doesn't list. */
  | {
      code: "prompt-selects-profile";
      promptArn: string;
      sourceRegion: string;
      modelId: string;
      /** Where AWS denied the model; `unspecified` for global routing. */
      region: string;
      profiles: { profileId: string; destinationRegions: string[] }[];
      asOf: string;
    }
  /** The mode applies to the whole account in this Region. */
  | { code: "data-retention-mode"; mode: string; region: string }
  | { code: "organization-policies"; levels: { level: string; policyNames: string[] }[]; managementAccountId?: string }
  | { code: "organization-without-account" }
  | { code: "caller"; principalArn: string }
  /** The role behind a session; `isGuessed` where IAM did not tell its path. */
  | { code: "role"; roleArn: string; isGuessed: boolean; errorName?: string }
  | {
      code: "simulation";
      policySourceArn: string;
      allowed: number;
      denied: number;
      /** Legs that were not simulated in time. */
      open: number;
    }
  | { code: "probe-refused"; kind: RefusalKind; resource?: string }
  | { code: "probe-passed"; errorName?: string }
  | { code: "probe-undecided"; errorName: string }
  /** The guardrails that the application stated to be enforced. If there are none, it stated that none is. */
  | { code: "enforced-guardrails"; guardrailArns: string[] }
  /** The application stated the guardrail profile of a guardrail. If there are no ARNs, it stated that there is none. */
  | { code: "guardrail-profiles"; guardrail: string; profileArns: string[] }
  /** What the source cannot do here, and why. */
  | { code: "source-not-applicable"; reason: NotApplicable }
  | { code: "source-not-installed"; packageName: string }
  /** The package is installed, but loading it failed, or the installed version lacks an export. */
  | { code: "source-not-loaded"; packageName: string; errorName?: string; missingExport?: string }
  | { code: "source-failed"; reason: "deadline" | "aborted" | "error"; errorName?: string };

/** Inference profiles, and how it is known that they exist. */
export interface ListedProfiles {
  /** The narrowest first, and global profiles last. */
  profileIds: string[];
  /** Those that GetInferenceProfile returned. The others are from the catalog. */
  confirmedIds?: string[];
  /** The catalog's date. */
  asOf?: string;
  /** False if the catalog doesn't contain the model, which may be newer than the catalog. */
  isInCatalog?: boolean;
}

/** Why a source cannot tell anything about this caller, or may not be asked. */
export type NotApplicable =
  | "bearer-token"
  | "root"
  | "federated-user"
  | "service-linked-role"
  | "role-path-unknown"
  | "no-caller"
  | "no-legs"
  | "not-an-invocation"
  | "other-caller"
  | "may-start-subscription"
  | "probed-just-now";

/** One thing we know, or the reason why a source could not tell. */
export interface Evidence {
  source: EvidenceSource;
  finding: Finding;
  /** The finding in one sentence. */
  says: string;
  /** When it was learned: ISO 8601, UTC. */
  at: string;
  /** How long the source took, in milliseconds. */
  durationMs: number;
}

/** The policy that decided, as far as AWS says. */
export interface DecidingPolicy {
  type: PolicyType;
  arn?: string;
  /** The policy's own id or name, from its ARN: `p-ex4mpl31` of a service control policy. */
  id?: string;
  denyKind?: DenyKind;
  /** The policy's name, its level in the organization and the statement: where the policies at hand show them. */
  name?: string;
  level?: string;
  statement?: { index: number; path: string; sid?: string };
}

/** What is known about one authorization leg. Where policies were evaluated, also which statement decides and why. */
export interface LegVerdict extends LegEvaluation {
  /** Of an unknown leg: what a source that may be wrong here expects. */
  likely?: LikelyVerdict;
  /** The sources that say otherwise; a stronger one decided. */
  contradictedBy?: EvidenceSource[];
  /** What IAM's policy simulator says, where it was asked. */
  simulated?: SimulatedDecision;
  /** Why, in one sentence. */
  because: string;
  /** The sources that this verdict rests on; empty where none tells. */
  evidence: EvidenceSource[];
}

/** A guess; nothing rests on it. */
export interface LikelyVerdict {
  verdict: "allowed" | "blocked";
  source: EvidenceSource;
  /** The statement that the policies at hand would decide by. */
  decidedBy?: Decision;
  /** The role's ARN that was assumed: a session's ARN does not show the role's path, and another would change the verdict. */
  assumedPrincipalArn?: string;
}

/** An inference profile of the same model that can be called from the same source Region. */
export interface AlternativeProfile {
  profileId: string;
  destinationRegions: string[];
  /** The date of the knowledge, not of the profile. */
  asOf: string;
  /** Whether GetInferenceProfile returned the profile, or the catalog lists it. */
  via: "api" | "bundled-catalog";
}

/** Evidence and verdicts before `explain` gives them their words. */
export type BareEvidence = Omit<Evidence, "says">;
export type BareVerdict = Omit<LegVerdict, "because">;

/** What the evidence shows: everything of a Diagnosis but its sentences and remedies. */
export interface Conclusion {
  kind: RefusalKind;
  refusal: ParsedRefusal;
  /** The SDK operation that was called: `ConverseStream`. */
  operation: string;
  /** The IAM action that was refused: `bedrock:InvokeModelWithResponseStream`. Absent when neither AWS nor the operation tells. */
  action?: string;
  /** The `modelId` as the application gave it; empty for operations that take none. */
  modelId: string;
  profile?: InferenceProfile;
  /** The Region of the client, from which Bedrock routes; `unknown` when the client has none. */
  sourceRegion: string;
  /** Which setting of the client `sourceRegion` comes from; absent if it can't be determined. */
  regionFrom?: RegionSetting;
  /** The ID or ARN of the guardrail that the call sent; null if it sent none, and absent if that isn't known. */
  guardrail?: string | null;
  /** The Regions where a leg is blocked, `unspecified` for global routing; empty when none is known. */
  blockedRegions: string[];
  principal?: Principal;
  policy?: DecidingPolicy;
  legs: BareVerdict[];
  /**
   * False if `legs` may lack some: the profile's destinations are unknown, or it is unknown what the call invokes. True
   * without any legs for a call that AWS rejects whatever policies allow, such as one with an invalid model ID.
   */
  legsComplete: boolean;
  /** What the call is also authorized on, and wasn't checked. */
  leftOut: LeftOut[];
  alternatives: AlternativeProfile[];
  evidence: BareEvidence[];
  confidence: Confidence;
  /** False when the deadline or the caller's abort signal cut the diagnosis short. */
  complete: boolean;
}
