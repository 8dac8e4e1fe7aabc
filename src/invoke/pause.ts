/** Resolves after the time, with the signal, or with `sooner`, whichever is first; leaves nothing behind. */
export function pause(ms: number, signal: AbortSignal | undefined, sooner?: Promise<void>): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    sooner?.then(done);
  });
}
