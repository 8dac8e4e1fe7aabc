/** Packages that the CommonJS build contains, because Node.js 20.0 can't require() them. */
export const BUNDLED: string[] = ["p-retry", "is-network-error", "quick-lru"];
