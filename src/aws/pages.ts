import { MalformedAnswer } from "../resolve/lookup-failure.js";

/**
 * The maximum number of pages. No list that is read here has this many. A service that returns more isn't making
 * progress.
 */
const MOST_PAGES = 100;

/**
 * Returns the pages of a list, one request after another.
 *
 * @param ask requests the page for a token, or the first page without a token
 * @param next returns the token of the next page, or undefined if this is the last page
 * @param operation the operation that error messages contain
 * @throws MalformedAnswer if a token isn't a string or was returned before, or if there are too many pages
 */
export async function* pages<Page>(
  ask: (token: string | undefined) => Promise<Page>,
  next: (page: Page) => unknown,
  operation: string,
): AsyncGenerator<Page> {
  const used = new Set<unknown>();
  let token: unknown;
  do {
    const page = await ask(token as string | undefined);
    yield page;
    token = next(page);
    const isUsable = token === undefined || (typeof token === "string" && token !== "" && !used.has(token));
    if (!isUsable || used.size >= MOST_PAGES) throw new MalformedAnswer(`${operation} returned pages without an end.`);
    used.add(token);
  } while (token !== undefined);
}
