import type { StreamFault } from "./event-stream.js";
import type { SimulatedOperation } from "./operations.js";
import type { OrganizationsOperation } from "./organizations.js";
import type { QueryOperation } from "./query-protocol.js";
import { errorResponse } from "./responses.js";

/**
 * The status, error name, and message of each fault (Amazon Bedrock API Reference, "Converse", Errors; User Guide,
 * "Troubleshooting Amazon Bedrock API Error Codes").
 */
const NAMED_FAULTS = {
  throttling: [429, "ThrottlingException", "Too many requests, please wait before trying again."],
  "internal-error": [500, "InternalServerException", "The system encountered an unexpected error."],
  unavailable: [503, "ServiceUnavailableException", "Bedrock is unable to process your request."],
  "model-timeout": [408, "ModelTimeoutException", "Model has timed out in processing the request."],
  "model-error": [424, "ModelErrorException", "The system encountered an unexpected error during processing."],
  "model-not-ready": [429, "ModelNotReadyException", "Model is not ready for inference. Wait and try again."],
  "expired-credentials": [403, "ExpiredTokenException", "The security token included in the request is expired"],
  "connection-reset": undefined,
  "stream-error": undefined,
  "truncated-stream": undefined,
} as const satisfies Record<string, readonly [status: number, name: string, message: string] | undefined>;

/**
 * The name of a fault. With `connection-reset`, the connection breaks before a response. With `stream-error`, a stream
 * ends with a ModelStreamErrorException after its first events. With `truncated-stream`, the connection breaks after
 * them.
 */
export type FaultName = keyof typeof NAMED_FAULTS;

/** A failure that isn't a denial. */
export interface Fault {
  name?: FaultName;
  /** The operation that fails. @default every operation that can fail like this */
  operation?: SimulatedOperation | OrganizationsOperation | QueryOperation;
  /**
   * The HTTP status and error of the response. Without them, and without a name, the request continues after `delayMs`.
   */
  status?: number;
  errorName?: string;
  message?: string;
  /** A body that is sent unchanged in place of the response, with status 200. */
  body?: string;
  /** The Retry-After header of an error, in seconds. */
  retryAfter?: number;
  /** The delay before any response is sent, in milliseconds. */
  delayMs?: number;
  /** If true, no response is sent. The request ends when the client gives up. */
  hang?: boolean;
  /** The number of requests that fail. @default all */
  times?: number;
}

const FAULT_FIELDS = "name operation status errorName message body retryAfter delayMs hang times".split(" ");

/** @throws TypeError that identifies the field, its value, and the allowed values */
export function checkFault(fault: Fault): void {
  const unknownField = Object.keys(fault).find((key) => !FAULT_FIELDS.includes(key));
  if (unknownField)
    throw new TypeError(`Unknown field ${unknownField} of a fault. Valid fields: ${FAULT_FIELDS.join(", ")}.`);
  if (fault.name === undefined || Object.hasOwn(NAMED_FAULTS, fault.name)) return;
  const names = Object.keys(NAMED_FAULTS).join(", ");
  throw new TypeError(`name must be one of ${names}; it is ${JSON.stringify(fault.name)}.`);
}

export function streamFaultOf({ name }: Fault): StreamFault | undefined {
  return name === "stream-error" || name === "truncated-stream" ? name : undefined;
}

/** A fault without an operation applies to all operations. A stream fault applies only to streams. */
export function faultFits(fault: Fault, operation: NonNullable<Fault["operation"]>): boolean {
  if (fault.operation !== undefined) return fault.operation === operation;
  return streamFaultOf(fault) === undefined || operation.endsWith("Stream");
}

/**
 * Returns the response to a request that a fault applies to. Returns undefined if the request continues, either late or
 * with a stream that breaks.
 */
export async function failure(fault: Fault, signal: AbortSignal): Promise<Response | undefined> {
  const { delayMs, hang, body, retryAfter, name } = fault;
  if (delayMs !== undefined || hang) await wait(hang ? undefined : delayMs, signal);
  if (body !== undefined) {
    return new Response(body, { status: fault.status ?? 200, headers: { "content-type": "application/json" } });
  }
  if (name === "connection-reset") return Response.error();
  const [status, errorName, message] = (name && NAMED_FAULTS[name]) ?? [fault.status, fault.errorName, fault.message];
  if (status === undefined && errorName === undefined) return undefined;
  const response = errorResponse(status ?? 500, errorName ?? "InternalServerException", { message: message ?? "" });
  if (retryAfter !== undefined) response.headers.set("retry-after", String(retryAfter));
  return response;
}

/** Waits for the specified time, or indefinitely if none is specified. Stops waiting when the client gives up. */
function wait(delayMs: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = delayMs === undefined ? undefined : setTimeout(done, delayMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
