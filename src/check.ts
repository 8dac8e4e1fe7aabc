// The checks of options. Each returns the value of an option, with its default, or throws a TypeError that identifies
// the option, its value, and the allowed values.

/**
 * Checks one option. `Declared` is the option's type in the public interface. A check doesn't rely on it, because code
 * without types can pass any value.
 */
export type Check<Declared, Checked> = (value: Declared | undefined, path: string) => Checked;

/** One check for each field of an interface. The compiler requires all of them, and accepts no others. */
type Checks<O extends object, T> = { readonly [K in keyof O]-?: (value: O[K], path: string) => unknown } & {
  readonly [K in Exclude<keyof T, keyof O>]: never;
};

/** What the checks of a table return. */
type Settings<T> = { readonly [K in keyof T]: T[K] extends (...args: never[]) => infer S ? S : never };

/**
 * Checks an object of options, field by field. The table is also the list of the valid options.
 * @throws TypeError that identifies the option, its value, and the allowed values
 */
export function settings<O extends object, T extends Checks<O, T>>(
  value: O | undefined,
  path: string,
  table: T,
): Settings<T> {
  const fields: object = value === undefined ? {} : objectAt(value, path);
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(table, name));
  if (unknown !== undefined) throw unknownOption(`${path}.${unknown}`, Object.keys(table));
  const checks = Object.entries(table as Record<string, Check<unknown, unknown>>);
  const checked = checks.map(([name, check]) => {
    return [name, check((fields as Record<string, unknown>)[name], `${path}.${name}`)];
  });
  return Object.freeze(Object.fromEntries(checked)) as Settings<T>;
}

/** Checks that a value is one that `isValid` accepts. */
export function valid<T, D>(isValid: (value: T) => boolean, allowed: string, byDefault: D): Check<T, T | D> {
  return (value, path) => {
    if (value === undefined) return byDefault;
    if (isValid(value)) return value;
    throw wrong(path, value, allowed);
  };
}

/** A whole number of milliseconds. */
export const milliseconds = (byDefault: number, most: number): Check<number, number> =>
  valid((value) => isWholeNumber(value, most), `a whole number of milliseconds from 0 to ${most}`, byDefault);

/** How often something is done. */
export const count = (byDefault: number, most: number): Check<number, number> =>
  valid((value) => isWholeNumber(value, most), `a whole number from 0 to ${most}`, byDefault);

export const flag = (byDefault: boolean): Check<boolean, boolean> =>
  valid((value) => typeof value === "boolean", "true or false", byDefault);

// biome-ignore lint/suspicious/noExplicitAny: a function with any parameters.
export const callback = <F extends (...args: any[]) => unknown>(): Check<F, F | undefined> =>
  valid((value) => typeof value === "function", "a function", undefined);

/** An object that the application created, such as a client. Anything else isn't printed: it may be a secret. */
export function withMethods<T extends object>(what: string, ...methods: (keyof T & string)[]): Check<T, T | undefined> {
  const allowed = `${what}, with the method${methods.length > 1 ? "s" : ""} ${methods.join(", ")}`;
  return (value, path) => {
    const has = (name: keyof T) => typeof (value as Partial<T> | null)?.[name] === "function";
    if (value === undefined || methods.every(has)) return value;
    throw wrong(path, value, allowed, "secret");
  };
}

export const abortSignal = (): Check<AbortSignal, AbortSignal | undefined> =>
  withMethods<AbortSignal>("an AbortSignal", "addEventListener", "removeEventListener");

/** Returns a frozen copy of a list of texts. */
export const listOf =
  (isValid: (text: string) => boolean, list: string, item: string): Check<readonly string[], readonly string[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw wrong(path, value, list);
    for (const [at, text] of value.entries()) {
      if (typeof text !== "string" || !isValid(text)) throw wrong(`${path}[${at}]`, text, item);
    }
    return Object.freeze([...value]);
  };

/**
 * Returns a frozen copy of an object that maps IDs to values of one kind. It has no prototype, so an inherited name
 * isn't an ID.
 */
export const mapOf =
  <V>(check: Check<V, V>): Check<Readonly<Record<string, V>>, Readonly<Record<string, V>>> =>
  (value, path) => {
    const copy: Record<string, V> = Object.create(null);
    for (const [id, each] of Object.entries(objectAt(value, path) as Record<string, V>)) {
      copy[id] = check(each, `${path}[${quoted(id)}]`);
    }
    return Object.freeze(copy);
  };

/** Makes an option optional that has no default. */
export const optional =
  <D, C>(check: Check<D, C>): Check<D, C | undefined> =>
  (value, path) =>
    value === undefined ? undefined : check(value, path);

/** A wrong value. A secret is never printed, and neither is the content of an object, which may contain one. */
export function wrong(path: string, value: unknown, allowed: string, content?: "secret"): TypeError {
  const isText = typeof value === "string";
  return new TypeError(`${path} must be ${allowed}; it is ${isText && content ? "a string" : printed(value)}.`);
}

function unknownOption(path: string, known: readonly string[]): TypeError {
  return new TypeError(`Unknown option ${inAscii(shortenedValue(path, 100))}. Valid options: ${known.join(", ")}.`);
}

function objectAt(value: unknown, path: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw wrong(path, value, "an object");
}

const isWholeNumber = (value: unknown, most: number) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** Formats a value as its reader would write it. */
function printed(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return inAscii(String(value));
  return Array.isArray(value) ? "an array" : "an object";
}

const quoted = (text: string) => inAscii(JSON.stringify(shortenedValue(text, 40)));

const shortenedValue = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text);

/** No valid option contains another character. A reader can't see some of them, or mistakes them for others. */
const inAscii = (text: string) =>
  text.replace(/[^ -~…]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
