import type { ConditionFlaw } from "./condition/condition.js";

/** What AWS would not take in a policy, or would not understand as it is meant. */
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

/** One finding of validation. What it stands on can at best be `unknown`: AWS would refuse such a policy. */
export interface DocumentFinding {
  code: DocumentFindingCode;
  /** JSON path: `$.Statement[0].Effect`. */
  path: string;
  /** What stands there, where it is a text. */
  value?: string;
}

export const shownValue = (value: unknown) => (typeof value === "string" ? { value: value.slice(0, 200) } : {});

/** `$.Statement[0].Condition["aws:RequestedRegion"]`: quoted where a plain name would not do. */
export const pathTo = (path: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
