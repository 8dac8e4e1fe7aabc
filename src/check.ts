// The checks of options. Each throws a TypeError that identifies the option, its value, and what is allowed.

/** Returns the value's own fields. Throws if one of them is unknown. */
export function fields<T extends object>(
  value: T | undefined,
  path: string,
  known: readonly (keyof T & string)[],
): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, value, "an object");
  const stranger = Object.keys(value).find((key) => !(known as readonly string[]).includes(key));
  if (stranger !== undefined) {
    throw new TypeError(`${path}.${stranger} is no option of resilient-bedrock; known here: ${known.join(", ")}.`);
  }
  return value;
}

export function milliseconds(value: unknown, path: string, byDefault: number, most: number): number {
  if (value === undefined) return byDefault;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw wrong(path, value, `a whole number of milliseconds from 0 to ${most}`);
}

export function flag(value: unknown, path: string, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value === "boolean") return value;
  throw wrong(path, value, "true or false");
}

/**
 * Returns a frozen copy of an object that maps model IDs to IDs of one kind. It has no prototype, so an inherited name
 * isn't an ID.
 */
export function idsByModel(
  value: Readonly<Record<string, string>> | undefined,
  path: string,
  isRight: (id: string) => boolean,
  what: string,
): Readonly<Record<string, string>> {
  if (value === undefined) return Object.freeze({});
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, value, "an object");
  for (const [id, to] of Object.entries(value)) {
    if (typeof to !== "string" || !isRight(to)) throw wrong(`${path}[${JSON.stringify(id)}]`, to, what);
  }
  return Object.freeze(Object.assign(Object.create(null), value));
}

export function wrong(path: string, value: unknown, allowed: string): TypeError {
  return new TypeError(`${path} must be ${allowed}; it is ${printed(value)}.`);
}

/**
 * Formats the value as the reader would write it. It is short and never contains the content of an object, which may
 * contain secrets.
 */
function printed(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
