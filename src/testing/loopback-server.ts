import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/** A running loopback server. */
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, for a client's `endpoint`. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection; resolves when nothing is open any more. */
  close(): Promise<void>;
}

type Handler = (request: Request) => Promise<Response>;

/** How every HTTP/2 connection begins (RFC 9113, section 3.4). */
const HTTP2_PREFACE = "PRI * HTTP/2";

/**
 * Serves a fetch-style handler over HTTP/1.1 and HTTP/2 without TLS (h2c, by prior knowledge) on one port: the first
 * bytes of a connection tell. The SDK's default handler speaks HTTP/2, others HTTP/1.1.
 */
export async function listen(handler: Handler, host: string, port: number): Promise<LoopbackServer> {
  const answer = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
    respond(handler, request, response).catch(() => response.destroy());
  };
  const http1 = createHttpServer(answer);
  const http2 = createHttp2Server(answer);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that goes away is nobody's error.
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      const isHttp2 = first.subarray(0, HTTP2_PREFACE.length).toString("latin1") === HTTP2_PREFACE;
      socket.unshift(first);
      (isHttp2 ? http2 : http1).emit("connection", socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        http1.closeAllConnections();
      }),
  };
}

async function respond(
  handler: Handler,
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const answer = await handler(toRequest(request, gone.signal));
  if (gone.signal.aborted) return;
  // A network error in fetch's terms: the connection breaks.
  if (answer.type === "error") return void response.destroy();
  (response as ServerResponse).writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  const body = Readable.fromWeb(answer.body as NodeReadableStream);
  gone.signal.addEventListener("abort", () => body.destroy(), { once: true });
  body.on("error", () => breakOff(response));
  body.pipe(response as ServerResponse);
}

/** Ends a response in the middle, as a broken connection does. In HTTP/2 without a code it would pass for a regular end. */
function breakOff(response: ServerResponse | Http2ServerResponse): void {
  if ("stream" in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

function toRequest(request: IncomingMessage | Http2ServerRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith(":") && value !== undefined) headers.set(name, String(value));
  }
  const host = request.headers.host ?? request.headers[":authority"] ?? "127.0.0.1";
  headers.set("x-simulated-protocol", `HTTP/${request.httpVersion}`);
  const method = request.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? (Readable.toWeb(request as Readable) as ReadableStream) : null;
  return new Request(`http://${host}${request.url}`, {
    method,
    headers,
    signal,
    ...(body ? { body, duplex: "half" } : {}),
  });
}
