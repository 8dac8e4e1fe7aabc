import type { Pace } from "../policy/pace.js";

/** How long remedies are searched at most, in milliseconds, whatever is left of the deadline. */
const MOST_SEARCH_MS = 500;

/** The pace of work that has to end with a diagnosis: what is left of its deadline, but at most half a second. */
export function paceWithin(limits: {
  timeoutMs: number;
  signal: AbortSignal | undefined;
  now: () => number;
}): () => Pace {
  const { timeoutMs, signal, now } = limits;
  const deadline = now() + timeoutMs;
  const yieldToEventLoop = () => new Promise<void>((resolve) => setImmediate(resolve));
  return () => ({ now, yieldToEventLoop, until: Math.min(deadline, now() + MOST_SEARCH_MS), signal });
}
