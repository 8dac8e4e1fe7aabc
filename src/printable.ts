/**
 * Characters that a reader can't see, or that change how the text around them is displayed: control characters (C0 and
 * C1, which includes terminal escapes), line and paragraph separators, and Unicode's format and default-ignorable
 * characters (bidirectional controls, zero-width characters, soft hyphens, tags, variation selectors). Also includes
 * lone surrogates, which can't be encoded.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const UNPRINTABLE_IN_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT_ESCAPES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The longest printable text, in UTF-16 code units: twice the longest ARN. */
export const LONGEST_TEXT = 4_096;

/**
 * Returns external text as one line that is safe to print. An unprintable character is replaced with a visible escape
 * (`\u202e`). If the text is too long, its middle is replaced with the number of omitted characters. The escapes are
 * valid in JSON, so a JSON document keeps its value. Text that is already printable is returned unchanged.
 */
export function printable(text: string): string {
  // Most texts are plain. This pattern is several times faster than the one that identifies what isn't printable.
  if (text.length <= LONGEST_TEXT && PLAIN.test(text)) return text;
  return shortened(text, LONGEST_TEXT, (part) => part.replace(UNPRINTABLE, escapeOf));
}

const PLAIN = /^[ -~]*$/;

/**
 * Works like {@link printable}, but keeps line breaks.
 *
 * @param most the maximum length of the result, in UTF-16 code units
 */
export function printableLines(text: string, most: number): string {
  return shortened(text.replaceAll("\r\n", "\n"), most, (part) => part.replace(UNPRINTABLE_IN_LINES, escapeOf));
}

function escapeOf(character: string): string {
  return SHORT_ESCAPES[character] ?? character.split("").map(codeUnitEscape).join("");
}

const codeUnitEscape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Space for the text that states how many characters are omitted. */
const MARK_LENGTH = 40;

/**
 * Shortens a text in the middle. The end is kept because it often contains the important part of a sentence with a long
 * value.
 */
function shortened(text: string, most: number, escaped: (part: string) => string): string {
  if (text.length <= most) {
    const whole = escaped(text);
    if (whole.length <= most) return whole;
  }
  const room = most - MARK_LENGTH;
  const head = fitting([...text.slice(0, most)], Math.ceil(room * 0.75), escaped);
  const tail = fitting([...text.slice(-most)].reverse(), Math.floor(room * 0.25), escaped);
  const leftOut = text.length - head.length - tail.length;
  return `${head.shown.join("")}… (${leftOut} more characters) …${tail.shown.reverse().join("")}`;
}

/** Returns as many leading characters as fit into the space after they are escaped, and their unescaped length. */
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
