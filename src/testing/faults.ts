import type { StreamFault } from "./event-stream.js";
import type { SimulatedOperation } from "./operations.js";
import type { OrganizationsOperation } from "./organizations.js";
import type { QueryOperation } from "./query-protocol.js";
import { errorResponse } from "./responses.js";

/** Status, error name and message (Amazon Bedrock API Reference, "Converse", Errors; User Guide, "Troubleshooting Amazon Bedrock API Error Codes"). */
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
 * What goes wrong. `connection-reset`: the connection breaks before an answer. `stream-error`: a stream ends with a
 * ModelStreamErrorException after its first events. `truncated-stream`: it breaks off there.
 */
export type FaultName = keyof typeof NAMED_FAULTS;

/** Something that goes wrong without being a refusal. */
export interface Fault {
  name?: FaultName;
  /** @default every operation that can fail like this */
  operation?: SimulatedOperation | OrganizationsOperation | QueryOperation;
  /** HTTP status and error of the answer. Without them, and without a name, the request goes on after `delayMs`. */
  status?: number;
  errorName?: string;
  message?: string;
  /** Sent as it is in place of the answer, with status 200. */
  body?: string;
  /** The header Retry-After of an error, in seconds. */
  retryAfter?: number;
  /** Milliseconds before anything is answered: a slow first byte. */
  delayMs?: number;
  /** Never answers; the request ends when the client gives up. */
  hang?: boolean;
  /** How many requests it hits. @default all */
  times?: number;
}

const FIELDS = "name operation status errorName message body retryAfter delayMs hang times".split(" ");

/** @throws TypeError that names the field, its value and what is allowed */
export function checkFault(fault: Fault): void {
  const stranger = Object.keys(fault).find((key) => !FIELDS.includes(key));
  if (stranger) throw new TypeError(`${stranger} is no field of a fault; known: ${FIELDS.join(", ")}.`);
  if (fault.name === undefined || Object.hasOwn(NAMED_FAULTS, fault.name)) return;
  const names = Object.keys(NAMED_FAULTS).join(", ");
  throw new TypeError(`name must be one of ${names}; it is ${JSON.stringify(fault.name)}.`);
}

export function streamFaultOf({ name }: Fault): StreamFault | undefined {
  return name === "stream-error" || name === "truncated-stream" ? name : undefined;
}

/** A fault without an operation hits all, but only streams break as streams do. */
export function faultFits(fault: Fault, operation: NonNullable<Fault["operation"]>): boolean {
  if (fault.operation !== undefined) return fault.operation === operation;
  return streamFaultOf(fault) === undefined || operation.endsWith("Stream");
}

/** The answer of a request that a fault hits; undefined where it goes on, late or with a stream that breaks. */
export async function failure(fault: Fault, signal: AbortSignal): Promise<Response | undefined> {
  const { delayMs, hang, body, retryAfter, name } = fault;
  if (delayMs !== undefined || hang) await waited(hang ? undefined : delayMs, signal);
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

/** Waits, for ever where no time is given, and in any case no longer than the client does. */
function waited(delayMs: number | undefined, signal: AbortSignal): Promise<void> {
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
