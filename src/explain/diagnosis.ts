import type { Conclusion, Confidence, Evidence, LegVerdict } from "../diagnose/evidence.js";
import type { FallbackReport } from "../fallback/report.js";
import type { PolicyStatement } from "../policy/edit.js";
import type { Opening } from "../policy/guards.js";
import type { PlacedEdit } from "../policy/search.js";
import type { PolicyType } from "../refusal/kinds.js";

/** Who can carry out a remedy. */
export type RemedyActor = "application-developer" | "account-administrator" | "organization-administrator";

/** How much a remedy opens beyond the refused call, from least to most. */
export type RemedyBreadth = "nothing" | "this-profile" | "geography" | "regions" | "account";

/** The part of a remedy that can be pasted into a policy. */
export interface PolicyChange {
  policyType: PolicyType;
  /** `add-statements`: put these into the policy. `add-condition`: put this into the Condition of the denying statement. */
  change: "add-statements" | "add-condition";
  statements?: PolicyStatement[];
  condition?: Record<string, Record<string, string | string[]>>;
}

/** One way to make the refused call work. */
export interface Remedy {
  /** Stable name, for programs. */
  code: string;
  who: RemedyActor;
  title: string;
  /** What to do, in order. */
  steps: string[];
  /** What becomes possible besides the refused call. */
  breadth: RemedyBreadth;
  policy?: PolicyChange;
  /** The changes of the policies at hand that were tried together, each with its JSON Patch. */
  edits?: PlacedEdit[];
  /**
   * What these changes also allow although it was denied: requests of these kinds. Absent if no tested request of any of
   * these kinds is allowed by the change.
   */
  opens?: Opening[];
  links: string[];
  /** How sure it is that this mends the refusal. */
  confidence: Confidence;
  /** True only if the provided policies were evaluated again with this change in place, and every leg is allowed. See `opens`. */
  verified: boolean;
}

/** How far a search for remedies got that stopped after its budget. */
export interface UnfinishedSearch {
  /** How many combinations of edits were tested. */
  tested: number;
  /** How many weren't; absent if the search stopped before it could count them. */
  untested?: number;
}

/** Why a call was refused, from what that is known, and what to do. Plain data: it survives JSON unchanged. */
export interface Diagnosis extends Omit<Conclusion, "legs" | "evidence"> {
  /** One sentence for a log line: action, Region, policy, profile, and what to do. */
  summary: string;
  /** Every authorization leg of the call, each with a verdict. */
  legs: LegVerdict[];
  /** What all this rests on, and which sources could not tell, and why. */
  evidence: Evidence[];
  /** Best first: the one that opens least. */
  remedies: Remedy[];
  /** Present if the search for remedies stopped before it had tested every combination of edits. */
  search?: UnfinishedSearch;
  /** What was tried instead, or why nothing was; present where the application opted in to fallback. */
  fallback?: FallbackReport;
}

export type { LeftOut } from "../resolve/call-facts.js";
