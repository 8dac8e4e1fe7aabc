import { PRINCIPAL_ARN } from "../../authorization.js";
import type { Condition } from "../language/condition/condition.js";
import { isUnknown, type RequestContext } from "../language/context.js";
import type { PrincipalChoice, ResourceChoice, Statement } from "../language/document.js";
import { templateOf, type Variable, variablesIn } from "../language/template.js";
import type { Unknown, UnknownReason } from "./evaluation.js";
import type { AuthorizationRequest, Caller } from "./request.js";
import { explainMatch, resourceMatches } from "./statement.js";

/** One cause, and the key that it's about, as written in the policy. */
interface Cause {
  why: UnknownReason;
  key?: string;
}

/** Returns why it's unknown whether a statement applies to a request. */
export function reasonOf(statement: Statement, request: AuthorizationRequest): Pick<Unknown, "why" | "keys"> {
  if (statement.flawed) return { why: "not-understood" };
  const match = explainMatch(statement, request);
  const { context, caller } = request;
  const causes = [
    ...(match.resource === "unknown" ? causesInResource(statement.resource, request) : []),
    ...statement.conditions.flatMap((condition, at) =>
      match.conditions[at] === "unknown" ? causesIn(condition, context) : [],
    ),
    ...(match.principal === "unknown" ? causesInPrincipal(statement.principal, caller, context) : []),
  ];
  const why = MOST_SPECIFIC.find((each) => causes.some((cause) => cause.why === each)) ?? "undocumented";
  // A role's path is part of a key's value, so if that value is known, the path is known too.
  const isAboutContext = (cause: Cause) => cause.why === "unknown-context" || cause.why === "role-path";
  const shown = why === "unknown-context" ? causes.filter(isAboutContext) : causes.filter((cause) => cause.why === why);
  const keys = new Map<string, string>();
  for (const { key } of shown) {
    if (key !== undefined && !keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
  }
  return keys.size > 0 ? { why, keys: [...keys.values()] } : { why };
}

/** The reasons in order, starting with the one that the application can do the most about. */
const MOST_SPECIFIC: readonly UnknownReason[] = [
  "unknown-context",
  "role-path",
  "value-with-wildcard",
  "unknown-principal",
  "undocumented",
];

const missing = (name: string): Cause => ({
  why: name.toLowerCase() === PRINCIPAL_ARN ? "role-path" : "unknown-context",
  key: name,
});

function causesIn({ key, variables }: Condition, context: RequestContext): Cause[] {
  const isKeyUnknown = isUnknown(context.get(key.toLowerCase()));
  const causes = [...(isKeyUnknown ? [missing(key)] : []), ...causesInVariables(variables, context)];
  return causes.length > 0 ? causes : [{ why: "undocumented", key }];
}

function causesInVariables(variables: readonly Variable[], context: RequestContext): Cause[] {
  return variables.flatMap(({ key, name, byDefault }): Cause[] => {
    const value = context.get(key);
    if (isUnknown(value)) return [missing(name)];
    const [only = byDefault ?? "", ...more] = (value ?? []) as readonly string[];
    return more.length > 0 || /[*?]/.test(only) ? [{ why: "value-with-wildcard", key: name }] : [];
  });
}

function causesInResource(resource: ResourceChoice | undefined, request: AuthorizationRequest): Cause[] {
  const uncertain = (resource?.patterns ?? []).filter((pattern) => resourceMatches(pattern, request) === "unknown");
  return causesInVariables(uncertain.flatMap(variablesIn), request.context);
}

function causesInPrincipal(
  principal: PrincipalChoice | undefined,
  { possibleRoles }: Caller,
  context: RequestContext,
): Cause[] {
  const texts = principal?.texts ?? [];
  const variables = texts.flatMap((text) => variablesIn(templateOf(text, true, true) ?? text));
  const causes = causesInVariables(variables, context);
  if (possibleRoles.some((arn) => texts.includes(arn))) causes.push(missing("aws:PrincipalArn"));
  return causes.length > 0 ? causes : [{ why: "unknown-principal" }];
}
