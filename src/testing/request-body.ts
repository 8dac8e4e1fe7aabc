/**
 * The maximum length of a body that the service accepts, in bytes (Amazon Bedrock API Reference, "InvokeModel",
 * `body`).
 */
export const MAX_BODY_BYTES = 25_000_000;

/** A request's body. */
export interface RequestBody {
  text: string;
  /** The length in bytes. If the body is longer than {@link MAX_BODY_BYTES}, this is the length that was read. */
  bytes: number;
  /** Why the body can't be used. `text` is then empty. */
  problem?: "too-long" | "unreadable";
}

/** Reads a body up to the limit. Never rejects. A body can end early, or may have been read before. */
export async function readBody(request: Request): Promise<RequestBody> {
  try {
    return request.body === null ? { text: "", bytes: 0 } : await readStream(request.body, request.signal);
  } catch {
    return { text: "", bytes: 0, problem: "unreadable" };
  }
}

async function readStream(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<RequestBody> {
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      cancel();
      return { text: "", bytes, problem: "too-long" };
    }
    text += decoder.decode(value, { stream: true });
  }
  signal.removeEventListener("abort", cancel);
  return { text: text + decoder.decode(), bytes };
}
