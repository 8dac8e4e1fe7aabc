import { asciiLower } from "../../ascii.js";
import type { Statement } from "../language/document.js";
import { arnMatches } from "../language/wildcard.js";
import type { ConditionReport, NearMiss } from "./evaluation.js";
import { refOf } from "./hits.js";
import type { PolicyLayer } from "./layers.js";
import type { AuthorizationRequest } from "./request.js";
import { explainMatch, type StatementMatch } from "./statement.js";

/** Returns the conditions of a statement with their evaluations. */
export function reports(statement: Statement, request: AuthorizationRequest): ConditionReport[] {
  return statement.conditions.map((condition) => {
    const value = request.context.get(asciiLower(condition.key));
    const outcome = condition.evaluate(request.context);
    const { operator, key, path } = condition;
    const policyValues = [...condition.values];
    if (value === undefined || (value !== null && "oneOf" in value))
      return { operator, key, policyValues, outcome, path };
    return { operator, key, policyValues, requestValues: value && [...value], outcome, path };
  });
}

/** Returns the Allow statements of a layer that would match if one part were different, nearest first. */
export function nearMissesIn(layer: PolicyLayer, request: AuthorizationRequest): NearMiss[] {
  const misses: NearMiss[] = [];
  for (const policy of layer.policies) {
    for (const statement of policy.document.statements) {
      if (statement.effect !== "Allow" || statement.flawed) continue;
      const but = missedBy(statement, explainMatch(statement, request), request);
      if (but === undefined) continue;
      const failed =
        but === "condition" ? reports(statement, request).filter(({ outcome }) => outcome === "no match") : [];
      const miss: NearMiss = { ...refOf({ layer, policy, statement }), but };
      if (failed.length > 0) miss.conditions = failed;
      misses.push(miss);
    }
  }
  return misses.sort((a, b) => NEAREST.indexOf(a.but) - NEAREST.indexOf(b.but));
}

/** The order of near misses, nearest to matching first. */
const NEAREST: readonly NearMiss["but"][] = ["resource-region", "resource-account", "condition", "action", "resource"];

/** Returns the part that doesn't match, if it's the only one. */
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

/** Returns true if a resource pattern would match with another Region (part 3) or account (part 4). */
function missesOnly(part: 3 | 4, { resource }: Statement, request: AuthorizationRequest): boolean {
  if (resource === undefined || resource.not) return false;
  return resource.texts.some((text) => {
    const parts = text.split(":");
    if (parts.length < 6) return false;
    parts[part] = "*";
    return arnMatches(parts.join(":"), request.resource);
  });
}
