import type { Conclusion, Confidence, Evidence, LegVerdict } from "../diagnose/evidence.js";
import type { FallbackReport } from "../fallback/report.js";
import type { PolicyStatement } from "../policy/edit.js";
import type { Opening } from "../policy/guards.js";
import type { PlacedEdit } from "../policy/search.js";
import type { PolicyType } from "../refusal/kinds.js";

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

/** Why a call was denied, the evidence for it, and how to fix it. Plain data: it can be converted to JSON and back. */
export interface Diagnosis extends Omit<Conclusion, "legs" | "evidence"> {
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

export type { LeftOut } from "../resolve/call-facts.js";
