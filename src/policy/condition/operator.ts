import type { Outcome } from "../outcome.js";

/** Tests one value of the request against one value of the policy. */
export type Test = (requestValue: string) => Outcome;

/** One condition operator, without `IfExists` and set operators. */
export interface Operator {
  /** The operator matches where none of the policy's values does. */
  negated: boolean;
  /** Policy variables count in its values. */
  variables: boolean;
  /** `*` and `?` in its values are wildcards. */
  wildcards: boolean;
  /** Reads a value of the policy once. `undefined`: AWS would not take this value. */
  compile(policyValue: string): Test | undefined;
}

/** The operator, and the same negated. */
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
