/**
 * Characters that a reader doesn't see, or that change how the text around them is shown: controls (C0, C1, and with them
 * terminal escapes), line and paragraph separators, and Unicode's format and default-ignorable characters (bidirectional
 * controls, zero-width characters, soft hyphens, tags, variation selectors). Lone surrogates can't be encoded.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const UNPRINTABLE_IN_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The longest printable text, in UTF-16 code units: twice the longest ARN. */
export const LONGEST_TEXT = 4_096;

/**
 * A text from outside as one line that is safe to print: an unprintable character becomes a visible escape (`\u202e`), and
 * the middle of an overlong text is replaced by the number of characters left out. The escapes are those of JSON, so a JSON
 * document keeps its value. What is printable already stays as it is.
 */
export function printable(text: string): string {
  return shortened(text, LONGEST_TEXT, (part) => part.replace(UNPRINTABLE, escapeOf));
}

/**
 * As {@link printable}, for a text of several lines: line breaks stay.
 *
 * @param most the longest result, in UTF-16 code units
 */
export function printableLines(text: string, most: number): string {
  return shortened(text.replaceAll("\r\n", "\n"), most, (part) => part.replace(UNPRINTABLE_IN_LINES, escapeOf));
}

function escapeOf(character: string): string {
  return SHORT_ESCAPES[character] ?? character.split("").map(codeUnitEscape).join("");
}

const codeUnitEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Room for the words that say how much is left out. */
const MARK = 40;

/** Keeps the end too: in a sentence with a long value, it often says what matters. */
function shortened(text: string, most: number, escaped: (part: string) => string): string {
  if (text.length <= most) {
    const whole = escaped(text);
    if (whole.length <= most) return whole;
  }
  const room = most - MARK;
  const head = fitting([...text.slice(0, most)], Math.ceil(room * 0.75), escaped);
  const tail = fitting([...text.slice(-most)].reverse(), Math.floor(room * 0.25), escaped);
  const leftOut = text.length - head.length - tail.length;
  return `${head.shown.join("")}… (${leftOut} more characters) …${tail.shown.reverse().join("")}`;
}

/** The first characters that fit into the room once they are escaped, and their length before. */
function fitting(characters: readonly string[], room: number, escaped: (part: string) => string) {
  const shown: string[] = [];
  let length = 0;
  let used = 0;
  for (const character of characters) {
    const next = escaped(character);
    if (used + next.length > room) break;
    shown.push(next);
    used += next.length;
    length += character.length;
  }
  return { shown, length };
}
