import { once } from "node:events";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import {
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Incoming, toRequest } from "./loopback-request.js";

/** A running loopback server. */
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, for a client's `endpoint`. */
  readonly url: string;
  readonly port: number;
  /** Closes every connection. Resolves when all of them are closed. */
  close(): Promise<void>;
}

type Handler = (request: Request) => Promise<Response>;
type Outgoing = ServerResponse | Http2ServerResponse;

/** The beginning of every HTTP/2 connection (RFC 9113, section 3.4). */
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/**
 * Serves a fetch-style handler over HTTP/1.1 and HTTP/2 without TLS (h2c, by prior knowledge) on one port. The first
 * bytes of a connection show its protocol. The SDK's default handler uses HTTP/2, and others use HTTP/1.1.
 */
export async function listen(handler: Handler, host: string, port: number): Promise<LoopbackServer> {
  const answer = (request: Incoming, response: Outgoing) => {
    respond(handler, request, response).catch(() => response.destroy());
  };
  const http1 = createHttpServer(answer);
  const http2 = createHttp2Server(answer);
  http2.on("checkContinue", (request: Http2ServerRequest, response: Http2ServerResponse) => {
    // If the client has already reset the stream, Node.js throws outside of any promise, so this is checked here.
    if (!request.stream.destroyed && !request.stream.closed) response.writeContinue();
    answer(request, response);
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that disconnects isn't an error.
    socket.on("error", () => socket.destroy());
    whenProtocolIsKnown(socket, (isHttp2) => (isHttp2 ? http2 : http1).emit("connection", socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  // A connection that can't be accepted, for example because there are too many open files, fails by itself.
  server.on("error", () => {});
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Calls back after the first bytes show the protocol, and puts them back. They can arrive in any number of packets. A
 * connection that never sends enough bytes stays open until its client or `close()` ends it.
 */
function whenProtocolIsKnown(socket: Socket, callback: (isHttp2: boolean) => void): void {
  let seen = Buffer.alloc(0);
  const look = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const start = seen.subarray(0, HTTP2_PREFACE.length);
    const isHttp2 = start.equals(HTTP2_PREFACE.subarray(0, start.length));
    if (isHttp2 && start.length < HTTP2_PREFACE.length) return;
    socket.off("readable", look);
    socket.unshift(seen);
    callback(isHttp2);
  };
  socket.on("readable", look);
}

async function respond(handler: Handler, request: Incoming, response: Outgoing): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  // An error while sending to a client that has disconnected is ignored.
  response.on("error", () => gone.abort());
  const received = await toRequest(request, gone.signal);
  if (received === undefined) return;
  const answer = await handler(received);
  if (gone.signal.aborted) return;
  // This is a network error in fetch's terms, so the connection is broken.
  if (answer.type === "error") return void response.destroy();
  (response as ServerResponse).writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null || request.method === "HEAD") return void response.end();
  await sendBody(answer.body, response, gone.signal);
}

async function sendBody(body: ReadableStream<Uint8Array>, response: Outgoing, gone: AbortSignal): Promise<void> {
  const reader = body.getReader();
  gone.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (gone.aborted) return;
      if (done) break;
      const hasRoom = (response as ServerResponse).write(value);
      if (!hasRoom) await once(response, "drain", { signal: gone });
    }
    response.end();
  } catch {
    if (!gone.aborted) breakOff(response);
  }
}

/**
 * Ends a response in the middle, like a broken connection. In HTTP/2, an end without an error code would look like a
 * regular end.
 */
function breakOff(response: Outgoing): void {
  if ("stream" in response) response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
