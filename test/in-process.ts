import { Readable } from "node:stream";
import type { BedrockRuntimeClientConfig } from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient, type ResilienceOptions } from "../src/index.js";
import type { SimulatedBedrock } from "../src/testing/simulated-bedrock.js";

interface Sent {
  method: string;
  protocol: string;
  hostname: string;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: Uint8Array | string;
}

/**
 * A request handler of the SDK's shape that leads straight to a simulated Bedrock, without a socket: for tests with many
 * calls, and for calls to several Regions, whose endpoints stay AWS's own.
 */
export function inProcess(bedrock: SimulatedBedrock): NonNullable<BedrockRuntimeClientConfig["requestHandler"]> {
  return {
    metadata: { handlerProtocol: "http/1.1" },
    async handle(request: Sent, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      if (abortSignal?.aborted) throw Object.assign(new Error("Request aborted"), { name: "AbortError" });
      const query = new URLSearchParams(request.query).toString();
      const url = `${request.protocol}//${request.hostname}${request.path}${query && `?${query}`}`;
      const hasBody = request.method !== "GET" && request.body !== undefined;
      const answer = bedrock.handle(
        new Request(url, {
          method: request.method,
          headers: request.headers,
          ...(hasBody ? { body: request.body as Uint8Array<ArrayBuffer> } : {}),
          ...(abortSignal ? { signal: abortSignal } : {}),
        }),
      );
      const response = await Promise.race([answer, untilAborted(abortSignal)]);
      if (response.type === "error") throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      const headers = Object.fromEntries(response.headers);
      const body = response.body && Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      return { response: { statusCode: response.status, headers, body: body ?? Readable.from([]) } };
    },
    destroy() {},
  } as never;
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener(
      "abort",
      () => reject(Object.assign(new Error("Request aborted"), { name: "AbortError" })),
      { once: true },
    );
  });
}

/** A client of ours that reaches the simulated Bedrock in process, in us-east-1. */
export function clientOf(
  bedrock: SimulatedBedrock,
  resilience: ResilienceOptions = {},
  config: BedrockRuntimeClientConfig = {},
): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
    requestHandler: inProcess(bedrock),
    resilience,
    ...config,
  });
}
