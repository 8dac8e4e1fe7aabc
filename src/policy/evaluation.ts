import type { DenyKind, PolicyType } from "../refusal/kinds.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import type { ContextValue } from "./context.js";
import type { Outcome } from "./outcome.js";
import type { Caller, UnknownContext } from "./request.js";

/** Where a statement stands. Sids repeat or are missing, so the policy, the index and the path name it. */
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

/** The policy that decided; of an implicit deny, the kind of policy (and the level) in which nothing allows. */
export interface Decision extends Partial<Omit<StatementRef, "policyType">> {
  policyType: PolicyType;
  /** Absent where the leg is allowed. */
  denyKind?: DenyKind;
}

/** One condition of the deciding statement, as it was evaluated. */
export interface ConditionReport {
  operator: string;
  key: string;
  /** What the policy asks for. */
  policyValues: string[];
  /** What the request has; null: the key is absent; left out: not known. */
  requestValues?: string[] | null;
  outcome: Outcome;
  path: string;
}

/** An Allow that would match but for one thing. */
export interface NearMiss extends StatementRef {
  but: "action" | "resource" | "resource-region" | "resource-account" | "condition";
  /** The conditions that do not match. */
  conditions?: ConditionReport[];
}

/**
 * Why a verdict is unknown:
 * - `not-given`: policies of this type weren't provided.
 * - `not-evaluated`: they were provided, but they aren't evaluated here.
 * - `not-understood`: AWS would reject the policy, or interpret it differently than intended.
 * - `unknown-context`: the values of these keys are unknown.
 * - `role-path`: the path of the caller's role is unknown.
 * - `value-with-wildcard`: a variable's value contains a wildcard or isn't a single value, and AWS doesn't document the result.
 * - `undocumented`: AWS doesn't document the result for the key's value in this request.
 * - `unknown-principal`: the caller may or may not be one of the statement's principals.
 */
export type UnknownReason =
  | "not-given"
  | "not-evaluated"
  | "not-understood"
  | "unknown-context"
  | "role-path"
  | "value-with-wildcard"
  | "undocumented"
  | "unknown-principal";

/** What makes a verdict unknown. */
export interface Unknown extends Partial<Omit<StatementRef, "policyType">> {
  policyType: PolicyType;
  why: UnknownReason;
  effect?: "Allow" | "Deny";
  /**
   * The context keys that the statement depends on, as the policy writes them, each once. For `unknown-context`, these are
   * all keys whose value is unknown, and there is at least one.
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

/** What the policies say about one leg. */
export interface LegEvaluation {
  leg: AuthorizationLeg;
  verdict: "allowed" | "blocked" | "unknown";
  decidedBy?: Decision;
  /** Everything else that blocks the same leg: each of these has to be mended as well. */
  alsoBlockedBy?: Decision[];
  /** Of the deciding statement. */
  conditions?: ConditionReport[];
  nearMisses?: NearMiss[];
  unknown?: Unknown[];
  /** Resource control policies: they don't cover Amazon Bedrock. */
  notEvaluated?: NotEvaluated[];
  /** The role's ARN that was assumed, where the role's path would change the verdict. */
  assumedPrincipalArn?: string;
}

/** What `evaluateLeg` needs to know of the call besides the leg. */
export interface EvaluationContext {
  caller: Caller;
  context: ReadonlyMap<string, ContextValue>;
  unknownContext: UnknownContext;
  /** The ARNs that the caller's role may have besides the one that was assumed. */
  otherRoleArns: readonly string[];
}
