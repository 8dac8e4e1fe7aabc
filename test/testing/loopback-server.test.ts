import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LoopbackServer, SimulatedBedrock } from "../../src/testing/simulated-bedrock.js";
import {
  BODY,
  closed,
  NOVA,
  openSocket,
  PREFACE,
  REQUEST,
  received,
  SETTINGS,
  turn,
  writeInPieces,
} from "./raw-client.js";

let bedrock: SimulatedBedrock;
let server: LoopbackServer;
let client: BedrockRuntimeClient;
const open = () => openSocket(server.port);

beforeAll(async () => {
  bedrock = new SimulatedBedrock();
  server = await bedrock.listen();
  client = new BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "A", secretAccessKey: "S" },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

/** A frame of the first stream (RFC 9113, section 4.1). */
const frame = (type: number, flags: number, payload: number[]) =>
  Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, 1, ...payload]);

/** The index of a header's name, and its value in ASCII (RFC 7541, section 6.2). */
const text = (name: number, value: string) => [name, value.length, ...Buffer.from(value)];

/** Fails if the server no longer serves. */
async function expectServing() {
  const { output } = await client.send(
    new ConverseCommand({ modelId: NOVA, messages: [{ role: "user", content: [{ text: "Hello" }] }] }),
  );
  expect(output?.message?.content).toEqual([{ text: `Simulated answer of ${NOVA}.` }]);
}

