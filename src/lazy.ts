/**
 * A module that is loaded with the first call, and asked for once: import() costs a good part of a call every time.
 * Undefined where it can't be loaded, as a chunk in a bundle that lacks it. The next call tries again: some failures pass
 * by themselves, such as too many open files.
 */
export function lazily<T>(load: () => Promise<T>): () => Promise<T | undefined> {
  const loaded = once(load);
  return () => loaded().catch(() => undefined);
}

/** The same for what has to be there: rejects where it is not, and is asked for again then. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  const made = new Map<"module", Promise<T>>();
  return () => keyed(made, "module", load);
}

/** The promise under the key, made with the first call; made again after one that was rejected. */
export function keyed<K, T>(made: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  const known = made.get(key);
  if (known) return known;
  const making = make();
  made.set(key, making);
  making.catch(() => {
    if (made.get(key) === making) made.delete(key);
  });
  return making;
}

/**
 * True if an error says that exactly this package isn't installed. Any other error means that it is there and can't be
 * loaded: another package that it needs is missing, its code fails, or the environment rejects the way it is loaded.
 */
export function isMissing(error: unknown, packageName: string): boolean {
  const { code, message, data } = (error ?? {}) as { code?: unknown; message?: unknown; data?: { request?: unknown } };
  if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") return false;
  // Node.js, Jest, and bundlers quote the name in the message. Yarn Plug'n'Play has it in the error's data.
  const isQuoted = [`'${packageName}'`, `"${packageName}"`].some((quoted) => String(message).includes(quoted));
  return isQuoted || data?.request === packageName;
}

/** What a package exports. If a bundler splits a CommonJS package into a chunk, that is under `default` only. */
export function exportsOf<T extends object>(namespace: T): T {
  return (namespace as { default?: T }).default ?? namespace;
}
