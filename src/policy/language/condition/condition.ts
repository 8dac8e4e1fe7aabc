import { asciiLower } from "../../../ascii.js";
import type { ContextValue, RequestContext } from "../context.js";
import { agreed, all, any, negated, type Outcome, outcomeOf } from "../outcome.js";
import { expanded, type Template, templateOf, type Variable, variablesIn } from "../template.js";
import { ARN_OPERATORS } from "./arn.js";
import { BINARY_OPERATORS } from "./binary.js";
import { BOOL_OPERATORS } from "./bool.js";
import { DATE_OPERATORS } from "./date.js";
import { IP_OPERATORS } from "./ip.js";
import { NUMERIC_OPERATORS } from "./numeric.js";
import type { Operator, Test } from "./operator.js";
import { STRING_OPERATORS } from "./string.js";

/**
 * Every operator in IAM User Guide, "Condition operators", except `Null`. This is a Map because a policy can contain an
 * operator called `constructor`.
 */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...STRING_OPERATORS,
  ...NUMERIC_OPERATORS,
  ...DATE_OPERATORS,
  ...BOOL_OPERATORS,
  ...BINARY_OPERATORS,
  ...IP_OPERATORS,
  ...ARN_OPERATORS,
]);

const SET_OPERATORS = ["ForAllValues:", "ForAnyValue:"] as const;
const IF_EXISTS = "IfExists";

/** One key of one operator in a Condition block, compiled for evaluation. */
export interface Condition {
  /** As written in the policy: `ForAllValues:StringEqualsIfExists`. */
  readonly operator: string;
  /** As written in the policy. */
  readonly key: string;
  readonly values: readonly string[];
  /** The variables in its values. */
  readonly variables: readonly Variable[];
  /** The JSON path: `$.Statement[0].Condition.StringEquals["aws:RequestedRegion"]`. */
  readonly path: string;
  evaluate(context: RequestContext): Outcome;
}

/** Why a condition can't be evaluated. */
export type ConditionFlaw = "unknown-operator" | "invalid-value" | "unclosed-variable";

/** The parts of an operator's name: `ForAnyValue:StringLikeIfExists`. */
export interface OperatorName {
  set: "ForAllValues" | "ForAnyValue" | undefined;
  base: string;
  ifExists: boolean;
}

export function readOperator(name: string): OperatorName {
  const prefix = SET_OPERATORS.find((set) => name.startsWith(set));
  const rest = prefix === undefined ? name : name.slice(prefix.length);
  const ifExists = rest.endsWith(IF_EXISTS);
  return {
    set: prefix?.slice(0, -1) as OperatorName["set"],
    base: ifExists ? rest.slice(0, -IF_EXISTS.length) : rest,
    ifExists,
  };
}

/** Returns true for a negated operator, which matches if none of its values match. */
export const isNegated = (operator: string): boolean => OPERATORS.get(readOperator(operator).base)?.negated ?? false;

/**
 * Compiles one key of one operator.
 *
 * @param variables true if the policy's Version supports variables
 */
export function compileCondition(
  operator: string,
  key: string,
  values: readonly string[],
  path: string,
  variables: boolean,
): Condition | ConditionFlaw {
  const name = readOperator(operator);
  const lowerKey = asciiLower(key);
  if (name.base === "Null") {
    if (name.set !== undefined || name.ifExists) return "unknown-operator";
    return compileNull(operator, key, values, path) ?? "invalid-value";
  }
  const known = OPERATORS.get(name.base);
  if (known === undefined) return "unknown-operator";
  const tests: PolicyValue[] = [];
  const found: Variable[] = [];
  for (const value of values) {
    const template = templateOf(value, variables && known.variables, known.wildcards);
    if (template === undefined) return "unclosed-variable";
    const test = typeof template === "string" ? known.compile(template) : template;
    if (test === undefined) return "invalid-value";
    tests.push(test);
    found.push(...variablesIn(template));
  }
  const evaluate = (context: RequestContext) =>
    overAlternatives(context.get(lowerKey), (value) => withValues(value, name, known, tests, context));
  return { operator, key, values, path, variables: found, evaluate };
}

/** A value in the policy. It's either ready to test, or contains variables that must be replaced first. */
type PolicyValue = Test | Exclude<Template, string>;

/** Evaluates a key whose value is one of several. The result is known if all of them give the same result. */
function overAlternatives(
  value: ContextValue,
  evaluate: (found: readonly string[] | null | undefined) => Outcome,
): Outcome {
  if (value === null || value === undefined || !("oneOf" in value)) return evaluate(value);
  return agreed(value.oneOf, evaluate);
}

/**
 * If a key is absent, an operator doesn't match, a negated operator matches, and `IfExists` matches. `ForAllValues`
 * matches and `ForAnyValue` doesn't, whether negated or not (IAM User Guide, "Condition operators", "Set operators for
 * multivalued context keys"). The two pages contradict each other about `ForAnyValue` with `IfExists`, so the result is
 * unknown. One example on the former page shows `ForAllValues:StringNotLike` without the key as not matching, which
 * contradicts the page's own rule. The rule is followed here. A set operator treats an empty string as no value.
 */
function withValues(
  values: readonly string[] | null | undefined,
  { set, ifExists }: OperatorName,
  operator: Operator,
  tests: readonly PolicyValue[],
  context: RequestContext,
): Outcome {
  if (values === undefined) return "unknown";
  if (values === null || values.length === 0) {
    if (ifExists && set === "ForAnyValue") return "unknown";
    if (ifExists || set === "ForAllValues") return "match";
    return outcomeOf(set === undefined && operator.negated);
  }
  const one = (value: string): Outcome => {
    const found = any(tests, (test) => testValue(test, value, operator, context));
    return operator.negated ? negated(found) : found;
  };
  if (set !== undefined) {
    if (values.every((value) => value === "")) return outcomeOf(set === "ForAllValues");
    return (set === "ForAllValues" ? all : any)(values, one);
  }
  // Several values require a set operator. AWS doesn't document the result without one, so it's known only if all
  // values give the same result.
  return agreed(values, one);
}

function testValue(test: PolicyValue, value: string, operator: Operator, context: RequestContext): Outcome {
  if (typeof test === "function") return test(value);
  const text = expanded(test, context);
  if (text === undefined) return "unknown";
  // A variable without a value isn't equal to anything, so negated operators match.
  return text === null ? "no match" : (operator.compile(text)?.(value) ?? "unknown");
}

/** `Null`: `true` matches if the key is absent. `false` matches if the key is present and has a value. */
function compileNull(operator: string, key: string, values: readonly string[], path: string): Condition | undefined {
  const wanted = new Set(values.map((value) => asciiLower(value)));
  if ([...wanted].some((value) => value !== "true" && value !== "false")) return undefined;
  const lowerKey = asciiLower(key);
  const evaluate = (context: RequestContext) => {
    if (wanted.size === 2) return "match";
    const value = context.get(lowerKey);
    if (value === undefined) return "unknown";
    if (value === null) return outcomeOf(wanted.has("true"));
    // AWS documents only for set operators whether an empty string counts as a value.
    if (!("oneOf" in value) && value.every((text) => text === "") && value.length > 0) return "unknown";
    const absent = !("oneOf" in value) && value.length === 0;
    return outcomeOf(wanted.has(String(absent)));
  };
  return { operator, key, values, path, variables: [], evaluate };
}
