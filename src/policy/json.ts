/** The largest policy that AWS takes is a fifth of this (IAM User Guide, "IAM and AWS STS quotas"). */
export const MOST_CHARACTERS = 100_000;
const DEEPEST = 20;

/** A key that stands twice in one object of a JSON text: JSON.parse keeps the last without a word. */
export interface DuplicateKey {
  key: string;
}

/**
 * Reads a policy document as it is handed around: an object, JSON text, or the URL-encoded JSON of IAM's API (IAM API
 * Reference, "GetRolePolicy").
 *
 * @throws TypeError where it is none of these, too long or too deep; it says which and where
 */
export function readJson(input: unknown, name: string): { value: unknown; duplicates: DuplicateKey[] } {
  if (typeof input !== "string") {
    measure(input, name);
    return { value: input, duplicates: [] };
  }
  if (input.length > MOST_CHARACTERS) throw tooLong(name, input.length);
  const text = decoded(input.replace(/^\ufeff/, "").trim());
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${name} must be a policy document: an object, or JSON text. ${(error as Error).message}`);
  }
  measure(value, name);
  return { value, duplicates: duplicateKeys(text) };
}

function decoded(text: string): string {
  if (!/^%(7B|5B|20|0A|09)/i.test(text)) return text;
  try {
    return decodeURIComponent(text).trim();
  } catch {
    return text;
  }
}

const tooLong = (name: string, length: number) =>
  new TypeError(`${name} must be a policy of at most ${MOST_CHARACTERS} characters; it has ${length}.`);

/** Ends also on an object that holds itself: it is too deep. */
function measure(value: unknown, name: string): void {
  let characters = 0;
  const visit = (part: unknown, depth: number): void => {
    if (depth > DEEPEST) throw new TypeError(`${name} must be nested at most ${DEEPEST} levels deep; it is deeper.`);
    if (typeof part === "string") characters += part.length;
    characters += 1;
    if (characters > MOST_CHARACTERS) throw tooLong(name, characters);
    if (typeof part !== "object" || part === null) return;
    if (Array.isArray(part)) {
      for (const inner of part) visit(inner, depth + 1);
      return;
    }
    for (const key of Object.keys(part)) {
      characters += key.length;
      visit((part as Record<string, unknown>)[key], depth + 1);
    }
  };
  visit(value, 0);
}

/** The keys that stand twice in one object of a text that JSON.parse has taken. */
function duplicateKeys(text: string): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [part] = match;
    if (part === "{") open.push(new Set());
    else if (part === "[") open.push(undefined);
    else if (part === "}" || part === "]") open.pop();
    else if (/^\s*:/.test(text.slice(token.lastIndex, token.lastIndex + 100))) {
      const key = JSON.parse(part) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) found.push({ key });
      keys?.add(key);
    }
  }
  return found;
}
