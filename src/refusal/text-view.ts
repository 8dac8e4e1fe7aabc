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
  const places: number[] = [];
  const characters: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === " " || character === "\n") continue;
    places.push(at);
    characters.push(asciiLower(character));
  }
  const squeezed = characters.join("");
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

/** Returns the index of the first position that isn't before `from`, by binary search. */
function firstAtOrAfter(places: readonly number[], from: number): number {
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
  const lines = withoutEscapes(raw)
    .replace(/<br ?\/?>/gi, " ")
    .replace(/(\*\*|__)([A-Za-z0-9-]{1,60})\1/g, "$2")
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad`]/g, "")
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000\t]/g, " ")
    .split(/\r\n|[\n\r\u2028\u2029]/);
  let text = "";
  const prefix = COMMENT_PREFIXES.find((comment) => comment.test(lines[0] ?? "")) ?? LINE_PREFIX;
  lines.forEach((line, index) => {
    const content = index === 0 ? line : line.replace(prefix, "");
    const bare = content.length > MOST_BOXED ? content : content.replace(LINE_SUFFIX, "");
    text += (index === 0 ? "" : "\n") + bare.replace(/ {2,}/g, " ");
  });
  return text;
}

/** The maximum length of a line with a border. Boxes are as wide as terminals, so a longer line has no border. */
const MOST_BOXED = 1000;

const ENTITIES: Record<string, string> = {
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
  if (text.includes("\\")) {
    text = text.replace(/\\+(u[0-9a-fA-F]{4}|[nrt"'/])?/g, (_, escaped: string | undefined) => {
      if (escaped === undefined) return "";
      if (escaped.startsWith("u")) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
      return escaped === "n" || escaped === "r" ? "\n" : escaped === "t" ? " " : escaped;
    });
  }
  if (text.includes("&"))
    text = text.replace(/&(#?[a-z0-9]{2,4});/gi, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
  return text;
}
