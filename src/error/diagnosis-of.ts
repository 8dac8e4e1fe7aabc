import type { Diagnosis } from "../diagnosis.js";
import { isDiagnosedError, recordedDiagnosis } from "../error.js";
import { isDiagnosis } from "./is-diagnosis.js";

/**
 * Fields in which wrappers keep what they wrap: errors of the platform, of SDKs and HTTP clients, and bodies of
 * responses.
 */
const KEYS = [
  "cause",
  "errors",
  "lastError",
  "originalError",
  "error",
  "response",
  "data",
  "body",
  "responseBody",
] as const;

/** How many objects are searched, and how many items of one list. */
const MOST_OBJECTS = 200;
const MOST_ITEMS = 50;

/** The longest body that is read as JSON, in UTF-16 code units. */
const LONGEST_BODY = 1_000_000;

/**
 * Returns the diagnosis of any error. It can be the error's own, even if the error can't be written to. It can be that
 * of an error that it wraps (`cause`, `errors`, `lastError`, `originalError`). It can also be the field `diagnosis` of
 * a response's body (`data`, `body`, `responseBody`, as an object or as JSON text). The nearest one is returned. A
 * diagnosis from a body is untrusted data. Its form is checked, but its content isn't. Never throws.
 *
 * @returns undefined if there is none
 */
export function diagnosisOf(error: unknown): Diagnosis | undefined {
  const queue: unknown[] = [error];
  const seen = new Set<unknown>();
  for (let at = 0; at < queue.length && seen.size < MOST_OBJECTS; at += 1) {
    const value = queue[at];
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    const found = ownDiagnosis(value);
    if (found !== undefined) return found;
    queue.push(...itemsOf(value), ...KEYS.map((key) => opened(read(value, key))));
  }
  return undefined;
}

function ownDiagnosis(value: object): Diagnosis | undefined {
  const recorded = recordedDiagnosis(value);
  if (recorded !== undefined) return recorded;
  const diagnosis = read(value, "diagnosis");
  return isDiagnosedError(value) || isDiagnosis(diagnosis) ? (diagnosis as Diagnosis) : undefined;
}

/** Returns the object in a body of JSON text. Every other value is returned unchanged. */
function opened(value: unknown): unknown {
  if (typeof value !== "string" || value.length > LONGEST_BODY || !value.includes('"diagnosis"')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function itemsOf(value: object): unknown[] {
  try {
    return Array.isArray(value) ? value.slice(0, MOST_ITEMS) : [];
  } catch {
    return [];
  }
}

/** A getter of an object that isn't the library's own may throw, and every trap of a revoked proxy throws. */
function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
