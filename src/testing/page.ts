import { invalid, invalidField } from "./responses.js";

/** Where a page begins, from the token of the page before; undefined for a token that no page has had. */
export function pageStart(token: unknown): number | undefined {
  if (token === undefined || token === null) return 0;
  return typeof token === "string" && /^\d{1,9}$/.test(token) ? Number(token) : undefined;
}

/** One page of a list, as `maxResults` and `nextToken` of a query ask for it, or the error for a query that isn't valid. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): { items: T[]; nextToken?: string } | Response {
  const size = query.get("maxResults") ?? "1000";
  const from = pageStart(query.get("nextToken"));
  if (!/^\d{1,4}$/.test(size) || Number(size) < 1 || Number(size) > 1_000) {
    return invalidField("maxResults", "be between 1 and 1000");
  }
  if (from === undefined) return invalid("The provided nextToken is invalid.");
  const to = from + Number(size);
  return { items: all.slice(from, to), ...(to < all.length ? { nextToken: String(to) } : {}) };
}
