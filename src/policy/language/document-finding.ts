import type { ConditionFlaw } from "./condition/condition.js";

/** Why AWS would reject a policy or interpret it differently than intended. */
export type DocumentFindingCode =
  | ConditionFlaw
  | "unknown-element"
  | "unsupported-element"
  | "missing-element"
  | "conflicting-elements"
  | "wrong-type"
  | "empty-list"
  | "unknown-version"
  | "unknown-effect"
  | "invalid-action"
  | "invalid-resource"
  | "duplicate-key"
  | "duplicate-sid"
  | "incomplete-arn"
  | "too-many-statements";

/**
 * One finding of the validation. A verdict that depends on it can't be better than `unknown`, because AWS would reject
 * the policy.
 */
export interface DocumentFinding {
  code: DocumentFindingCode;
  /** JSON path: `$.Statement[0].Effect`. */
  path: string;
  /** The value at this path, if it's a string. */
  value?: string;
}

export const printableValue = (value: unknown) => (typeof value === "string" ? { value: value.slice(0, 200) } : {});

/**
 * Returns a JSON path such as `$.Statement[0].Condition["aws:RequestedRegion"]`. A key is quoted if it isn't a plain
 * name.
 */
export const pathTo = (path: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
