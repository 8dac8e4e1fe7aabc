import { asciiLower } from "../ascii.js";
import type { DenyKind } from "../refusal/kinds.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import type { Statement } from "./document.js";
import type {
  ConditionReport,
  Decision,
  EvaluationContext,
  LegEvaluation,
  NearMiss,
  StatementRef,
  Unknown,
} from "./evaluation.js";
import type { CompiledPolicy, Layer } from "./layers.js";
import type { Outcome } from "./outcome.js";
import { type AuthorizationRequest, requestOf } from "./request.js";
import { PRINCIPAL_ARN } from "./role-paths.js";
import { explainMatch, matchStatement, type StatementMatch } from "./statement.js";
import { arnMatches } from "./wildcard.js";

export type {
  ConditionReport,
  Decision,
  EvaluationContext,
  LegEvaluation,
  NearMiss,
  StatementRef,
  Unknown,
} from "./evaluation.js";

/**
 * Evaluates one leg (IAM User Guide, "Policy evaluation logic"; AWS Organizations User Guide, "SCP evaluation"): an explicit
 * Deny anywhere blocks; else every layer must have an Allow, each level of service control policies for itself. What is
 * unknown makes the verdict unknown, unless something known blocks the leg anyway.
 */
export function evaluateLeg(layers: readonly Layer[], leg: AuthorizationLeg, known: EvaluationContext): LegEvaluation {
  const request = requestOf(leg, known.caller, known.context, known.unknownContext);
  const evaluation = evaluateRequest(layers, leg, request);
  const assumed = assumption(layers, request, known);
  return assumed === undefined ? evaluation : { ...evaluation, assumedPrincipalArn: assumed };
}

/** A statement that applies, or may, and the policy that it stands in. */
export interface Hit {
  layer: Layer;
  policy: CompiledPolicy;
  statement: Statement;
}

/** Which statement applies; a search that has the answer already passes it. */
export type Match = (statement: Statement, request: AuthorizationRequest) => Outcome;

/** Everything in the policies that concerns one request. */
interface Hits {
  /** Statements that deny it, in the order of the layers. */
  denies: Hit[];
  /** Layers in which nothing allows it. */
  silent: Layer[];
  /** Statements and layers that may decide otherwise than is known. */
  open: (Hit | { layer: Layer; why: "not-given" | "not-understood" })[];
  allow: Hit | undefined;
}

/** The same for a request in any context. */
export function evaluateRequest(
  layers: readonly Layer[],
  leg: AuthorizationLeg,
  request: AuthorizationRequest,
): LegEvaluation {
  const hits = hitsIn(layers, request, matchStatement);
  const { denies, silent, open, allow } = hits;
  const verdict = verdictOf(hits);
  if (verdict === "unknown") return { leg, verdict, unknown: open.map((each) => unknownOf(each, request)) };
  if (verdict === "allowed") return { leg, verdict, ...(allow ? { decidedBy: decision(allow) } : {}) };
  const [decidedBy, ...alsoBlockedBy] = [...denies.map((hit) => decision(hit, "explicit")), ...silent.map(implicit)];
  const [deny] = denies;
  const conditions = deny && reports(deny.statement, request);
  const nearMisses = silent.flatMap((layer) => nearMissesIn(layer, request));
  return {
    leg,
    verdict,
    ...(decidedBy ? { decidedBy } : {}),
    ...(alsoBlockedBy.length > 0 ? { alsoBlockedBy } : {}),
    ...(conditions && conditions.length > 0 ? { conditions } : {}),
    ...(nearMisses.length > 0 ? { nearMisses } : {}),
  };
}

/** What blocks a request: every statement that denies it, and every layer in which nothing allows it. */
export function blocksOn(
  layers: readonly Layer[],
  request: AuthorizationRequest,
  match: Match,
): Pick<Hits, "denies" | "silent"> {
  const { denies, silent } = hitsIn(layers, request, match);
  return { denies, silent };
}

