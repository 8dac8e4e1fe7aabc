/** The hosts of Bedrock's runtime and control plane in every partition. */
const BEDROCK = /^https:\/\/bedrock(-runtime)?(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)\//;

/**
 * The part of msw's `http` that is required. The application installs msw, so it isn't a dependency of this library.
 */
export interface MswHttp<H> {
  all(url: RegExp, resolver: (info: { request: Request }) => Promise<Response>): H;
}

/** @throws TypeError if `http` isn't msw's */
export function mswHandlers<H>(http: MswHttp<H>, handler: (request: Request) => Promise<Response>): H[] {
  if (typeof http?.all !== "function") {
    throw new TypeError('mswHandlers needs msw\'s http: import { http } from "msw"; bedrock.mswHandlers(http).');
  }
  return [http.all(BEDROCK, ({ request }) => handler(request))];
}
