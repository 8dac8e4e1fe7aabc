import { type AuthorizationLeg, type DenyKind, PRINCIPAL_ARN } from "../../authorization.js";
import { defined } from "../../defined.js";
import type { Statement } from "../language/document.js";
import type { Outcome } from "../language/outcome.js";
import type { Decision, EvaluationContext, LegEvaluation, Unknown } from "./evaluation.js";
import { type Hit, type Hits, hitsIn, type Match, notEvaluatedIn, refOf, verdictOfHits } from "./hits.js";
import type { PolicyLayer } from "./layers.js";
import { nearMissesIn, reports } from "./near-miss.js";
import { type AuthorizationRequest, requestOf } from "./request.js";
import { matchStatement } from "./statement.js";
import { reasonOf } from "./unknown-reason.js";

export type {
  ConditionReport,
  Decision,
  EvaluationContext,
  LegEvaluation,
  NearMiss,
  StatementRef,
  Unknown,
} from "./evaluation.js";
export { blocksOn, type Match, verdictOn } from "./hits.js";

/**
 * Evaluates one leg (IAM User Guide, "Policy evaluation logic"; AWS Organizations User Guide, "SCP evaluation"). An
 * explicit Deny in any policy blocks the leg. Otherwise, every layer must have an Allow, and each level of service
 * control policies is a separate layer. An unknown result makes the verdict unknown, unless a known result blocks the
 * leg anyway.
 */
export function evaluateLeg(
  layers: readonly PolicyLayer[],
  leg: AuthorizationLeg,
  known: EvaluationContext,
): LegEvaluation {
  const request = requestOf(leg, known.caller, known.context, known.unknownContext);
  const evaluation = evaluateRequest(layers, leg, request);
  const notEvaluated = notEvaluatedIn(layers, request);
  if (notEvaluated) evaluation.notEvaluated = notEvaluated;
  const assumed = assumption(layers, request, known);
  if (assumed !== undefined) evaluation.assumedPrincipalArn = assumed;
  return evaluation;
}

/** Evaluates a request in any context in the same way as {@link evaluateLeg}. */
export function evaluateRequest(
  layers: readonly PolicyLayer[],
  leg: AuthorizationLeg,
  request: AuthorizationRequest,
): LegEvaluation {
  const hits = hitsIn(layers, request, matchStatement);
  const { denies, silent, open, allow } = hits;
  const verdict = verdictOfHits(hits);
  if (verdict === "unknown") return { leg, verdict, unknown: open.map((each) => unknownOf(each, request)) };
  if (verdict === "allowed") return allow ? { leg, verdict, decidedBy: decision(allow) } : { leg, verdict };
  const blocked: LegEvaluation = { leg, verdict };
  const [decidedBy, ...alsoBlockedBy] = [...denies.map((hit) => decision(hit, "explicit")), ...silent.map(implicit)];
  if (decidedBy) blocked.decidedBy = decidedBy;
  if (alsoBlockedBy.length > 0) blocked.alsoBlockedBy = alsoBlockedBy;
  const [deny] = denies;
  const conditions = deny === undefined ? [] : reports(deny.statement, request);
  if (conditions.length > 0) blocked.conditions = conditions;
  const nearMisses = silent.flatMap((layer) => nearMissesIn(layer, request));
  if (nearMisses.length > 0) blocked.nearMisses = nearMisses;
  return blocked;
}

function decision(hit: Hit, denyKind?: DenyKind): Decision {
  const decided: Decision = refOf(hit);
  if (denyKind) decided.denyKind = denyKind;
  return decided;
}

const implicit = ({ type, level }: PolicyLayer): Decision =>
  defined({ policyType: type, level, denyKind: "implicit" as const });

function unknownOf(hit: Hits["open"][number], request: AuthorizationRequest): Unknown {
  if ("why" in hit) return { policyType: hit.layer.type, why: hit.why };
  const { statement } = hit;
  const effect = statement.effect ? { effect: statement.effect } : {};
  return { ...refOf(hit), ...effect, ...reasonOf(statement, request) };
}

/** Returns the role ARN that was assumed for a session, if a role with a path would have a different verdict. */
function assumption(
  layers: readonly PolicyLayer[],
  request: AuthorizationRequest,
  { caller, otherRoleArns }: EvaluationContext,
): string | undefined {
  const { assumedRole } = caller;
  if (assumedRole === undefined || otherRoleArns.length === 0) return undefined;
  // Most statements don't depend on the role. Their results are computed once, not for each ARN.
  const ofAnyRole = ofRole(request, undefined, [assumedRole, ...otherRoleArns]);
  const fixed = new Map<Statement, Outcome>();
  const match: Match = (statement, other) => {
    const known = fixed.get(statement) ?? matchStatement(statement, ofAnyRole);
    fixed.set(statement, known);
    return known === "unknown" ? matchStatement(statement, other) : known;
  };
  const hits = hitsIn(layers, request, match);
  const isOther = otherRoleArns.some((roleArn) => !hasSameHits(hits, hitsIn(layers, ofRole(request, roleArn), match)));
  return isOther ? assumedRole : undefined;
}

/**
 * Returns the request as a session of the role with this ARN makes it. Without an ARN, the role is any of
 * `possibleRoles`.
 */
function ofRole(
  { context, caller, ...request }: AuthorizationRequest,
  roleArn: string | undefined,
  possibleRoles: readonly string[] = caller.possibleRoles,
): AuthorizationRequest {
  const value = roleArn === undefined ? undefined : [roleArn];
  const get = (key: string) => (key === PRINCIPAL_ARN ? value : context.get(key));
  const others = caller.identities.filter((arn) => arn !== caller.assumedRole);
  const identities = roleArn === undefined ? others : [...others, roleArn];
  return { ...request, context: { get }, caller: { ...caller, identities, possibleRoles } };
}

const hasSameHits = (a: Hits, b: Hits) =>
  verdictOfHits(a) === verdictOfHits(b) &&
  a.denies.length + a.silent.length === b.denies.length + b.silent.length &&
  a.denies[0]?.statement === b.denies[0]?.statement &&
  (verdictOfHits(a) !== "blocked" || a.denies.length > 0 || a.silent[0] === b.silent[0]) &&
  (verdictOfHits(a) !== "allowed" || a.allow?.statement === b.allow?.statement);