/** The verdict alone, without the reasons. */
export const verdictOn = (
  layers: readonly Layer[],
  request: AuthorizationRequest,
  match: Match,
): LegEvaluation["verdict"] => verdictOf(hitsIn(layers, request, match, true));

const verdictOf = ({ denies, silent, open }: Hits): LegEvaluation["verdict"] => {
  if (denies.length > 0 || silent.length > 0) return "blocked";
  return open.length > 0 ? "unknown" : "allowed";
};

/** @param firstDeny true if one Deny is enough to know */
function hitsIn(layers: readonly Layer[], request: AuthorizationRequest, match: Match, firstDeny = false): Hits {
  const hits: Hits = { denies: [], silent: [], open: [], allow: undefined };
  for (const layer of layers) {
    if (request.isOnBehalf && layer.type === "vpc-endpoint-policy") continue;
    let allow: Hit | undefined;
    const maybeAllows: Hit[] = [];
    for (const policy of layer.policies) {
      for (const statement of policy.document.statements) {
        const outcome = match(statement, request);
        if (outcome === "no match") continue;
        const { effect } = statement;
        const hit = { layer, policy, statement };
        if (outcome === "match" && effect === "Deny") {
          hits.denies.push(hit);
          if (firstDeny) return hits;
        } else if (outcome === "match" && effect === "Allow") allow ??= hit;
        else {
          // An Effect that is none might be either.
          if (effect !== "Allow") hits.open.push(hit);
          if (effect !== "Deny") maybeAllows.push(hit);
        }
      }
    }
    if (allow) hits.allow = allow;
    else if (!layer.given) hits.open.push({ layer, why: "not-given" });
    else if (maybeAllows.length > 0) hits.open.push(...maybeAllows);
    else if (layer.policies.some(isEmpty)) hits.open.push({ layer, why: "not-understood" });
    else hits.silent.push(layer);
  }
  return hits;
}

/** A document without a statement is none that AWS would take: it does not show what the policy says. */
const isEmpty = ({ document }: CompiledPolicy) => document.statements.length === 0;

function refOf({ layer, policy, statement }: Hit): StatementRef {
  const ref: StatementRef = {
    policyType: layer.type,
    policyName: policy.name,
    statementIndex: statement.index,
    path: statement.path,
  };
  if (policy.arn !== undefined) ref.policyArn = policy.arn;
  if (layer.level !== undefined) ref.level = layer.level;
  if (statement.sid !== undefined) ref.sid = statement.sid;
  return ref;
}

function decision(hit: Hit, denyKind?: DenyKind): Decision {
  const decided: Decision = refOf(hit);
  if (denyKind) decided.denyKind = denyKind;
  return decided;
}

const implicit = ({ type, level }: Layer): Decision => ({
  policyType: type,
  ...(level === undefined ? {} : { level }),
  denyKind: "implicit",
});

function unknownOf(hit: Hits["open"][number], request: AuthorizationRequest): Unknown {
  if ("why" in hit) return { policyType: hit.layer.type, why: hit.why };
  const { statement } = hit;
  const effect = statement.effect ? { effect: statement.effect } : {};
  if (statement.flawed) return { ...refOf(hit), why: "not-understood", ...effect };
  const uncertain = statement.conditions.filter((condition) => condition.evaluate(request.context) === "unknown");
  return { ...refOf(hit), why: "unknown-context", ...effect, keys: uncertain.map(({ key }) => key) };
}

function reports(statement: Statement, request: AuthorizationRequest): ConditionReport[] {
  return statement.conditions.map((condition) => {
    const value = request.context.get(asciiLower(condition.key));
    const found = value === null ? null : value === undefined || "oneOf" in value ? undefined : [...value];
    return {
      operator: condition.operator,
      key: condition.key,
      policyValues: [...condition.values],
      ...(found === undefined ? {} : { requestValues: found }),
      outcome: condition.evaluate(request.context),
      path: condition.path,
    };
  });
}

