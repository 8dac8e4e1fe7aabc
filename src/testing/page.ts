/** Where a page begins, from the token of the page before; undefined for a token that no page has had. */
export function pageStart(token: unknown): number | undefined {
  if (token === undefined || token === null) return 0;
  return typeof token === "string" && /^\d{1,9}$/.test(token) ? Number(token) : undefined;
}
