import { eventStream, type StreamEvent, type StreamFault } from "./event-stream.js";
import type { SimulatedOperation } from "./operations.js";
import { jsonResponse, requestId } from "./responses.js";

/** The response of an invocation. */
export interface ModelAnswer {
  /** The text of the model, or of a guardrail that replaced it. */
  text: string;
  /** The result of the guardrails, or undefined if there are none. */
  guardrail: "INTERVENED" | "NONE" | undefined;
  prompt: string;
}

/** Returns the number of tokens of a text, which is its number of words. */
export const tokensOf = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;

/** Returns the response of an invocation in the operation's own form. A stream may break. */
export function answer(
  operation: SimulatedOperation,
  { text, guardrail, prompt }: ModelAnswer,
  streamFault?: StreamFault,
): Response {
  const [inputTokens, outputTokens] = [tokensOf(prompt), tokensOf(text)];
  const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
  const stopReason = guardrail === "INTERVENED" ? "guardrail_intervened" : "end_turn";
  const action = guardrail ? { "amazon-bedrock-guardrailAction": guardrail } : {};
  const counts = {
    "x-amzn-bedrock-input-token-count": String(usage.inputTokens),
    "x-amzn-bedrock-output-token-count": String(usage.outputTokens),
  };
  // The body of InvokeModel depends on the model. Here, a messages body is used for all models.
  const whole = {
    type: "message",
    role: "assistant",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    ...action,
  };
  switch (operation) {
    case "Converse":
      return jsonResponse({
        output: { message: { role: "assistant", content: [{ text }] } },
        stopReason,
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
        ["messageStop", { stopReason }],
        ["metadata", { usage, metrics: { latencyMs: 1 } }],
      ]);
    case "InvokeModelWithResponseStream":
      return streamResponse(streamFault, [
        ...chunksOf(text).map((part) =>
          chunk({ type: "content_block_delta", delta: { type: "text_delta", text: part } }),
        ),
        chunk({ type: "message_stop", ...action }),
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

/** Splits a text as a model streams it: word by word, including all white space. */
const chunksOf = (text: string) => text.match(/\S*\s*/g)?.filter((part) => part !== "") ?? [];
