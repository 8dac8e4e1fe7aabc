import { EventStreamCodec } from "@smithy/eventstream-codec";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : decoder.decode(bytes)),
  (text) => encoder.encode(text),
);

/** One event: its type and its JSON payload. */
export type StreamEvent = readonly [type: string, payload: unknown];

/** How a stream goes wrong once it has begun: see `FaultName`. */
export type StreamFault = "stream-error" | "truncated-stream";

/** How many events come before a stream breaks. */
const BEFORE_A_FAULT = 2;

/** A body of `application/vnd.amazon.eventstream` frames, handed out one by one as the reader takes them. */
export function eventStream(events: readonly StreamEvent[], fault?: StreamFault): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      const isBroken = fault !== undefined && next === BEFORE_A_FAULT;
      const event = events[next++];
      if (isBroken && fault === "truncated-stream") {
        // So that what was sent before is not lost with the connection.
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
