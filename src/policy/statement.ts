import type { Choice, Statement } from "./document.js";
import { all, any, negated, type Outcome, outcomeOf } from "./outcome.js";
import type { AuthorizationRequest } from "./request.js";
import { expanded, type Template } from "./template.js";
import { actionMatches, arnMatches } from "./wildcard.js";

/** How one statement meets one request, part by part. */
export interface StatementMatch {
  action: Outcome;
  resource: Outcome;
  principal: Outcome;
  /** In the order of {@link Statement.conditions}. */
  conditions: Outcome[];
}

/** Whether a statement applies to a request: all its parts must match. The cheapest parts are asked first. */
export function matchStatement(statement: Statement, request: AuthorizationRequest): Outcome {
  const action = matchAction(statement.action, request);
  if (action === "no match") return action;
  const resource = matchResource(statement.resource, request);
  if (resource === "no match") return resource;
  const conditions = all(statement.conditions, (condition) => condition.evaluate(request.context));
  if (conditions === "no match") return conditions;
  const principal = matchPrincipal(statement.principal, request);
  if (principal === "no match") return principal;
  const isCertain = action === "match" && resource === "match" && conditions === "match" && principal === "match";
  return isCertain && !statement.flawed ? "match" : "unknown";
}

/** The same, with every part looked at. */
export function explainMatch(statement: Statement, request: AuthorizationRequest): StatementMatch {
  return {
    action: matchAction(statement.action, request),
    resource: matchResource(statement.resource, request),
    principal: matchPrincipal(statement.principal, request),
    conditions: statement.conditions.map((condition) => condition.evaluate(request.context)),
  };
}

/** An element that is not understood says nothing; `undefined` for Principal: this kind of policy has none. */
function matchAction(choice: Choice<string> | undefined, { action }: AuthorizationRequest): Outcome {
  if (choice === undefined) return "unknown";
  return outcomeOf(choice.patterns.some((glob) => actionMatches(glob, action)) !== choice.not);
}

function matchResource(resource: Choice<Template> | undefined, request: AuthorizationRequest): Outcome {
  if (resource === undefined) return "unknown";
  const found = any(resource.patterns, (pattern) => resourceMatches(pattern, request));
  return resource.not ? negated(found) : found;
}

function resourceMatches(pattern: Template, request: AuthorizationRequest): Outcome {
  const glob = expanded(pattern, request.context);
  if (glob === undefined) return "unknown";
  // A variable without a value matches no resource (IAM User Guide, "Policy variables with no value").
  return outcomeOf(glob !== null && arnMatches(glob, request.resource));
}

/**
 * An account stands for everyone in it. A Deny with NotPrincipal spares a caller whose every name is listed: session,
 * role and account (IAM User Guide, "AWS JSON policy elements: NotPrincipal").
 */
function matchPrincipal(principal: Choice<string> | undefined, { caller }: AuthorizationRequest): Outcome {
  if (principal === undefined || principal.texts.includes("*")) return outcomeOf(!principal?.not);
  const isListed = (arn: string) => principal.texts.includes(arn);
  const { identities, account, possibleRoles } = caller;
  if (!principal.not) {
    if (identities.some(isListed) || account.some(isListed)) return "match";
    return possibleRoles.some(isListed) ? "unknown" : "no match";
  }
  const named = [...identities, ...account, ...possibleRoles].some(isListed);
  const spared = possibleRoles.length === 0 && identities.every(isListed) && account.some(isListed);
  return named ? (spared ? "no match" : "unknown") : "match";
}
