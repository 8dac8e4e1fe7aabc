import type { AuthorizationLeg } from "../authorization.js";
import type { Decision } from "../policy/evaluation/evaluate.js";
import type { SimulatedOperation } from "./operations.js";
import type { OrganizationsOperation } from "./organizations.js";
import type { QueryOperation } from "./query-protocol.js";

/** One request as the simulated Bedrock received it. Credentials aren't kept. */
export interface RecordedRequest {
  /** `unknown` for a path that isn't a Bedrock operation. */
  operation: SimulatedOperation | OrganizationsOperation | QueryOperation | "unknown";
  modelId: string;
  sourceRegion: string;
  /**
   * The parsed JSON, or the parameters of an STS or IAM request. `undefined` for any other body, and if the body isn't
   * kept.
   */
  body: unknown;
  /** The length in bytes of a body that isn't kept. See `maxRecordedBodyBytes`. */
  omittedBodyBytes?: number;
  /** `HTTP/1.1` or `HTTP/2.0` if the request came through the loopback server. */
  protocol: string | undefined;
  /** A value of more than 8,192 characters is truncated. */
  headers: Record<string, string>;
  /** The ARN of the caller. */
  principal: string;
  /**
   * The legs that were evaluated, in order. Evaluation ends with the first denied leg, which includes the policy that
   * denied it.
   */
  legs: { leg: AuthorizationLeg; allowed: boolean; decidedBy?: Decision }[];
}

/** The limits for the requests that a simulated Bedrock keeps. */
export interface RecordLimits {
  requests: number;
  /** The total size of all bodies, in bytes. */
  bodyBytes: number;
}

/**
 * The maximum length of a `modelId` that the service accepts, in characters (Amazon Bedrock API Reference, "Converse").
 */
const MAX_ID = 2_048;
const MAX_HEADER = 8_192;
const CREDENTIALS = ["authorization", "x-amz-security-token", "x-simulated-protocol"];

/**
 * The most recent requests, oldest first. Older requests are dropped, so that a long test doesn't use up the memory.
 */
export class RequestLog {
  readonly requests: RecordedRequest[] = [];
  dropped = 0;
  readonly #limits: RecordLimits;
  /** The requests whose bodies are kept, and the lengths of the bodies. */
  #kept: { recorded: RecordedRequest; bytes: number }[] = [];
  #keptBytes = 0;

  constructor(limits: RecordLimits) {
    this.#limits = limits;
  }

  /** Records a request before its response is known. */
  add(
    { headers }: Request,
    { bodyBytes, modelId, ...rest }: Omit<RecordedRequest, "protocol" | "headers" | "legs"> & { bodyBytes: number },
  ): RecordedRequest {
    const recorded: RecordedRequest = {
      ...rest,
      modelId: modelId.slice(0, MAX_ID),
      protocol: headers.get("x-simulated-protocol") ?? undefined,
      headers: keptHeaders(headers),
      legs: [],
    };
    this.requests.push(recorded);
    this.#keepBody(recorded, bodyBytes);
    while (this.requests.length > this.#limits.requests) {
      this.requests.shift();
      this.dropped += 1;
    }
    return recorded;
  }

  clear(): void {
    this.requests.length = 0;
    this.dropped = 0;
    this.#kept = [];
    this.#keptBytes = 0;
  }

  /** Keeps a body and omits the oldest ones until the total is within the limit. */
  #keepBody(recorded: RecordedRequest, bytes: number): void {
    if (bytes > this.#limits.bodyBytes) {
      omitBody(recorded, bytes);
      return;
    }
    this.#kept.push({ recorded, bytes });
    this.#keptBytes += bytes;
    while (this.#keptBytes > this.#limits.bodyBytes || this.#kept.length > this.#limits.requests) {
      const oldest = this.#kept.shift();
      if (oldest === undefined) return;
      this.#keptBytes -= oldest.bytes;
      omitBody(oldest.recorded, oldest.bytes);
    }
  }
}

function omitBody(recorded: RecordedRequest, bytes: number): void {
  recorded.body = undefined;
  recorded.omittedBodyBytes = bytes;
}

function keptHeaders(headers: Headers): Record<string, string> {
  const kept = [...headers].filter(([name]) => !CREDENTIALS.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value.slice(0, MAX_HEADER)]));
}

/**
 * The maximum nesting of JSON. JSON that is nested more deeply can be parsed, but it's difficult to process or print.
 */
const MAX_DEPTH = 1_000;

/** Returns undefined for text that isn't JSON or is nested too deeply. */
export function parsed(text: string): unknown {
  if (text === "" || isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length && depth <= MAX_DEPTH; at += 1) {
    const sign = text.charAt(at);
    if (isInString && sign === "\\") at += 1;
    else if (sign === '"') isInString = !isInString;
    else if (!isInString && (sign === "[" || sign === "{")) depth += 1;
    else if (!isInString && (sign === "]" || sign === "}")) depth -= 1;
  }
  return depth > MAX_DEPTH;
}
