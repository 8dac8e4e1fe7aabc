/** One row of the table. Both sides are measured in every round, so that a change of the machine's speed affects both. */
export interface Row {
  what: string;
  unit: string;
  ours: number;
  /** The plain SDK's median. Absent if the row has its own limit. */
  theirs?: number;
  ratio?: number;
  reach: string;
  reached: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/** Runs both alternately, each first every other time. Returns the medians and the median of the ratios. */
export async function paired(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<{ ours: number; theirs: number; ratio: number }> {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) a.push(await ours());
    b.push(await theirs());
    if (round % 2 === 1) a.push(await ours());
  }
  return {
    ours: median(a),
    theirs: median(b),
    ratio: median(a.map((value, round) => value / (b[round] ?? Number.NaN))),
  };
}

/** Returns how long some work takes, in milliseconds. */
export async function timed(run: () => unknown): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
