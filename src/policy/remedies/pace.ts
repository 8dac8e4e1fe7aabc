/** How long work continues before it yields to the event loop, in milliseconds. */
const SLICE_MS = 8;

/** The clock, the event loop, and the time limit for work that takes long. */
export interface Pace {
  /** The current time in milliseconds, on the same clock as {@link Pace.until}. */
  now(): number;
  /** Resolves after the event loop has run. */
  yieldToEventLoop(): Promise<void>;
  /** The time at which the work must end. The first slice of 8 ms is always completed. */
  until: number;
  /** Ends the work early. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs steps until all are done or the time is over, in slices of 8 ms. Yields to the event loop between slices. A step
 * must be short, because it can't be interrupted.
 *
 * @returns true if all steps were run
 */
export async function takeSteps(
  steps: Iterable<void>,
  { now, yieldToEventLoop, until, signal }: Pace,
): Promise<boolean> {
  // The code before this work has already occupied the event loop for a while.
  await yieldToEventLoop();
  let begun = now();
  for (const _ of steps) {
    if (now() - begun < SLICE_MS) continue;
    await yieldToEventLoop();
    begun = now();
    if (signal?.aborted || begun >= until) return false;
  }
  return true;
}
