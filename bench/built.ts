/** The built package, as users import it. */
export const DIST = new URL("../dist/index.mjs", import.meta.url);
export const built = (await import(DIST.href)) as typeof import("../src/index.js");
export const OFFLINE = new URL("../dist/offline.mjs", import.meta.url);
export const offline = (await import(OFFLINE.href)) as typeof import("../src/offline.js");

export const CONFIG = {
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
};

/** The response of a stub, from memory, so that only the client's own work is measured. */
export interface StubAnswer {
  statusCode: number;
  body: string;
  headers?: Record<string, string>;
}

/** A request handler of the SDK's shape. */
export function stub(answer: (request: { method: string; path: string }) => StubAnswer | Promise<StubAnswer>) {
  const handle = async (request: { method: string; path: string }) => {
    const { statusCode, body, headers } = await answer(request);
    const all = { "content-type": "application/json", "x-amzn-requestid": "r", ...headers };
    return { response: { statusCode, headers: all, body: Buffer.from(body) } };
  };
  return { handle, metadata: { handlerProtocol: "http/1.1" } } as never;
}
