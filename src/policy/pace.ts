/** How long work goes on before the event loop has its turn, in milliseconds. */
const SLICE_MS = 8;

/** The clock and the event loop, for work that takes long, and when it has to end. */
export interface Pace {
  /** Milliseconds; the clock of {@link Pace.until}. */
  now(): number;
  /** Resolves after the event loop had its turn. */
  yieldToEventLoop(): Promise<void>;
  /** When the work must have ended. The first slice of 8 ms is always done. */
  until: number;
  /** Ends the work before that. */
  signal?: AbortSignal | undefined;
}

/**
 * Takes steps until all are done or the time is over, in slices of 8 ms, with a turn of the event loop between them. A
 * step must be short: nothing interrupts it.
 *
 * @returns true if all steps were taken
 */
export async function takeSteps(
  steps: Iterable<void>,
  { now, yieldToEventLoop, until, signal }: Pace,
): Promise<boolean> {
  // What came before the work has had the event loop for a while already.
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
