import { defined } from "../defined.js";
import { invalid, invalidField } from "./responses.js";

/**
 * Returns the position at which a page begins, from the token of the previous page. Returns undefined for an invalid
 * token.
 */
export function pageStart(token: unknown): number | undefined {
  if (token === undefined || token === null) return 0;
  return typeof token === "string" && /^\d{1,9}$/.test(token) ? Number(token) : undefined;
}

/**
 * Returns one page of a list, according to `maxResults` and `nextToken` in a query, or the error for an invalid query.
 */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): { items: T[]; nextToken?: string } | Response {
  const size = query.get("maxResults") ?? "1000";
  const from = pageStart(query.get("nextToken"));
  if (!/^\d{1,4}$/.test(size) || Number(size) < 1 || Number(size) > 1_000) {
    return invalidField("maxResults", "be between 1 and 1000");
  }
  if (from === undefined) return invalid("The provided nextToken is invalid.");
  const to = from + Number(size);
  return defined({ items: all.slice(from, to), nextToken: to < all.length ? String(to) : undefined });
}
