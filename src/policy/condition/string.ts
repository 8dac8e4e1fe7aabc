import { outcomeOf } from "../outcome.js";
import { globMatches } from "../wildcard.js";
import { type Operator, withNegation } from "./operator.js";

const text = { variables: true, wildcards: false };

/** IAM User Guide, "Condition operators", "String condition operators". */
export const STRING_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...withNegation("StringEquals", "StringNotEquals", {
    ...text,
    compile: (wanted) => (value) => outcomeOf(value === wanted),
  }),
  ...withNegation("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", {
    ...text,
    compile: (wanted) => {
      const lower = wanted.toLowerCase();
      return (value) => outcomeOf(value.toLowerCase() === lower);
    },
  }),
  ...withNegation("StringLike", "StringNotLike", {
    variables: true,
    wildcards: true,
    compile: (glob) => (value) => outcomeOf(globMatches(glob, value)),
  }),
];
