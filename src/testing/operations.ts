import { eventStream, type StreamEvent, type StreamFault } from "./event-stream.js";

/** The operations that the simulated Bedrock answers. */
export type SimulatedOperation =
  | "Converse"
  | "ConverseStream"
  | "InvokeModel"
  | "InvokeModelWithResponseStream"
  | "GetInferenceProfile"
  | "ListInferenceProfiles"
  | "GetFoundationModel"
  | "GetFoundationModelAvailability"
  | "GetUseCaseForModelAccess";

/** A request's operation and the id in its path. */
export interface Route {
  operation: SimulatedOperation;
  /** `modelId`, profile or model identifier; empty for lists. */
  id: string;
}

const INVOCATIONS: ReadonlyMap<string, SimulatedOperation> = new Map([
  ["converse", "Converse"],
  ["converse-stream", "ConverseStream"],
  ["invoke", "InvokeModel"],
  ["invoke-with-response-stream", "InvokeModelWithResponseStream"],
]);

/** Which operation a request is (Amazon Bedrock API Reference, each operation's "Request Syntax"). */
export function routeOf(method: string, pathname: string): Route | undefined {
  const parts = pathname.split("/").slice(1);
  const [collection, last] = [parts[0], parts.at(-1) ?? ""];
  if (method === "POST" && collection === "model" && parts.length >= 3) {
    const operation = INVOCATIONS.get(last);
    return operation && { operation, id: decodeURIComponent(parts.slice(1, -1).join("/")) };
  }
  if (method !== "GET") return undefined;
  const id = decodeURIComponent(parts.slice(1).join("/"));
  if (collection === "inference-profiles") {
    return { operation: id === "" ? "ListInferenceProfiles" : "GetInferenceProfile", id };
  }
  if (collection === "foundation-model-availability" && id !== "")
    return { operation: "GetFoundationModelAvailability", id };
  if (collection === "use-case-for-model-access") return { operation: "GetUseCaseForModelAccess", id: "" };
  if (collection === "foundation-models" && id !== "") return { operation: "GetFoundationModel", id };
  return undefined;
}

/** An error as the service sends it: the name in a header, with the suffix that AWS's own frameworks add. */
export function errorResponse(status: number, name: string, body: Record<string, string>): Response {
  return Response.json(body, {
    status,
    headers: {
      ...requestId(),
      "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    },
  });
}

export function jsonResponse(body: unknown): Response {
  return Response.json(body, { headers: requestId() });
}

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

const requestId = () => ({ "x-amzn-requestid": crypto.randomUUID() });
const words = (text: string) => text.split(/\s+/).filter((word) => word !== "").length;
/** A text as a model streams it: word by word, nothing lost. */
const chunksOf = (text: string) => text.match(/\S*\s*/g)?.filter((part) => part !== "") ?? [];
