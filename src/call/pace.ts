import type { Pace } from "../policy/remedies/pace.js";

/** The longest search for remedies, in milliseconds, whatever is left of the deadline. */
const MOST_SEARCH_MS = 500;

/** Limits work that must end with a diagnosis to what is left of the deadline, but at most half a second. */
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
