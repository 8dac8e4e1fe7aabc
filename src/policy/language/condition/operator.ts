import type { Outcome } from "../outcome.js";

/** Tests one value of the request against one value of the policy. */
export type Test = (requestValue: string) => Outcome;

/** One condition operator, without `IfExists` and set operators. */
export interface Operator {
  /** True if the operator matches when none of the policy's values match. */
  negated: boolean;
  /** True if policy variables in its values are replaced. */
  variables: boolean;
  /** True if `*` and `?` in its values are wildcards. */
  wildcards: boolean;
  /** Compiles a value of the policy once. Returns undefined if AWS would reject the value. */
  compile(policyValue: string): Test | undefined;
}

/** Returns the operator and its negated counterpart. */
export function withNegation<P extends string, N extends string>(
  positive: P,
  negative: N,
  operator: Omit<Operator, "negated">,
): [P | N, Operator][] {
  return [
    [positive, { ...operator, negated: false }],
    [negative, { ...operator, negated: true }],
  ];
}
