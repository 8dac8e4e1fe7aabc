import { asciiLower } from "../../ascii.js";
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

/** Every operator of IAM User Guide, "Condition operators", but `Null`. A Map: a policy may name an operator `constructor`. */
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

/** One key of one operator in a Condition, ready to be evaluated. */
export interface Condition {
  /** As the policy writes it: `ForAllValues:StringEqualsIfExists`. */
  readonly operator: string;
  /** As the policy writes it. */
  readonly key: string;
  readonly values: readonly string[];
  /** The variables in its values. */
  readonly variables: readonly Variable[];
  /** Where it stands: `$.Statement[0].Condition.StringEquals["aws:RequestedRegion"]`. */
  readonly path: string;
  evaluate(context: RequestContext): Outcome;
}

/** What is wrong with a condition that cannot be evaluated. */
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

/** True for an operator that matches where none of its values does. */
export const isNegated = (operator: string): boolean => OPERATORS.get(readOperator(operator).base)?.negated ?? false;

/**
 * Compiles one key of one operator.
 *
 * @param variables true where the policy's Version has variables
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

/** A value of the policy: ready to test, or with variables still to be put in. */
type PolicyValue = Test | Exclude<Template, string>;

/** A key whose value is one of several: where all come to the same, that is known. */
function overAlternatives(
  value: ContextValue,
  evaluate: (found: readonly string[] | null | undefined) => Outcome,
): Outcome {
  if (value === null || value === undefined || !("oneOf" in value)) return evaluate(value);
  return agreed(value.oneOf, evaluate);
}

/**
 * Absent keys: an operator doesn't match, a negated one does, `IfExists` does; `ForAllValues` matches and `ForAnyValue`
 * doesn't, negated or not (IAM User Guide, "Condition operators", "Set operators for multivalued context keys"). The two
 * pages contradict each other about `ForAnyValue` with `IfExists`, so the result is unknown. One example on the former page
 * has `ForAllValues:StringNotLike` without the key as no match, against its own rule; the rule is followed. An empty text,
 * to a set operator, is no value.
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
  // Several values need a set operator; without one, AWS does not say how they count, unless all come to the same.
  return agreed(values, one);
}

function testValue(test: PolicyValue, value: string, operator: Operator, context: RequestContext): Outcome {
  if (typeof test === "function") return test(value);
  const text = expanded(test, context);
  if (text === undefined) return "unknown";
  // A variable without a value equals nothing: so negated operators match.
  return text === null ? "no match" : (operator.compile(text)?.(value) ?? "unknown");
}

/** `Null`: `true` matches where the key is absent, `false` where it is there and has a value. */
function compileNull(operator: string, key: string, values: readonly string[], path: string): Condition | undefined {
  const wanted = new Set(values.map((value) => asciiLower(value)));
  if ([...wanted].some((value) => value !== "true" && value !== "false")) return undefined;
  const lowerKey = asciiLower(key);
  const evaluate = (context: RequestContext) => {
    if (wanted.size === 2) return "match";
    const value = context.get(lowerKey);
    if (value === undefined) return "unknown";
    if (value === null) return outcomeOf(wanted.has("true"));
    // Whether an empty text is a value is said for set operators only.
    if (!("oneOf" in value) && value.every((text) => text === "") && value.length > 0) return "unknown";
    const absent = !("oneOf" in value) && value.length === 0;
    return outcomeOf(wanted.has(String(absent)));
  };
  return { operator, key, values, path, variables: [], evaluate };
}
