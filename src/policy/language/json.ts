/**
 * The maximum length of a document. The largest policy that AWS accepts is a fifth of this (IAM User Guide, "IAM and
 * AWS STS quotas").
 */
const LONGEST_DOCUMENT = 100_000;
const DEEPEST = 20;

/** A key that occurs twice in one object of a JSON text. JSON.parse silently keeps the last one. */
export interface DuplicateKey {
  key: string;
}

/**
 * Reads a policy document as an object, JSON text, or the URL-encoded JSON of IAM's API (IAM API Reference,
 * "GetRolePolicy").
 *
 * @throws TypeError if the document has none of these forms, is too long, or is nested too deeply. The message states
 * which problem it is and where it occurs
 */
export function readJson(input: unknown, name: string): { value: unknown; duplicates: DuplicateKey[] } {
  if (typeof input !== "string") return { value: copied(input, name), duplicates: [] };
  if (input.length > LONGEST_DOCUMENT) throw tooLong(name, input.length);
  const text = decodedDocument(input.replace(/^\ufeff/, "").trim());
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${name} must be a policy document: an object, or JSON text. ${(error as Error).message}`);
  }
  return { value: copied(value, name), duplicates: duplicateKeys(text) };
}

function decodedDocument(text: string): string {
  if (!/^%(7B|5B|20|0A|09)/i.test(text)) return text;
  try {
    return decodeURIComponent(text).trim();
  } catch {
    return text;
  }
}

const tooLong = (name: string, length: number) =>
  new TypeError(`${name} must be a policy of at most ${LONGEST_DOCUMENT} characters; it has ${length}.`);

/**
 * Returns a copy that is plain data, even if the original has getters or holes. A hole becomes null, as in JSON. An
 * object that contains itself is rejected because it's nested too deeply.
 *
 * @throws TypeError also if the object can't be read, such as a revoked proxy, or if its getter throws
 */
function copied(value: unknown, name: string): unknown {
  const copying = new Copying(name);
  try {
    return copying.copy(value, 0);
  } catch (error) {
    if (error === copying.rejection) throw error;
    throw new TypeError(`${name} must be a policy document that can be read. ${String((error as Error)?.message)}`);
  }
}

class Copying {
  /** The error thrown for a document that can be read and isn't accepted. Any other error comes from reading it. */
  rejection: TypeError | undefined;
  #characters = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  copy(part: unknown, depth: number): unknown {
    if (depth > DEEPEST)
      throw this.#rejected(new TypeError(`${this.#name} must be nested at most ${DEEPEST} levels deep; it is deeper.`));
    this.#measure(typeof part === "string" ? 1 + part.length : 1);
    if (typeof part !== "object" || part === null) return part;
    return Array.isArray(part) ? this.#list(part, depth + 1) : this.#object(part as Record<string, unknown>, depth + 1);
  }

  #list(list: readonly unknown[], depth: number): unknown[] {
    const { length } = list;
    if (length > LONGEST_DOCUMENT) throw new RangeError(`A list in it has ${length} items.`);
    this.#measure(length);
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) copy.push(this.copy(list[index] ?? null, depth));
    return copy;
  }

  #object(object: Record<string, unknown>, depth: number): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      this.#measure(key.length);
      const value = this.copy(object[key], depth);
      // An assignment to this key would change the prototype.
      if (key === "__proto__") Object.defineProperty(copy, key, { ...OWN, value });
      else copy[key] = value;
    }
    return copy;
  }

  #measure(length: number): void {
    this.#characters += length;
    if (this.#characters > LONGEST_DOCUMENT) throw this.#rejected(tooLong(this.#name, this.#characters));
  }

  #rejected(error: TypeError): TypeError {
    this.rejection = error;
    return error;
  }
}

const OWN = { configurable: true, enumerable: true, writable: true };

/** Returns true if the string that ends at a position is a key. A key is followed by a colon, after any white space. */
function isKey(text: string, end: number): boolean {
  SPACE.lastIndex = end;
  SPACE.test(text);
  return text.charAt(SPACE.lastIndex) === ":";
}

const SPACE = /\s*/y;

/** Returns the keys that occur twice in one object of a text that JSON.parse accepted. */
function duplicateKeys(text: string): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [part] = match;
    if (part === "{") open.push(new Set());
    else if (part === "[") open.push(undefined);
    else if (part === "}" || part === "]") open.pop();
    else if (isKey(text, token.lastIndex)) {
      const key = JSON.parse(part) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) found.push({ key });
      keys?.add(key);
    }
  }
  return found;
}
