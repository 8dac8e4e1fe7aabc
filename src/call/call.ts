import type { FallbackReport, Target } from "../fallback/report.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type ModelReference, parseModelId } from "../resolve/model-id.js";
import { abortSignalOf, isReplayable, modelIdOf, operationOf } from "./command.js";

/** The SDK's own `send` of one client, in its promise form. */
export type SdkCall = (command: unknown, options: unknown) => Promise<unknown>;

/** What is known about a call before it is parsed. */
interface Sent {
  command: unknown;
  /** What was passed to `send` in addition to the command. */
  options: unknown;
  attempt: SdkCall;
  sourceRegion: string;
}

/** One call, parsed once. Layers pass on this object or a changed copy of it. No layer changes it. */
export class Call {
  readonly command: unknown;
  readonly options: unknown;
  /** Sends this call's command through the application's own client, or through one like it in another Region. */
  readonly attempt: SdkCall;
  /** The Region of the application's client. `unknown` if it can't be determined. */
  readonly sourceRegion: string;
  /** The target as the application wrote it. */
  readonly requested: Target;
  readonly signal: AbortSignal | undefined;
  readonly operation: string;
  readonly modelId: string;
  readonly reference: ModelReference;
  /** False if the input contains a stream, which can be sent only once. */
  readonly isReplayable: boolean;

  private constructor(sent: Sent, origin?: Call) {
    this.command = sent.command;
    this.options = sent.options;
    this.attempt = sent.attempt;
    this.sourceRegion = sent.sourceRegion;
    this.modelId = modelIdOf(sent.command);
    this.reference = referenceOf(this.modelId);
    this.requested = origin?.requested ?? { modelId: this.modelId, region: sent.sourceRegion };
    this.signal = origin ? origin.signal : abortSignalOf(sent.options);
    this.operation = origin?.operation ?? operationOf(sent.command);
    this.isReplayable = origin?.isReplayable ?? isReplayable(sent.command);
  }

  static of(sent: Sent): Call {
    return new Call(sent);
  }

  /** The command's input. Only named fields are read or omitted. Prompts and bodies are passed on unchanged. */
  get input(): Readonly<Record<string, unknown>> {
    return (this.command as { input: Record<string, unknown> }).input;
  }

  /** Returns the same call with another input of the same operation, sent by another client if one is passed. */
  withInput(input: Readonly<Record<string, unknown>>, attempt = this.attempt): Call {
    const { options, sourceRegion } = this;
    return new Call({ command: commandWith(this.command, input), options, attempt, sourceRegion }, this);
  }
}

/** The last parsed `modelId`. Most applications call one model again and again. */
let latestReference: ModelReference = parseModelId("");

function referenceOf(modelId: string): ModelReference {
  if (modelId !== latestReference.id) latestReference = parseModelId(modelId);
  return latestReference;
}

/**
 * Returns the same command with another input. Its class, its middleware, and everything that the application added
 * stay.
 */
function commandWith(command: unknown, input: unknown): unknown {
  const { middlewareStack } = command as { middlewareStack?: { clone?(): unknown } };
  return Object.assign(Object.create(Object.getPrototypeOf(command)), command, {
    input,
    ...(middlewareStack?.clone ? { middlewareStack: middlewareStack.clone() } : {}),
  });
}

/** A call that was answered. */
interface Answered {
  output: unknown;
  /** What happened to the call. Absent if it was sent as the application wrote it. */
  report?: FallbackReport;
}

/** A call that failed. */
export interface Failed {
  /** What the SDK threw: any value. */
  error: unknown;
  /** The denial that the error contains. Null for all other failures. */
  refusal: ParsedRefusal | null;
  /** The call that failed, which isn't always the one that the application wrote. */
  sent: Call;
  report?: FallbackReport;
  /** The error that the fallbacks failed with. */
  cause?: unknown;
}

export type SendResult = Answered | Failed;

export const isFailed = (result: SendResult): result is Failed => "error" in result;

/** Sends a call. Never rejects. */
export type Send = (call: Call) => Promise<SendResult>;

/** One feature of sending. It wraps the layers below it. If a feature is off, its layer is absent. */
export type Layer = (next: Send) => Send;
