import { eventStream, type StreamEvent, type StreamFault } from "./event-stream.js";
import type { SimulatedOperation } from "./operations.js";
import { jsonResponse, requestId } from "./responses.js";

/** The answer of an invocation: the text that the model "says", in the operation's own form; a stream may break. */
export function answer(
  operation: SimulatedOperation,
  text: string,
  prompt: string,
  streamFault?: StreamFault,
): Response {
  const usage = { inputTokens: words(prompt), outputTokens: words(text), totalTokens: words(prompt) + words(text) };
  const counts = {
    "x-amzn-bedrock-input-token-count": String(usage.inputTokens),
    "x-amzn-bedrock-output-token-count": String(usage.outputTokens),
  };
  // InvokeModel's body is the model's own; a messages body stands for all here.
  const whole = { type: "message", role: "assistant", content: [{ type: "text", text }], stop_reason: "end_turn" };
  switch (operation) {
    case "Converse":
      return jsonResponse({
        output: { message: { role: "assistant", content: [{ text }] } },
        stopReason: "end_turn",
        usage,
        metrics: { latencyMs: 1 },
      });
    case "ConverseStream":
      return streamResponse(streamFault, [
        ["messageStart", { role: "assistant" }],
        ...chunksOf(text).map(
          (part): StreamEvent => ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: part } }],
        ),
        ["contentBlockStop", { contentBlockIndex: 0 }],
        ["messageStop", { stopReason: "end_turn" }],
        ["metadata", { usage, metrics: { latencyMs: 1 } }],
      ]);
    case "InvokeModelWithResponseStream":
      return streamResponse(streamFault, [
        ...chunksOf(text).map((part) =>
          chunk({ type: "content_block_delta", delta: { type: "text_delta", text: part } }),
        ),
        chunk({ type: "message_stop" }),
      ]);
    default:
      return Response.json(whole, { headers: { ...requestId(), ...counts, "content-type": "application/json" } });
  }
}

function chunk(payload: unknown): StreamEvent {
  return ["chunk", { bytes: Buffer.from(JSON.stringify(payload)).toString("base64") }];
}

function streamResponse(fault: StreamFault | undefined, events: readonly StreamEvent[]): Response {
  const headers = {
    ...requestId(),
    "content-type": "application/vnd.amazon.eventstream",
    "x-amzn-bedrock-content-type": "application/json",
  };
  return new Response(eventStream(events, fault), { headers });
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;
/** A text as a model streams it: word by word, nothing lost. */
const chunksOf = (text: string) => text.match(/\S*\s*/g)?.filter((part) => part !== "") ?? [];
