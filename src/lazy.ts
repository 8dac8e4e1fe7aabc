/**
 * Loads a module on the first call and caches it, because import() takes a considerable part of a call's time. Returns
 * undefined if the module can't be loaded, for example because a bundle lacks its chunk. The next call then tries
 * again, because some failures are temporary, such as too many open files.
 */
export function lazily<T>(load: () => Promise<T>): () => Promise<T | undefined> {
  let loading: Promise<T | undefined> | undefined;
  const orUndefined = () =>
    load().catch(() => {
      loading = undefined;
      return undefined;
    });
  return () => {
    loading ??= orUndefined();
    return loading;
  };
}

/**
 * Loads a required module on the first call and caches it. Rejects if the module can't be loaded. The next call then
 * tries again.
 */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  const made = new Map<"module", Promise<T>>();
  return () => keyed(made, "module", load);
}

/** Returns the promise for a key. The first call creates it. If it was rejected, the next call creates it again. */
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
 * Returns true if an error means that exactly this package isn't installed. Any other error means that the package is
 * installed but can't be loaded: another package that it needs is missing, its code fails, or the environment rejects
 * the way it's loaded.
 */
export function isMissing(error: unknown, packageName: string): boolean {
  const { code, message, data } = (error ?? {}) as { code?: unknown; message?: unknown; data?: { request?: unknown } };
  if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") return false;
  // Node.js, Jest, and bundlers quote the package name in the message. Yarn Plug'n'Play has it in the error's data.
  const isQuoted = [`'${packageName}'`, `"${packageName}"`].some((quoted) => String(message).includes(quoted));
  return isQuoted || data?.request === packageName;
}

/** Returns a package's exports. If a bundler splits a CommonJS package into a chunk, they are only under `default`. */
export function exportsOf<T extends object>(namespace: T): T {
  return (namespace as { default?: T }).default ?? namespace;
}
