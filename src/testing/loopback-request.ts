import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { defined } from "../defined.js";
import { MAX_BODY_BYTES } from "./request-body.js";

export type Incoming = IncomingMessage | Http2ServerRequest;

/**
 * Methods that fetch's Request doesn't accept. The service has no operation for them, so they are handled like
 * `UNSUPPORTED`.
 */
const NO_FETCH_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;

/**
 * Converts a request from a socket to a fetch Request. Returns undefined if the client disconnected before the end of
 * the request. Any part that a Request can't contain is replaced, so that every request reaches the handler.
 */
export async function toRequest(incoming: Incoming, signal: AbortSignal): Promise<Request | undefined> {
  const body = await bodyOf(incoming);
  if (body === undefined || signal.aborted) return undefined;
  const sent = incoming.method ?? "GET";
  const method = NO_FETCH_METHOD.test(sent) ? "UNSUPPORTED" : sent;
  const hasBody = body.length > 0 && !/^(?:GET|HEAD)$/i.test(method);
  const init = { method, headers: headersOf(incoming), signal, body: hasBody ? new Uint8Array(body) : undefined };
  return new Request(urlOf(incoming), defined(init));
}

/**
 * Reads the body. If it's too long, keeps only as much as is needed to show that. The rest is read and dropped, so that
 * the client can finish.
 */
function bodyOf(incoming: Incoming): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    if (incoming.destroyed) return resolve(undefined);
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      if (size > MAX_BODY_BYTES) return;
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) resolve(Buffer.concat(chunks.splice(0)));
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks)));
    for (const event of ["aborted", "error", "close"]) incoming.on(event, () => resolve(undefined));
    return undefined;
  });
}

function urlOf({ headers, url = "/" }: Incoming): string {
  const host = headers.host ?? String(headers[":authority"] ?? "");
  const base = URL.canParse(`http://${host}`) && host !== "" ? `http://${host}` : "http://127.0.0.1";
  const { origin } = new URL(base);
  // The path as it was sent. The absolute form and `*` are valid in HTTP/1.1.
  const path = url.startsWith("/") ? url : `/${url.replace(/^[a-z]+:\/\/[^/]*\/?/i, "")}`;
  return `${origin}${path}`;
}

function headersOf(incoming: Incoming): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    try {
      headers.set(name, String(value).replace(/[^\t\x20-\x7e\x80-\xff]/g, "?"));
    } catch {
      // Fetch doesn't accept this header name. No operation reads it.
    }
  }
  headers.set("x-simulated-protocol", `HTTP/${incoming.httpVersion}`);
  return headers;
}
