import type { FallbackCall } from "../fallback/candidates.js";
import type { FallbackReport, Target } from "../fallback/report.js";
import { type ModelReference, parseModelId } from "../resolve/model-id.js";
import { modelIdOf, operationOf } from "./command.js";
import type { FlowContext, FlowPorts } from "./denied.js";

/** The SDK's own send, in its promise form. */
export type Attempt = (command: unknown, options: unknown) => Promise<unknown>;

/** One call on its way. */
export interface Way {
  /** As it goes out: through a profile, where `resolve.bareModels` put it there. */
  command: unknown;
  call: FallbackCall;
  /** As the application wrote it. */
  requested: Target;
  options: unknown;
  signal: AbortSignal | undefined;
  context: FlowContext;
  ports: FlowPorts;
  /** Sends, with the outer retries. */
  send(attempt: Attempt, command: unknown): Promise<unknown>;
}

export function callOf(command: unknown, sourceRegion: string): FallbackCall {
  const modelId = modelIdOf(command);
  const { input } = command as { input: Record<string, unknown> };
  if (modelId !== parsed.id) parsed = parseModelId(modelId);
  return { operation: operationOf(command), modelId, reference: parsed, sourceRegion, input };
}

/** Most applications call one model again and again. */
let parsed: ModelReference = parseModelId("");

/** The same command with another input: its class, its middleware and whatever else the application put on it stay. */
export function withInput(command: unknown, input: unknown): unknown {
  const { middlewareStack } = command as { middlewareStack?: { clone?(): unknown } };
  return Object.assign(Object.create(Object.getPrototypeOf(command)), command, {
    input,
    ...(middlewareStack?.clone ? { middlewareStack: middlewareStack.clone() } : {}),
  });
}

/** What happened to a call, so far as it is told. */
export function reportOf({ requested }: Way, what: Partial<FallbackReport>): FallbackReport {
  const nothing = { remembered: false, considered: [], dropped: [] };
  return { reason: "routing-refused", requested, why: "", ...nothing, ...what };
}
