import type { HttpHandler } from "msw";

/** The hosts of Bedrock's runtime and control plane, in every partition. */
const BEDROCK = /^https:\/\/bedrock(-runtime)?(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)\//;

/**
 * Handlers for msw's `setupServer`. msw sees HTTP/1.1 and fetch, not HTTP/2, so clients need
 * `requestHandler: new NodeHttpHandler()`.
 *
 * @throws Error with the install command, where msw is not installed
 */
export async function mswHandlers(handler: (request: Request) => Promise<Response>): Promise<HttpHandler[]> {
  const { http } = await import("msw").catch((cause: unknown) => {
    throw new Error("mswHandlers() needs the package msw, which is not installed: npm install --save-dev msw", {
      cause,
    });
  });
  return [http.all(BEDROCK, ({ request }) => handler(request))];
}
