import { connect, type Socket } from "node:net";

export const NOVA = "us.amazon.nova-pro-v1:0";
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
export const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
export const BODY = JSON.stringify({ messages: [{ role: "user", content: [{ text: "Hello" }] }] });
export const REQUEST = `POST /model/${NOVA}/converse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`;

export const openSocket = (port: number) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.setNoDelay(true);
    socket.once("error", reject);
  });

/** Everything that the server sends until it ends the connection. */
export async function received(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await closed(socket);
  return Buffer.concat(chunks);
}

export const closed = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.on("error", () => {});
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });

/** Lets the write reach the server as its own packet. A packet that is merged with the next one isn't a failure. */
export const turn = () => new Promise((resolve) => setTimeout(resolve, 2));

export async function writeInPieces(socket: Socket, bytes: Buffer, cuts: readonly number[]) {
  const ends = [...cuts, bytes.length];
  for (const [index, end] of ends.entries()) {
    socket.write(bytes.subarray(ends[index - 1] ?? 0, end));
    await turn();
  }
}
