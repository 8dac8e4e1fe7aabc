import { asciiLower } from "../ascii.js";

/** The position of a phrase in a text. */
export interface Span {
  start: number;
  end: number;
}

/**
 * A text that is prepared for parsing. Other tools escape, color, box, quote, and wrap AWS's message, even in the
 * middle of words. A view finds phrases despite these changes. The time of each operation is proportional to the length
 * of the text.
 */
export interface TextView {
  /**
   * The text without the characters that tools added. A line break that may be inside a word is `\n`. Other white space
   * is a single space.
   */
  readonly text: string;
  /** True if the original text began with a Markdown quote, which is removed from `text`. */
  readonly isQuoted: boolean;
  /** Finds a phrase (lower case, single spaces) starting at a position. Ignores case, white space, and line breaks. */
  find(phrase: string, from?: number): Span | undefined;
}

/** Any character that isn't printable ASCII. */
const NOT_ASCII = /[^\x20-\x7e]/;
/** ASCII characters that tools add: JSON escapes, HTML entities, Markdown quotes, and padding. */
const LEFT_BY_TOOLS = ["\\", "&", "`", "  ", "__", "**", "<br"];

export function viewOf(raw: string): TextView {
  const isPlain = !LEFT_BY_TOOLS.some((mark) => raw.includes(mark)) && !NOT_ASCII.test(raw);
  return isPlain ? plainView(raw) : unfoldedView(raw);
}

function plainView(text: string): TextView {
  const lower = text.toLowerCase();
  return {
    text,
    isQuoted: false,
    find(phrase, from = 0) {
      const start = lower.indexOf(phrase, from);
      return start < 0 ? undefined : { start, end: start + phrase.length };
    },
  };
}

/** Returns a view that compares text without any white space and keeps the original position of each character. */
function unfoldedView(raw: string): TextView {
  const text = unfold(raw);
  const squeezed = asciiLower(text.replace(/[ \n]+/g, ""));
  const places = placesIn(text, squeezed.length);
  return {
    text,
    isQuoted: raw.trimStart().startsWith("`"),
    find(phrase, from = 0) {
      const sought = phrase.replaceAll(" ", "");
      const start = squeezed.indexOf(sought, firstAtOrAfter(places, from));
      if (start < 0) return undefined;
      return { start: places[start] ?? 0, end: (places[start + sought.length - 1] ?? 0) + 1 };
    },
  };
}

/** Returns the positions of all characters of a text except spaces and line breaks. */
function placesIn(text: string, count: number): Uint32Array {
  // A list of numbers would take several times the memory, and more than proportional time to collect.
  const places = new Uint32Array(count);
  let index = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== LINE_BREAK) places[index++] = at;
  }
  return places;
}

const SPACE = 0x20;
const LINE_BREAK = 0x0a;