describe("the first bytes of a connection", () => {
  it.each<[string, number[]]>([
    ["one packet", []],
    ["two packets", [3]],
    ["two packets, cut after the first byte", [1]],
    ["two packets, cut before the last byte", [23]],
    ["24 packets", Array.from({ length: 23 }, (_, index) => index + 1)],
  ])("are read as an HTTP/2 preface that arrives in %s", async (_, cuts) => {
    const socket = await open();
    const [first] = await Promise.all([
      new Promise<Buffer>((resolve) => {
        socket.once("data", resolve);
        socket.once("close", () => resolve(Buffer.alloc(0)));
        socket.once("error", () => resolve(Buffer.alloc(0)));
      }),
      writeInPieces(socket, Buffer.concat([PREFACE, SETTINGS]), cuts),
    ]);
    // The type of the server's first frame: SETTINGS.
    expect(first[3]).toBe(4);
    socket.destroy();
  });

  it.each<[string, number[]]>([
    ["whole", []],
    ["after the letter that it has in common with a preface", [1]],
    ["byte by byte", Array.from({ length: 60 }, (_, index) => index + 1)],
    ["in the middle of its headers and body", [70, REQUEST.length - 3]],
  ])("are read as an HTTP/1.1 request that arrives %s", async (_, cuts) => {
    const socket = await open();
    const answer = received(socket);
    await writeInPieces(socket, Buffer.from(REQUEST), cuts);
    expect((await answer).toString()).toContain(`Simulated answer of ${NOVA}.`);
  });

  it("might never arrive, or only in part: the server still closes", async () => {
    const other = await new SimulatedBedrock().listen();
    const sockets = [Buffer.alloc(0), Buffer.from("P"), Buffer.from("PRI * HT"), Buffer.from("POST /model")].map(
      (bytes) => {
        const socket = connect(other.port, "127.0.0.1", () => socket.write(bytes));
        return { socket, end: closed(socket) };
      },
    );
    await Promise.all(sockets.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
    await turn();
    await other.close();
    await Promise.all(sockets.map(({ end }) => end));
  });

  it("might arrive in part from a client that then sends nothing more", async () => {
    for (const start of ["", "P", "PRI * HTTP/2.0\r\n"]) {
      const socket = await open();
      socket.end(start);
      await received(socket);
    }
    await expectServing();
  });
});

describe("a client that misbehaves doesn't stop the server", () => {
  const raw = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([PREFACE, bytes])),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([PREFACE, SETTINGS, bytes])),
    fc
      .record({
        method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "CONNECT", "TRACE", "OPTIONS", "HEAD", "PROPFIND", "X"),
        path: fc.constantFrom(
          `/model/${NOVA}/converse`,
          "/model/%zz/converse",
          "/inference-profiles?maxResults=x&nextToken=%zz",
          "*",
          "//",
          "http://other.example/model/x/invoke",
          "x:y",
          "",
        ),
        host: fc.option(fc.constantFrom("localhost", "[::1", "a b", ":::", "%zz", "\xff")),
        header: fc.constantFrom(
          "",
          "Content-Type: application/x-www-form-urlencoded\r\n",
          "X-Amz-Target: AWSOrganizationsV20161128.ListPoliciesForTarget\r\n",
          "Authorization: \xff\r\n",
          "Expect: 100-continue\r\n",
          "Expect: nothing\r\n",
          "Upgrade: h2c\r\nConnection: Upgrade\r\n",
          "Transfer-Encoding: chunked\r\n",
        ),
        body: fc.constantFrom(undefined, "", "null", "[]", "1", "{", BODY, "Action=GetRole&%zz", "\0"),
      })
      .map(({ method, path, host, header, body }) =>
        Buffer.from(
          `${method} ${path} HTTP/1.1\r\n${host === null ? "" : `Host: ${host}\r\n`}${header}${body === undefined ? "" : `Content-Length: ${body.length}\r\n`}\r\n${body ?? ""}`,
          "latin1",
        ),
      ),
  );

  it("with bytes over a socket, whole or cut off", async () => {
    await fc.assert(
      fc.asyncProperty(raw, fc.nat(300), fc.boolean(), async (bytes, cut, isReset) => {
        const socket = await open();
        socket.on("error", () => {});
        socket.resume();
        socket.write(bytes.subarray(0, cut));
        await turn();
        if (isReset) socket.resetAndDestroy();
        else socket.end(bytes.subarray(cut));
        await turn();
        socket.destroy();
      }),
      { numRuns: 150 },
    );
    await expectServing();
  });

  const headers = fc.record(
    {
      ":method": fc.constantFrom("GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "PATCH", "WEIRD"),
      ":path": fc.constantFrom(
        `/model/${NOVA}/converse-stream`,
        "/model/%zz/converse",
        "*",
        "//",
        "/a?b=%zz",
        "x:y",
        "/",
      ),
      ":authority": fc.constantFrom("localhost", "a b", ":::", "%zz", "gr\u00fcezi"),
      "x-amz-target": fc.constantFrom("AWSOrganizationsV20161128.ListParents", "\u00ff"),
      "content-type": fc.constantFrom("application/json", "application/x-www-form-urlencoded"),
      expect: fc.constantFrom("100-continue", "x"),
    },
    { requiredKeys: [":method", ":path"] },
  );
  const ending = fc.constantFrom(
    "end",
    "reset",
    "reset at once",
    "goaway",
    "destroy the session",
    "destroy the socket",
  );

  it("over HTTP/2, however it disconnects", async () => {
    await fc.assert(
      fc.asyncProperty(
        headers,
        fc.constantFrom(undefined, "", "null", "[]", "{", BODY),
        ending,
        fc.nat(13),
        async (sent, body, how, code) => {
          const socket = await open();
          const session = connectHttp2(server.url, { createConnection: () => socket });
          session.on("error", () => {});
          const hasBody = body !== undefined && !["GET", "HEAD"].includes(sent[":method"]);
          const stream = session.request(sent, { endStream: !hasBody });
          stream.on("error", () => {});
          stream.resume();
          const end = new Promise<void>((resolve) => stream.once("close", () => resolve()));
          if (how === "reset at once") stream.close(code);
          else if (hasBody) how === "end" ? stream.end(body) : stream.write(body);
          await turn();
          if (how === "reset") stream.close(code);
          if (how === "goaway") session.goaway(code);
          if (how === "destroy the socket") socket.resetAndDestroy();
          if (how === "destroy the session" || how === "goaway") session.destroy();
          await end;
          session.destroy();
        },
      ),
      { numRuns: 100 },
    );
    await expectServing();
  });

  it.each([
    [
      "asks for permission to send its body",
      [0x83, 0x86, 0x84, ...text(0x41, "localhost"), 0x0f, ...text(20, "100-continue")],
    ],
    ["has another expectation", [0x83, 0x86, 0x84, ...text(0x41, "localhost"), 0x0f, ...text(20, "something")]],
    ["is CONNECT", [...text(0x02, "CONNECT"), ...text(0x41, "localhost")]],
    ["is an ordinary one", [0x83, 0x86, 0x84, ...text(0x41, "localhost")]],
  ])("over HTTP/2, with a stream that is reset in the same packet as its request, which %s", async (_, headers) => {
    for (const code of [0, 2, 8]) {
      const reset = frame(3, 0, [0, 0, 0, code]);
      const socket = await open();
      socket.on("error", () => {});
      const answered = new Promise<void>((resolve) => socket.once("data", () => resolve()));
      socket.write(Buffer.concat([PREFACE, SETTINGS, frame(1, 4, headers), reset]));
      await answered;
      await turn();
      socket.destroy();
    }
    await expectServing();
  });

  it("with a request that fetch can't represent", async () => {
    const lines = ["TRACE / HTTP/1.1", "OPTIONS * HTTP/1.1", "GET http://a.example/ HTTP/1.1", "GET / HTTP/1.1"];
    for (const line of lines) {
      const socket = await open();
      const answer = received(socket);
      socket.write(`${line}\r\nHost: a b\r\nConnection: close\r\n\r\n`);
      expect((await answer).toString(), line).toMatch(/^HTTP\/1\.1 404 .*UnknownOperationException/s);
    }
  });

  it("that sends a body without an end, or disconnects before its end", async () => {
    const socket = await open();
    socket.on("error", () => {});
    socket.write(`POST /model/${NOVA}/converse HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":`);
    await turn();
    socket.resetAndDestroy();
    const session = connectHttp2(server.url);
    const stream = session.request({ ":method": "POST", ":path": `/model/${NOVA}/converse` }, { endStream: false });
    stream.on("error", () => {});
    stream.write('{"a":');
    await turn();
    stream.close(constants.NGHTTP2_CANCEL);
    await new Promise<void>((resolve) => stream.once("close", () => resolve()));
    session.destroy();
    await expectServing();
  });

  it.each(["HTTP/1.1", "HTTP/2"])("with a body that is longer than the service accepts, over %s", async (protocol) => {
    const body = Buffer.alloc(25_000_001, " ");
    const path = `/model/${NOVA}/invoke`;
    if (protocol === "HTTP/1.1") {
      const response = await fetch(`${server.url}${path}`, { method: "POST", body });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("25000000");
    } else {
      const session = connectHttp2(server.url);
      const stream = session.request({ ":method": "POST", ":path": path });
      const status = new Promise((resolve) => stream.once("response", (answer) => resolve(answer[":status"])));
      stream.resume().on("error", () => {});
      stream.end(body);
      expect(await status).toBe(400);
      session.destroy();
    }
    await expectServing();
  });
});
