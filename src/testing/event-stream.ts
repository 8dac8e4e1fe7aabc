import { EventStreamCodec } from "@smithy/eventstream-codec";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : decoder.decode(bytes)),
  (text) => encoder.encode(text),
);

/** One event: its type and its JSON payload. */
export type StreamEvent = readonly [type: string, payload: unknown];

/** A fault that occurs after a stream has begun. See `FaultName`. */
export type StreamFault = "stream-error" | "truncated-stream";

/** How many events are sent before a stream breaks. */
const BEFORE_A_FAULT = 2;

/**
 * Returns a body of `application/vnd.amazon.eventstream` frames, which are produced one by one as the reader requests
 * them.
 */
export function eventStream(events: readonly StreamEvent[], fault?: StreamFault): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      const isBroken = fault !== undefined && next === BEFORE_A_FAULT;
      const event = events[next++];
      if (isBroken && fault === "truncated-stream") {
        // Waits so that the events sent before aren't lost with the connection.
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.error(new Error("The connection broke."));
      } else if (isBroken) {
        controller.enqueue(frame("exception", ["modelStreamErrorException", { message: "The stream broke off." }]));
        controller.close();
      } else if (event === undefined) controller.close();
      else controller.enqueue(frame("event", event));
    },
  });
}

function frame(kind: "event" | "exception", [type, payload]: StreamEvent): Uint8Array {
  const header = (value: string) => ({ type: "string" as const, value });
  return codec.encode({
    headers: {
      ":message-type": header(kind),
      [`:${kind}-type`]: header(type),
      ":content-type": header("application/json"),
    },
    body: encoder.encode(JSON.stringify(payload)),
  });
}
