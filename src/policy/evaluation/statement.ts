import type { Choice, PrincipalChoice, ResourceChoice, Statement } from "../language/document.js";
import { all, any, negated, type Outcome, outcomeOf } from "../language/outcome.js";
import { expanded, type Template } from "../language/template.js";
import { actionMatches, arnMatches, globMatches } from "../language/wildcard.js";
import type { AuthorizationRequest, Caller } from "./request.js";

/** The result of matching one statement against one request, part by part. */
export interface StatementMatch {
  action: Outcome;
  resource: Outcome;
  principal: Outcome;
  /** In the order of {@link Statement.conditions}. */
  conditions: Outcome[];
}

/** Returns whether a statement applies to a request. All its parts must match. The fastest checks run first. */
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

/** Works like {@link matchStatement}, but evaluates every part. */
export function explainMatch(statement: Statement, request: AuthorizationRequest): StatementMatch {
  return {
    action: matchAction(statement.action, request),
    resource: matchResource(statement.resource, request),
    principal: matchPrincipal(statement.principal, request),
    conditions: statement.conditions.map((condition) => condition.evaluate(request.context)),
  };
}

/**
 * An invalid element has an unknown result. For Principal, `undefined` means that this policy type has no such element.
 */
function matchAction(choice: Choice<string> | undefined, { action }: AuthorizationRequest): Outcome {
  if (choice === undefined) return "unknown";
  return outcomeOf(choice.patterns.some((glob) => actionMatches(glob, action)) !== choice.not);
}

function matchResource(resource: ResourceChoice | undefined, request: AuthorizationRequest): Outcome {
  if (resource === undefined) return "unknown";
  const found = any(resource.patterns, (pattern) => readingsMatch(pattern, resource.completed, request));
  return resource.not ? negated(found) : found;
}

function readingsMatch(
  pattern: Template,
  completed: ResourceChoice["completed"],
  request: AuthorizationRequest,
): Outcome {
  const outcome = resourceMatches(pattern, request);
  const other = completed?.get(pattern);
  return other === undefined || resourceMatches(other, request) === outcome ? outcome : "unknown";
}

/** Returns whether one pattern of a Resource element matches. */
export function resourceMatches(pattern: Template, request: AuthorizationRequest): Outcome {
  const glob = expanded(pattern, request.context);
  if (glob === undefined) return "unknown";
  // A variable without a value matches no resource (IAM User Guide, "Policy variables with no value").
  return outcomeOf(glob !== null && arnMatches(glob, request.resource));
}

/**
 * An account includes every identity in it. A Deny with NotPrincipal exempts a caller if its session, role, and account
 * are all listed (IAM User Guide, "AWS JSON policy elements: NotPrincipal").
 */
function matchPrincipal(principal: PrincipalChoice | undefined, { caller }: AuthorizationRequest): Outcome {
  if (principal === undefined || principal.texts.includes("*")) return outcomeOf(!principal?.not);
  const isListed = (arn: string) => principal.texts.includes(arn);
  const { identities, account, possibleRoles } = caller;
  const mayBeListed = possibleRoles.some(isListed) || mayBeAnother(principal, caller);
  if (!principal.not) {
    if (identities.some(isListed) || account.some(isListed)) return "match";
    return mayBeListed ? "unknown" : "no match";
  }
  const isSpared = possibleRoles.length === 0 && identities.every(isListed) && account.some(isListed);
  if (isSpared) return "no match";
  return mayBeListed || identities.some(isListed) || account.some(isListed) ? "unknown" : "match";
}

/**
 * Returns true if the caller may be a principal that its ARN doesn't show: a role session of an identity provider's
 * user, an account identified by its canonical user ID, a session of the role that calls, or a principal that a
 * variable or a wildcard stands for. AWS documents neither of the last two for principals (IAM User Guide, "AWS JSON
 * policy elements: Principal").
 */
function mayBeAnother({ texts, others }: PrincipalChoice, caller: Caller): boolean {
  if (others.length === 0 && !texts.some(isPattern) && caller.principal.type !== "role") return false;
  const { type, name, accountId } = caller.principal;
  const isRole = type === "role" || type === "assumed-role";
  if (others.includes("CanonicalUser") || (isRole && others.includes("Federated"))) return true;
  const session = `arn:${caller.partition}:sts::${accountId}:assumed-role/${name}/`;
  return texts.some((text) => {
    if (text.includes("${") || (type === "role" && text.startsWith(session))) return true;
    if (!isPattern(text)) return false;
    if ([...caller.identities, ...caller.account].some((arn) => globMatches(text, arn))) return true;
    return caller.roleFolder !== undefined && globMatches(beforeResource(text), beforeResource(caller.roleFolder));
  });
}

const beforeResource = (arn: string) => arn.split(":", 5).join(":");

const isPattern = (text: string) => /[*?]|\$\{/.test(text);
