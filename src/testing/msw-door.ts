/** The hosts of Bedrock's runtime and control plane, in every partition. */
const BEDROCK = /^https:\/\/bedrock(-runtime)?(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)\//;

/** The part of msw's `http` that is needed: msw is the application's, and no dependency of ours. */
export interface MswHttp<H> {
  all(url: RegExp, resolver: (info: { request: Request }) => Promise<Response>): H;
}

/** @throws TypeError when `http` is not msw's */
export function mswHandlers<H>(http: MswHttp<H>, handler: (request: Request) => Promise<Response>): H[] {
  if (typeof http?.all !== "function") {
    throw new TypeError('mswHandlers needs msw\'s http: import { http } from "msw"; bedrock.mswHandlers(http).');
  }
  return [http.all(BEDROCK, ({ request }) => handler(request))];
}
