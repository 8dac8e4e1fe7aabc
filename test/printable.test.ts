import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LONGEST_TEXT, printable, printableLines } from "../src/printable.js";
import { hiddenIn } from "./hidden-characters.js";

describe("printable", () => {
  it.each([
    ["a right-to-left override", "a\u202eb", "a\\u202eb"],
    ["an isolate", "\u2066a\u2069", "\\u2066a\\u2069"],
    ["directional marks", "\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"],
    ["zero-width characters and a byte order mark", "\u200b\u200d\ufeff", "\\u200b\\u200d\\ufeff"],
    ["a soft hyphen", "soft\u00adhyphen", "soft\\u00adhyphen"],
    ["interlinear annotation", "\ufff9a\ufffab\ufffb", "\\ufff9a\\ufffab\\ufffb"],
    ["a variation selector", "a\ufe0f", "a\\ufe0f"],
    ["a tag character, as JSON would write it", "\u{e0041}", "\\udb40\\udc41"],
    ["line and paragraph separators", "\u2028\u2029", "\\u2028\\u2029"],
    ["line breaks and tabs", "a\r\n\tb", "a\\r\\n\\tb"],
    ["a terminal escape", "\u001b[31m", "\\u001b[31m"],
    ["C1 controls", "\u0085\u009b31m", "\\u0085\\u009b31m"],
    ["a lone surrogate", "a\ud800b", "a\\ud800b"],
  ])("shows %s as an escape", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("doesn't change any other text", () => {
    for (const text of ["", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "Größe, 日本語, \u{1f600}", 'a\\u202e "b"'])
      expect(printable(text)).toBe(text);
  });

  it("contains no control or format character, and keeps the value of a JSON document", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(hiddenIn(printable(text))).toEqual([]);
        expect(hiddenIn(printableLines(text, 100).replaceAll("\n", ""))).toEqual([]);
        expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
        expect(printable(printable(text))).toBe(printable(text));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the lines of a text with several", () => {
    expect(printableLines("a\r\nb\u202e\n\tc", 100)).toBe("a\nb\\u202e\n\\tc");
  });

  it("states how much of a long text it left out, and keeps the beginning and the end", () => {
    const text = `begin${"x".repeat(1_000_000)}end`;
    const [, left] = /^beginx+… \((\d+) more characters\) …x+end$/.exec(printable(text)) ?? [];
    expect(text.length - Number(left)).toBe(printable(text).replace(/… .* …/, "").length);
    expect(printable("x".repeat(LONGEST_TEXT))).toBe("x".repeat(LONGEST_TEXT));
  });

  it("is never longer than the limit, and doesn't change when printed again", () => {
    for (const character of ["x", "\u202e", "\u{e0041}", "\u{1f600}", "\n"]) {
      const shown = printable(character.repeat(1_000_000));
      expect(shown.length).toBeLessThanOrEqual(LONGEST_TEXT);
      expect(printable(shown)).toBe(shown);
    }
  });

  it("never divides a surrogate pair", () => {
    for (const before of ["", "a", "ab", "abc", "abcd", "abcde"]) {
      const shown = printable(`${before}${"\u{1f600}".repeat(LONGEST_TEXT)}`);
      expect(shown).toMatch(/^[a-e]*\u{1f600}+… \(\d+ more characters\) …\u{1f600}+$/u);
    }
  });
});
