/**
 * What a part of a policy says about a request. `unknown` is what the evidence does not show: a context key that nobody
 * supplied, an operator that is not known. It is never taken for the one or the other.
 */
export type Outcome = "match" | "no match" | "unknown";

export const outcomeOf = (matches: boolean): Outcome => (matches ? "match" : "no match");

export const negated = (outcome: Outcome): Outcome =>
  outcome === "unknown" ? "unknown" : outcomeOf(outcome === "no match");

/** What all come to, where all come to the same. */
export function agreed<T>(items: readonly T[], outcomeOfOne: (item: T) => Outcome): Outcome {
  let result: Outcome | undefined;
  for (const item of items) {
    const outcome = outcomeOfOne(item);
    if (result !== undefined && result !== outcome) return "unknown";
    result = outcome;
  }
  return result ?? "unknown";
}

/** All must match: one that does not decides, whatever is unknown beside it. */
export function all<T>(items: readonly T[], outcomeOfOne: (item: T) => Outcome): Outcome {
  let result: Outcome = "match";
  for (const item of items) {
    const outcome = outcomeOfOne(item);
    if (outcome === "no match") return "no match";
    if (outcome === "unknown") result = "unknown";
  }
  return result;
}

/** One must match: one that does decides, whatever is unknown beside it. */
export function any<T>(items: readonly T[], outcomeOfOne: (item: T) => Outcome): Outcome {
  let result: Outcome = "no match";
  for (const item of items) {
    const outcome = outcomeOfOne(item);
    if (outcome === "match") return "match";
    if (outcome === "unknown") result = "unknown";
  }
  return result;
}
