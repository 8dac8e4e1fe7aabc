/**
 * The result of evaluating a part of a policy for a request. `unknown` means that the evidence doesn't show the result,
 * for example because the value of a context key is unknown or an operator isn't recognized. It's never treated as
 * either of the other results.
 */
export type Outcome = "match" | "no match" | "unknown";

export const outcomeOf = (matches: boolean): Outcome => (matches ? "match" : "no match");

export const negated = (outcome: Outcome): Outcome =>
  outcome === "unknown" ? "unknown" : outcomeOf(outcome === "no match");

/** Returns the outcome of all items if it's the same for all of them. */
export function agreed<T>(items: readonly T[], outcomeOfOne: (item: T) => Outcome): Outcome {
  let result: Outcome | undefined;
  for (const item of items) {
    const outcome = outcomeOfOne(item);
    if (result !== undefined && result !== outcome) return "unknown";
    result = outcome;
  }
  return result ?? "unknown";
}

/** All items must match. If one doesn't match, the result is known, even if other items are unknown. */
export function all<T>(items: readonly T[], outcomeOfOne: (item: T) => Outcome): Outcome {
  let result: Outcome = "match";
  for (const item of items) {
    const outcome = outcomeOfOne(item);
    if (outcome === "no match") return "no match";
    if (outcome === "unknown") result = "unknown";
  }
  return result;
}

/** At least one item must match. If one matches, the result is known, even if other items are unknown. */
export function any<T>(items: readonly T[], outcomeOfOne: (item: T) => Outcome): Outcome {
  let result: Outcome = "no match";
  for (const item of items) {
    const outcome = outcomeOfOne(item);
    if (outcome === "match") return "match";
    if (outcome === "unknown") result = "unknown";
  }
  return result;
}
