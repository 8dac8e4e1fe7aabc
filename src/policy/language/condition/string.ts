import { asciiLower } from "../../../ascii.js";
import { outcomeOf } from "../outcome.js";
import { globMatches } from "../wildcard.js";
import { type Operator, withNegation } from "./operator.js";

const LITERAL_TEXT = { variables: true, wildcards: false };

/** IAM User Guide, "Condition operators", "String condition operators". */
export const STRING_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...withNegation("StringEquals", "StringNotEquals", {
    ...LITERAL_TEXT,
    compile: (wanted) => (value) => outcomeOf(value === wanted),
  }),
  ...withNegation("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", {
    ...LITERAL_TEXT,
    compile: (wanted) => {
      const lower = asciiLower(wanted);
      const folded = wanted.toLowerCase();
      return (value) => {
        if (asciiLower(value) === lower) return outcomeOf(true);
        // AWS doesn't document whether comparisons ignore the case of non-ASCII letters.
        return value.toLowerCase() === folded ? "unknown" : outcomeOf(false);
      };
    },
  }),
  ...withNegation("StringLike", "StringNotLike", {
    variables: true,
    wildcards: true,
    compile: (glob) => (value) => outcomeOf(globMatches(glob, value)),
  }),
];
