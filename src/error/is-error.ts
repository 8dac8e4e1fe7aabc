/**
 * True for an error of any realm (a `node:vm` context, a test runner's sandbox), and for an object that has the shape
 * of the SDK's errors. Never throws.
 */
export function isErrorLike(value: unknown): value is Error {
  if (typeof value !== "object" || value === null) return false;
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]" || hasShape(value);
  } catch {
    return false;
  }
}

function hasShape(value: object): boolean {
  const { name, message, $metadata, $fault } = value as Record<string, unknown>;
  const isOfSdk = (typeof $metadata === "object" && $metadata !== null) || typeof $fault === "string";
  return typeof name === "string" && typeof message === "string" && isOfSdk;
}
