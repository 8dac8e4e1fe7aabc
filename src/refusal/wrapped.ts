/** One text that may contain AWS's message, with the information that accompanies it. */
export interface ErrorText {
  text: string;
  name: string | undefined;
  status: number | undefined;
  requestId: string | undefined;
}

/** The maximum number of nested errors. */
const MOST_LAYERS = 24;

const TEXTS = ["message", "Message", "errorMessage", "failureReason"] as const;
const NAME_KEYS = ["name", "Code", "code", "__type", "type", "errorCode"] as const;
const STATUS_KEYS = ["statusCode", "status", "httpStatus", "failureCode", "code"] as const;
const INSIDE = [
  "cause",
  "lastError",
  "originalError",
  "error",
  "response",
  "data",
  "body",
  "responseBody",
  "details",
  "errors",
  "$response",
] as const;

/** Names that every error can have, and that aren't specific. */
const UNSPECIFIC_NAMES: ReadonlySet<string> = new Set([
  "Error",
  "TypeError",
  "ServiceException",
  "AggregateError",
  "UnknownError",
]);

/**
 * Passes every text in an error that may be AWS's message to `hear`. The error's own message comes first, followed by
 * the errors that it wraps (`cause`, a response body, a list of errors). Stops when `hear` returns "enough". Never
 * throws, whatever the getters of the value do.
 */
export function visitTexts(value: unknown, visit: (found: ErrorText) => "enough" | "go on"): void {
  const seen = new Set<object>();
  const queue: WrappedValue[] = [{ value, name: undefined, status: undefined, requestId: undefined }];
  for (let at = 0; at < queue.length && seen.size < MOST_LAYERS; at++) {
    const layer = queue[at];
    if (typeof layer?.value === "string") {
      const { value: text, name, status, requestId } = layer;
      if (visit({ text, name, status, requestId }) === "enough") return;
    } else if (typeof layer?.value === "object" && layer.value !== null && !seen.has(layer.value)) {
      seen.add(layer.value);
      const name = errorNameIn(layer.value) ?? layer.name;
      const status = statusOf(layer.value) ?? layer.status;
      const requestId = requestIdOf(layer.value) ?? layer.requestId;
      if (visit({ text: messageIn(layer.value), name, status, requestId }) === "enough") return;
      for (const inside of wrappedIn(layer.value)) queue.push({ value: inside, name, status, requestId });
    }
  }
}

interface WrappedValue {
  value: unknown;
  name: string | undefined;
  status: number | undefined;
  requestId: string | undefined;
}

function messageIn(object: object): string {
  for (const key of TEXTS) {
    const text = read(object, key);
    if (typeof text === "string" && text !== "") return text;
  }
  return "";
}

function wrappedIn(object: object): unknown[] {
  return INSIDE.map((key) => read(object, key)).flatMap((value) => {
    if (value == null) return [];
    return isList(value) ? firstOf(value) : [value];
  });
}

/** Array.isArray throws for a revoked proxy. */
function isList(value: unknown): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Returns the first items of a list, read one by one, because the list may be sparse, very long, or a proxy. */
function firstOf(list: unknown[]): unknown[] {
  return Array.from({ length: MOST_LAYERS }, (_, index) => read(list, index)).filter((item) => item != null);
}

/** Reads a property of any object. Returns undefined if a getter or a proxy throws. */
export function read(object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Returns a property of any value, or undefined if it doesn't exist or can't be read. */
export const fieldOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null ? read(value, key) : undefined;

/**
 * Returns the error's name without the text that services add to it:
 * `AccessDeniedException:http://internal.amazon.com/…`, `com.amazon.coral#AccessDeniedException`, and the lower-case
 * first letter of event streams.
 */
export function bareName(name: string): string {
  const colon = name.indexOf(":");
  const bare = (colon < 0 ? name : name.slice(0, colon)).slice(
    name.lastIndexOf("#", colon < 0 ? undefined : colon) + 1,
  );
  return /^[a-z]+[A-Z]/.test(bare) ? bare.charAt(0).toUpperCase() + bare.slice(1) : bare;
}

function errorNameIn(object: object): string | undefined {
  for (const key of NAME_KEYS) {
    const name = read(object, key);
    if (typeof name === "string" && name !== "" && name.length < 200 && !UNSPECIFIC_NAMES.has(name))
      return bareName(name);
  }
  return undefined;
}

function statusOf(object: object): number | undefined {
  const metadata = read(object, "$metadata");
  const nested = typeof metadata === "object" && metadata !== null ? read(metadata, "httpStatusCode") : undefined;
  if (isStatus(nested)) return nested;
  for (const key of STATUS_KEYS) {
    const status = read(object, key);
    if (isStatus(status)) return status;
  }
  return undefined;
}

const REQUEST_IDS = ["requestId", "RequestId", "requestID", "x-amzn-requestid"] as const;

function requestIdOf(object: object): string | undefined {
  return requestIdAt(read(object, "$metadata")) ?? requestIdAt(object) ?? requestIdAt(read(object, "headers"));
}

function requestIdAt(place: unknown): string | undefined {
  if (typeof place !== "object" || place === null) return undefined;
  for (const key of REQUEST_IDS) {
    const id = read(place, key);
    if (typeof id === "string" && id !== "" && id.length <= LONGEST_REQUEST_ID) return id;
  }
  return undefined;
}

const LONGEST_REQUEST_ID = 200;

export const isStatus = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 100 && value < 600;
