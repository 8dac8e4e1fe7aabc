import { asciiLower } from "../../../ascii.js";
import { type Outcome, outcomeOf } from "../outcome.js";
import type { Operator } from "./operator.js";

function boolOf(text: string): boolean | undefined {
  const lower = asciiLower(text);
  return lower === "true" ? true : lower === "false" ? false : undefined;
}

/** IAM User Guide, "Condition operators", "Boolean condition operators". */
export const BOOL_OPERATORS: readonly (readonly [string, Operator])[] = [
  [
    "Bool",
    {
      negated: false,
      variables: true,
      wildcards: false,
      compile: (wanted) => {
        const bool = boolOf(wanted);
        if (bool === undefined) return undefined;
        return (value): Outcome => (boolOf(value) === undefined ? "unknown" : outcomeOf(boolOf(value) === bool));
      },
    },
  ],
];
