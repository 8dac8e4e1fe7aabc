import { EventStreamCodec } from "@smithy/eventstream-codec";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : decoder.decode(bytes)),
  (text) => encoder.encode(text),
);

/** One event: its type and its JSON payload. */
export type StreamEvent = readonly [type: string, payload: unknown];

/** A body of `application/vnd.amazon.eventstream` frames, handed out one by one as the reader takes them. */
export function eventStream(events: readonly StreamEvent[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const event = events[next++];
      if (event === undefined) controller.close();
      else controller.enqueue(frame(event));
    },
  });
}

function frame([type, payload]: StreamEvent): Uint8Array {
  const header = (value: string) => ({ type: "string" as const, value });
  return codec.encode({
    headers: {
      ":message-type": header("event"),
      ":event-type": header(type),
      ":content-type": header("application/json"),
    },
    body: encoder.encode(JSON.stringify(payload)),
  });
}
