import type { DenyKind, PolicyType } from "./authorization.js";
import type { RegionSetting } from "./diagnose/diagnosed-call.js";
import type { AlternativeProfile } from "./diagnose/sources/alternatives.js";
import type { SimulatedDecision } from "./diagnose/sources/simulated.js";
import type { EvidenceSource, Finding } from "./diagnose/sources.js";
import type { FallbackReport } from "./fallback/report.js";
import type { Decision, LegEvaluation } from "./policy/evaluation/evaluation.js";
import type { PolicyStatement } from "./policy/remedies/edit.js";
import type { Opening } from "./policy/remedies/guards.js";
import type { PlacedEdit } from "./policy/remedies/search.js";
import type { Principal } from "./principal.js";
import type { RefusalKind } from "./refusal/kinds.js";
import type { ParsedRefusal } from "./refusal/parse.js";
import type { LeftOut } from "./resolve/call-facts.js";
import type { InferenceProfile } from "./resolve/profile-source.js";

export type { AlternativeProfile, ListedProfiles } from "./diagnose/sources/alternatives.js";
export type { SimulatedDecision } from "./diagnose/sources/simulated.js";
export type { EvidenceSource, Finding, NotApplicable } from "./diagnose/sources.js";

export type { LeftOut } from "./resolve/call-facts.js";

/** How sure a statement is. `certain`: AWS reported or documents it. `likely` and `possible`: it is inferred. */
export type Confidence = "certain" | "likely" | "possible";

/** One fact, or the reason why a source couldn't determine it. */
export interface Evidence {
  source: EvidenceSource;
  finding: Finding;
  /** The finding in one sentence. */
  says: string;
  /** When the source returned it: ISO 8601, UTC. */
  at: string;
  /** How long the source took, in milliseconds. */
  durationMs: number;
}

/** The policy that decided, as far as the error message identifies it. */
export interface DecidingPolicy {
  type: PolicyType;
  arn?: string;
  /** The policy's own ID or name, from its ARN, such as `p-ex4mpl31` of a service control policy. */
  id?: string;
  denyKind?: DenyKind;
  /** The policy's name, its level in the organization, and the statement, if the provided policies show them. */
  name?: string;
  level?: string;
  statement?: { index: number; path: string; sid?: string };
}

/**
 * The verdict on one authorization leg. If policies were evaluated, it includes the deciding statement and the reason.
 */
export interface LegVerdict extends LegEvaluation {
  /** For an unknown leg, the verdict that a source expects, although that source may be wrong here. */
  likely?: LikelyVerdict;
  /** The sources that report another verdict. A source with higher precedence decided. */
  contradictedBy?: EvidenceSource[];
  /** The result of IAM's policy simulator, if it was called. */
  simulated?: SimulatedDecision;
  /** Why, in one sentence. */
  because: string;
  /** The sources that this verdict is based on. Empty if no source could determine it. */
  evidence: EvidenceSource[];
}

/** A guess. No other verdict is based on it. */
export interface LikelyVerdict {
  verdict: "allowed" | "blocked";
  source: EvidenceSource;
  /** The statement in the provided policies that would decide. */
  decidedBy?: Decision;
  /**
   * The assumed ARN of the role. A session's ARN doesn't contain the role's path, and another path would change the
   * verdict.
   */
  assumedPrincipalArn?: string;
}

/** Evidence and verdicts before `explain` adds their sentences. */
export type BareEvidence = Omit<Evidence, "says">;
export type BareVerdict = Omit<LegVerdict, "because">;

