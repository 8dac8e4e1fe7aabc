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
    // The page says that the six parts are checked separately. For wildcards, it refers to a page on which a trailing
    // `*` can match beyond the colon. If the two rules give different results, the result is unknown.
    return glob === "*" || arnMatchesByParts(glob, value) ? outcomeOf(true) : ("unknown" as const);
  },
};

/**
 * `ArnEquals` and `ArnLike` behave identically (IAM User Guide, "Condition operators", "Amazon Resource Name (ARN)
 * condition operators").
 */
export const ARN_OPERATORS: readonly (readonly [string, Operator])[] = [
  ...withNegation("ArnEquals", "ArnNotEquals", arn),
  ...withNegation("ArnLike", "ArnNotLike", arn),
];
