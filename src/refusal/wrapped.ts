/** One text that may hold AWS's message, with what stands beside it. */
export interface Heard {
  text: string;
  name: string | undefined;
  status: number | undefined;
}

/** Errors wrap errors, but not for ever. */
const MOST_LAYERS = 24;

const TEXTS = ["message", "Message", "errorMessage"] as const;
const NAMES = ["name", "Code", "code", "__type", "type", "errorCode"] as const;
const INSIDE = [
  "cause",
  "lastError",
  "originalError",
  "error",
  "response",
  "data",
  "body",
  "errors",
  "$response",
] as const;

/** Names that every error has, and that say nothing. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  "Error",
  "TypeError",
  "ServiceException",
  "AggregateError",
  "UnknownError",
]);

/**
 * Everything in an error that may be AWS's message: the error's own first, then what it wraps (`cause`, a response's
 * body, a list of errors). Never throws, whatever the getters of the value do.
 */
export function heardIn(value: unknown): Heard[] {
  const heard: Heard[] = [];
  const seen = new Set<object>();
  const queue: { value: unknown; name: string | undefined; status: number | undefined }[] = [
    { value, name: undefined, status: undefined },
  ];
  while (queue.length > 0 && seen.size < MOST_LAYERS) {
    const layer = queue.shift();
    if (layer === undefined) break;
    if (typeof layer.value === "string") {
      heard.push({ text: layer.value, name: layer.name, status: layer.status });
      continue;
    }
    if (typeof layer.value !== "object" || layer.value === null || seen.has(layer.value)) continue;
    seen.add(layer.value);
    const object = layer.value;
    const name = nameOf(object) ?? layer.name;
    const status = statusOf(object) ?? layer.status;
    const texts = TEXTS.map((key) => read(object, key)).filter((text) => typeof text === "string");
    heard.push({ text: texts.find((text) => text !== "") ?? "", name, status });
    for (const key of INSIDE) {
      const inside = read(object, key);
      for (const next of Array.isArray(inside) ? inside.slice(0, MOST_LAYERS) : [inside]) {
        if (next !== undefined && next !== null) queue.push({ value: next, name, status });
      }
    }
  }
  return heard;
}

/** Reads a property of anything; a getter that throws, or a proxy, has nothing to say. */
export function read(object: object, key: PropertyKey): unknown {
  try {
    return (object as Record<PropertyKey, unknown>)[key];
  } catch {
    return undefined;
  }
}

/**
 * The error's name without what services put around it: `AccessDeniedException:http://internal.amazon.com/…`,
 * `com.amazon.coral#AccessDeniedException`, and the lower-case first letter of event streams.
 */
export function bareName(name: string): string {
  const bare = name.slice(name.lastIndexOf("#") + 1).split(":", 1)[0] ?? "";
  return /^[a-z]+[A-Z]/.test(bare) ? bare.charAt(0).toUpperCase() + bare.slice(1) : bare;
}

function nameOf(object: object): string | undefined {
  for (const key of NAMES) {
    const name = read(object, key);
    if (typeof name === "string" && name !== "" && name.length < 200 && !SAYS_NOTHING.has(name)) return bareName(name);
  }
  return undefined;
}

function statusOf(object: object): number | undefined {
  const metadata = read(object, "$metadata");
  const nested = typeof metadata === "object" && metadata !== null ? read(metadata, "httpStatusCode") : undefined;
  for (const status of [nested, ...["statusCode", "status", "httpStatus", "code"].map((key) => read(object, key))]) {
    if (typeof status === "number" && Number.isInteger(status) && status >= 100 && status < 600) return status;
  }
  return undefined;
}
