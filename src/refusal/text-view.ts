import { asciiLower } from "../ascii.js";

/** Where a phrase stands in a text. */
export interface Span {
  start: number;
  end: number;
}

/**
 * A text made ready for reading. Other tools escape, colour, box, quote and wrap AWS's message, in the middle of words
 * too; a view finds phrases in it all the same. Every operation takes time in proportion to the text, no more.
 */
export interface TextView {
  /** The text without what tools added. A line break that may stand inside a word is `\n`; other white space is one space. */
  readonly text: string;
  /** True if it began with a Markdown quote, which the text is without. */
  readonly isQuoted: boolean;
  /** Finds a phrase (lower case, single spaces) from a position on. Case, white space and line breaks do not count. */
  find(phrase: string, from?: number): Span | undefined;
}

/** Anything beside printable ASCII. */
const NOT_ASCII = /[^\x20-\x7e]/;
/** What tools leave in ASCII: JSON escapes, HTML entities, Markdown's quotes, padding. */
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

/** A view that compares without any white space, and keeps for each character where it stands. */
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

/** Index of the first place that is not before `from`, by halving. */
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

/** What tools put at the start of a line when they box, quote or comment text out. */
const LINE_PREFIX = /^[ \t]*(?:[│┃|║└├╰╭─]+[ \t]*|(?:[>#]+|\/\/+)[ \t]+)?/;
/** The same in a comment block whose lines all begin with an asterisk, or with dashes, which names in IAM can contain, too. */
const COMMENT_PREFIXES = [/^[ \t]*\*[ \t]+/, /^[ \t]*--[ \t]+/];
/** The right-hand border of a box, with the padding before it. */
const LINE_SUFFIX = /[ \t]*[│┃|║][ \t]*$/;

/** Takes off, in one pass each, what tools added: escapes, colours, entities, boxes, wrapping. */
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

/** Boxes are as wide as terminals: a longer line has no border to look for. */
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

/** ANSI colours, JSON escapes of any depth (a run of backslashes and what it escapes), HTML entities. */
function withoutEscapes(raw: string): string {
  let text = raw;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
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