/** Returns the index of the first position that isn't before `from`, by binary search. */
function firstAtOrAfter(places: Uint32Array, from: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The characters that tools put at the start of a line in boxes, quotes, or comments. */
const LINE_PREFIX = /^[ \t]*(?:[│┃|║└├╰╭─]+[ \t]*|(?:[>#]+|\/\/+)[ \t]+)?/;
/**
 * The start of lines in a comment block whose lines all begin with an asterisk or with dashes. IAM names can also
 * contain dashes.
 */
const COMMENT_PREFIXES = [/^[ \t]*\*[ \t]+/, /^[ \t]*--[ \t]+/];
/** The right border of a box, with the padding before it. */
const LINE_SUFFIX = /[ \t]*[│┃|║][ \t]*$/;

/** Removes what tools added: escapes, colors, entities, boxes, and line wrapping. Each takes one pass. */
function unfold(raw: string): string {
  const plain = withoutEscapes(raw)
    .replace(/<br ?\/?>/gi, " ")
    .replace(/(\*\*|__)([A-Za-z0-9-]{1,60})\1/g, "$2");
  const lines = substituted(plain).split(/\r\n|[\n\r\u2028\u2029]/);
  const prefix = COMMENT_PREFIXES.find((comment) => comment.test(lines[0] ?? "")) ?? LINE_PREFIX;
  return lines.map((line, index) => bareLine(index === 0 ? line : withoutPrefix(line, prefix))).join("\n");
}

/** Characters that tools put in place of another one, or add. An empty text means that they are removed. */
const SUBSTITUTES: ReadonlyMap<number, string> = new Map(
  [
    ["\u2018\u2019\u02bc", "'"],
    ["\u201c\u201d", '"'],
    ["\u200b\u200c\u200d\u2060\ufeff\u00ad`", ""],
    ["\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " "],
  ].flatMap(([characters = "", substitute = ""]) =>
    Array.from(characters, (character): [number, string] => [character.charCodeAt(0), substitute]),
  ),
);

const SUBSTITUTED = new RegExp(`[${String.fromCharCode(...SUBSTITUTES.keys())}]`);

/** The number of characters that are converted to text together. All of a long text would exceed the call stack. */
const CHUNK = 4_096;

/** Replaces characters in one pass. A regular expression would keep every match of a long text in memory. */
function substituted(text: string): string {
  if (!SUBSTITUTED.test(text)) return text;
  const codes = new Uint16Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const substitute = SUBSTITUTES.get(code);
    if (substitute !== "") codes[length++] = substitute === undefined ? code : substitute.charCodeAt(0);
  }
  return textOf(codes, length);
}

/** Returns the text of the first `length` character codes. */
function textOf(codes: Uint16Array, length: number): string {
  let text = "";
  for (let from = 0; from < length; from += CHUNK) {
    text += String.fromCharCode(...codes.subarray(from, Math.min(length, from + CHUNK)));
  }
  return text;
}

const withoutPrefix = (line: string, prefix: RegExp) => (line === "" ? "" : line.replace(prefix, ""));

function bareLine(line: string): string {
  if (line === "") return "";
  const content = line.length > MOST_BOXED ? line : line.replace(LINE_SUFFIX, "");
  return content.replace(/ {2,}/g, " ");
}

/** The maximum length of a line with a border. Boxes are as wide as terminals, so a longer line has no border. */
const MOST_BOXED = 1000;

const DECODED_ENTITIES: Record<string, string> = {
  quot: '"',
  apos: "'",
  "#39": "'",
  "#x27": "'",
  "#34": '"',
  lt: "<",
  gt: ">",
  amp: "&",
  nbsp: " ",
};

/**
 * Removes ANSI colors, JSON escapes of any depth (a run of backslashes and the character that it escapes), and HTML
 * entities.
 */
function withoutEscapes(raw: string): string {
  let text = raw;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for the escape character.
  if (text.includes("\u001b")) text = text.replace(/\u001b\[[0-9;]{0,20}[A-Za-z]/g, "");
  if (text.includes("\\")) text = withoutBackslashes(text);
  if (text.includes("&"))
    text = text.replace(
      /&(#?[a-z0-9]{2,4});/gi,
      (whole, name: string) => DECODED_ENTITIES[name.toLowerCase()] ?? whole,
    );
  return text;
}

/** What an escaped character stands for. Line breaks and tabs become the white space of a view. */
const ESCAPED: Record<string, string> = { n: "\n", r: "\n", t: " ", '"': '"', "'": "'", "/": "/" };

const HEX = /^[0-9a-f]{4}$/i;

/** Replaces each run of backslashes and the character that it escapes. A run that escapes nothing is removed. */
function withoutBackslashes(raw: string): string {
  const codes = new Uint16Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code !== BACKSLASH) {
      codes[length++] = code;
      continue;
    }
    while (raw.charCodeAt(at + 1) === BACKSLASH) at++;
    const escaped = escapedAt(raw, at + 1);
    if (escaped === undefined) continue;
    codes[length++] = escaped.code;
    at += escaped.length;
  }
  return textOf(codes, length);
}

const BACKSLASH = 0x5c;

/** Returns the character that is escaped at a position, and the length of its escape. */
function escapedAt(raw: string, at: number): { code: number; length: number } | undefined {
  const letter = raw.charAt(at);
  const hex = letter === "u" ? raw.slice(at + 1, at + 5) : "";
  if (hex !== "" && HEX.test(hex)) return { code: Number.parseInt(hex, 16), length: 1 + hex.length };
  const character = ESCAPED[letter];
  return character === undefined ? undefined : { code: character.charCodeAt(0), length: 1 };
}