/** What the evidence shows. A Diagnosis consists of this, its sentences, and its remedies. */
export interface Conclusion {
  /** Without a denial, `iam-denied`: a preflight is about what IAM authorizes. */
  kind: RefusalKind;
  /** Absent in a preflight, because no call was denied. */
  refusal?: ParsedRefusal;
  /** The SDK operation that was called, such as `ConverseStream`. */
  operation: string;
  /**
   * The IAM action that was denied, such as `bedrock:InvokeModelWithResponseStream`. Absent if neither the error
   * message nor the operation shows it.
   */
  action?: string;
  /** The `modelId` that the application passed. Empty for operations without one. */
  modelId: string;
  profile?: InferenceProfile;
  /** The Region of the client, from which Bedrock routes. `unknown` if the client has no Region. */
  sourceRegion: string;
  /** Which setting of the client `sourceRegion` comes from. Absent if it can't be determined. */
  regionFrom?: RegionSetting;
  /** The ID or ARN of the guardrail that the call sent. Null if it sent none, and absent if that is unknown. */
  guardrail?: string | null;
  /** The Regions in which a leg is blocked, `unspecified` for global routing. Empty if none is known. */
  blockedRegions: string[];
  principal?: Principal;
  policy?: DecidingPolicy;
  legs: BareVerdict[];
  /**
   * False if legs may be missing, because the profile's destination Regions are unknown, or it is unknown what the call
   * invokes. True, without any legs, for a call that AWS rejects whatever the policies allow, such as a call with an
   * invalid model ID.
   */
  legsComplete: boolean;
  /** What the call is also authorized on, but wasn't checked. */
  leftOut: LeftOut[];
  alternatives: AlternativeProfile[];
  evidence: BareEvidence[];
  confidence: Confidence;
  /** False if the deadline or the caller's abort signal ended the diagnosis early. */
  complete: boolean;
}

/** Who can carry out a remedy. */
export type RemedyActor = "application-developer" | "account-administrator" | "organization-administrator";

/** How much a remedy allows in addition to the denied call, from least to most. */
export type RemedyBreadth = "nothing" | "this-profile" | "geography" | "regions" | "account";

/** The part of a remedy that you can paste into a policy. */
export interface PolicyChange {
  policyType: PolicyType;
  /** `add-statements`: add these to the policy. `add-condition`: add this to the Condition of the denying statement. */
  change: "add-statements" | "add-condition";
  statements?: PolicyStatement[];
  condition?: Record<string, Record<string, string | string[]>>;
}

/** One way to fix the denied call. */
export interface Remedy {
  /** A stable name for use in code. */
  code: string;
  who: RemedyActor;
  title: string;
  /** What to do, in order. */
  steps: string[];
  /** What the remedy allows in addition to the denied call. */
  breadth: RemedyBreadth;
  policy?: PolicyChange;
  /** The changes of the provided policies that were tested together, each with its JSON Patch. */
  edits?: PlacedEdit[];
  /**
   * The changes of the provided policies as a unified diff, for people. The documents are formatted as JSON with an
   * indentation of two spaces. Present with `edits`.
   */
  diff?: string;
  /**
   * Previously denied requests that these changes also allow, by kind. Absent if the changes allow no tested request of
   * any of these kinds.
   */
  opens?: Opening[];
  links: string[];
  /** How likely this fixes the denial. */
  confidence: Confidence;
  /**
   * True only if the provided policies were evaluated again with this change in place, and every leg is allowed. See
   * `opens`.
   */
  verified: boolean;
}

/** How far a search for remedies got before it reached its time limit. */
export interface UnfinishedSearch {
  /** How many combinations of edits were tested. */
  tested: number;
  /** How many weren't tested. Absent if the search stopped before it could count them. */
  untested?: number;
}

/** A conclusion with its sentences and remedies. */
export interface Explained extends Omit<Conclusion, "legs" | "evidence"> {
  /**
   * The first lines of the error message. The first line states what was denied, where, and by what. The second states
   * who does what. Further lines contain what else is known.
   */
  summary: string;
  /** Every authorization leg of the call, each with a verdict. */
  legs: LegVerdict[];
  /** What the diagnosis is based on, and which sources couldn't determine anything, and why. */
  evidence: Evidence[];
  /** Remedies, best first. The best one allows least in addition to the denied call. */
  remedies: Remedy[];
  /** Present if the search for remedies stopped before it had tested every combination of edits. */
  search?: UnfinishedSearch;
  /** Which fallbacks were tried, or why none was. Present if the application opted in to fallback. */
  fallback?: FallbackReport;
}

/** Why a call was denied, the evidence for it, and how to fix it. Plain data: it can be converted to JSON and back. */
export interface Diagnosis extends Explained {
  refusal: ParsedRefusal;
}
