import { MalformedAnswer } from "../resolve/lookup-failure.js";

/** No list that is read here has this many pages; a service that returns more isn't making progress. */
const MOST_PAGES = 100;

/**
 * The pages of a list, one request after another.
 *
 * @param ask requests the page that a token stands for; without one, the first
 * @param next the token of the page after this one; undefined where it is the last
 * @param operation names the list in errors
 * @throws MalformedAnswer where a token comes back that is no text, or that was used before, or where there is no end
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