function nearMissesIn(layer: Layer, request: AuthorizationRequest): NearMiss[] {
  const misses: NearMiss[] = [];
  for (const policy of layer.policies) {
    for (const statement of policy.document.statements) {
      if (statement.effect !== "Allow" || statement.flawed) continue;
      const but = missedBy(statement, explainMatch(statement, request), request);
      if (but === undefined) continue;
      const failed =
        but === "condition" ? reports(statement, request).filter(({ outcome }) => outcome === "no match") : [];
      misses.push({
        ...refOf({ layer, policy, statement }),
        but,
        ...(failed.length > 0 ? { conditions: failed } : {}),
      });
    }
  }
  return misses.sort((a, b) => NEAREST.indexOf(a.but) - NEAREST.indexOf(b.but));
}

/** What is nearest to matching comes first. */
const NEAREST: readonly NearMiss["but"][] = ["resource-region", "resource-account", "condition", "action", "resource"];

/** The one part that does not match, where it is one. */
function missedBy(
  statement: Statement,
  match: StatementMatch,
  request: AuthorizationRequest,
): NearMiss["but"] | undefined {
  const missing = [
    ...(match.action === "no match" ? (["action"] as const) : []),
    ...(match.resource === "no match" ? (["resource"] as const) : []),
    ...(match.conditions.includes("no match") ? (["condition"] as const) : []),
    ...(match.principal === "no match" ? (["principal"] as const) : []),
  ];
  const [only] = missing;
  if (missing.length !== 1 || only === "principal") return undefined;
  if (only !== "resource") return only;
  return missesOnly(3, statement, request)
    ? "resource-region"
    : missesOnly(4, statement, request)
      ? "resource-account"
      : only;
}

/** Whether a resource pattern would match with another Region (part 3) or account (part 4). */
function missesOnly(part: 3 | 4, { resource }: Statement, request: AuthorizationRequest): boolean {
  if (resource === undefined || resource.not) return false;
  return resource.texts.some((text) => {
    const parts = text.split(":");
    if (parts.length < 6) return false;
    parts[part] = "*";
    return arnMatches(parts.join(":"), request.resource);
  });
}

/** The role's ARN that was assumed for a session, where a role with a path would have another verdict. */
function assumption(
  layers: readonly Layer[],
  request: AuthorizationRequest,
  { caller, otherRoleArns }: EvaluationContext,
): string | undefined {
  const { assumedRole } = caller;
  if (assumedRole === undefined || otherRoleArns.length === 0) return undefined;
  // Most statements don't depend on the role: what they come to is looked at once, and not for each ARN.
  const ofAnyRole = ofRole(request, undefined, [assumedRole, ...otherRoleArns]);
  const fixed = new Map<Statement, Outcome>();
  const match: Match = (statement, other) => {
    const known = fixed.get(statement) ?? matchStatement(statement, ofAnyRole);
    fixed.set(statement, known);
    return known === "unknown" ? matchStatement(statement, other) : known;
  };
  const hits = hitsIn(layers, request, match);
  const isOther = otherRoleArns.some((roleArn) => !isSame(hits, hitsIn(layers, ofRole(request, roleArn), match)));
  return isOther ? assumedRole : undefined;
}

/** The request as the session of a role with this ARN makes it; without one, it is any of `possibleRoles`. */
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

const isSame = (a: Hits, b: Hits) =>
  verdictOf(a) === verdictOf(b) &&
  a.denies.length + a.silent.length === b.denies.length + b.silent.length &&
  a.denies[0]?.statement === b.denies[0]?.statement &&
  (verdictOf(a) !== "blocked" || a.denies.length > 0 || a.silent[0] === b.silent[0]) &&
  (verdictOf(a) !== "allowed" || a.allow?.statement === b.allow?.statement);
