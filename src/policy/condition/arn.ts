import { outcomeOf } from "../outcome.js";
import { arnMatches, arnMatchesByParts, completedArn } from "../wildcard.js";
import { type Operator, withNegation } from "./operator.js";

const arn = {
  variables: true,
  wildcards: true,
  compile: (glob: string) => (value: string) => {
    // AWS completes incomplete ARNs in identity-based policies, but doesn't document whether it does so in conditions.
    const isCompleted = glob !== "*" && arnMatches(completedArn(glob), value);
    if (!arnMatches(glob, value)) return isCompleted ? ("unknown" as const) : outcomeOf(false);
    // The page says that the six parts are checked separately, and for wildcards it points to one that lets a trailing
    // `*` go beyond the colon. Where the two differ, it is not known which holds.
    return glob === "*" || arnMatchesByParts(glob, value) ? outcomeOf(true) : ("unknown" as const);
  },
};

/** `ArnEquals` and `ArnLike` are the same (IAM User Guide, "Condition operators", "Amazon Resource Name (ARN) condition operators"). */
export const ARN_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...withNegation("ArnEquals", "ArnNotEquals", arn),
  ...withNegation("ArnLike", "ArnNotLike", arn),
];
