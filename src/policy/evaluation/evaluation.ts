import type { AuthorizationLeg, DenyKind, PolicyType } from "../../authorization.js";
import type { ContextValue } from "../language/context.js";
import type { Outcome } from "../language/outcome.js";
import type { Caller, UnknownContext } from "./request.js";

/** Identifies a statement. Sids can repeat or be missing, so the policy, index, and path identify it. */
export interface StatementRef {
  policyType: PolicyType;
  policyName: string;
  policyArn?: string;
  /** The level of the organization, for service control policies. */
  level?: string;
  statementIndex: number;
  sid?: string;
  /** JSON path in the policy's document. */
  path: string;
}

/** The policy that decided. For an implicit deny, the policy type (and the level) in which no statement allows. */
export interface Decision extends Partial<Omit<StatementRef, "policyType">> {
  policyType: PolicyType;
  /** Absent if the leg is allowed. */
  denyKind?: DenyKind;
}

/** One condition of the deciding statement and its evaluation. */
export interface ConditionReport {
  operator: string;
  key: string;
  /** The values in the policy. */
  policyValues: string[];
  /**
   * The values in the request. `null` means that the key is absent. If this field is left out, the values are unknown.
   */
  requestValues?: string[] | null;
  outcome: Outcome;
  path: string;
}

/** An Allow statement that would match if one part were different. */
export interface NearMiss extends StatementRef {
  but: "action" | "resource" | "resource-region" | "resource-account" | "condition";
  /** The conditions that don't match. */
  conditions?: ConditionReport[];
}

/**
 * Why a verdict is unknown:
 * - `not-provided`: policies of this type weren't provided.
 * - `not-evaluated`: they were provided, but they aren't evaluated here.
 * - `not-understood`: AWS would reject the policy, or interpret it differently than intended.
 * - `unknown-context`: the values of these keys are unknown.
 * - `role-path`: the path of the caller's role is unknown.
 * - `value-with-wildcard`: a variable's value contains a wildcard or isn't a single value, and AWS doesn't document the
 *   result.
 * - `undocumented`: AWS doesn't document the result for the key's value in this request.
 * - `unknown-principal`: the caller may or may not be one of the statement's principals.
 */
export type UnknownReason =
  | "not-provided"
  | "not-evaluated"
  | "not-understood"
  | "unknown-context"
  | "role-path"
  | "value-with-wildcard"
  | "undocumented"
  | "unknown-principal";

/** Why a verdict is unknown, and the statement or policy type that caused it. */
export interface Unknown extends Partial<Omit<StatementRef, "policyType">> {
  policyType: PolicyType;
  why: UnknownReason;
  effect?: "Allow" | "Deny";
  /**
   * The context keys that the statement depends on, as the policy writes them. Each key is listed once. For
   * `unknown-context`, these are all keys whose value is unknown, and there is at least one.
   */
  keys?: string[];
}

/** Policies that were provided and that don't affect the verdict. */
export interface NotEvaluated {
  policyType: PolicyType;
  policyNames: string[];
  /** AWS doesn't apply policies of this type to the service, according to its list of this date (ISO 8601). */
  asOf: string;
}

/** The result of evaluating the policies for one leg. */
export interface LegEvaluation {
  leg: AuthorizationLeg;
  verdict: "allowed" | "blocked" | "unknown";
  decidedBy?: Decision;
  /** All other decisions that block the same leg. Each of them must also be fixed. */
  alsoBlockedBy?: Decision[];
  /** The conditions of the deciding statement. */
  conditions?: ConditionReport[];
  nearMisses?: NearMiss[];
  unknown?: Unknown[];
  /** The resource control policies that were provided. They don't cover Amazon Bedrock. */
  notEvaluated?: NotEvaluated[];
  /** The role ARN that was assumed. Present if the role's path would change the verdict. */
  assumedPrincipalArn?: string;
}

/** The information about the call that `evaluateLeg` requires in addition to the leg. */
export interface EvaluationContext {
  caller: Caller;
  context: ReadonlyMap<string, ContextValue>;
  unknownContext: UnknownContext;
  /** Other ARNs that the caller's role may have, in addition to the one that was assumed. */
  otherRoleArns: readonly string[];
}
