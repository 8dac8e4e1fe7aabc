/**
 * A module that is loaded with the first call, and asked for once: import() costs a good part of a call every time.
 * Undefined where it is missing, as an optional package, or a chunk in a bundle that lacks it.
 */
export function lazily<T>(load: () => Promise<T>): () => Promise<T | undefined> {
  let loading: Promise<T | undefined> | undefined;
  return () => {
    loading ??= load().catch(() => undefined);
    return loading;
  };
}

/** The same for what has to be there: rejects where it is not, and is asked for again then. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
