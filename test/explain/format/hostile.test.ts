import fc from "fast-check";
import { lexer, type Token } from "marked";
import { describe, expect, it } from "vitest";
import { type DiagnosisFormat, formatDiagnosis } from "../../../src/offline.js";
import { hiddenIn } from "../../hidden-characters.js";
import { diagnosisOfNothingBut, preflightOfNothingBut } from "./hostile.js";

const FORMATS: DiagnosisFormat[] = ["text", "markdown", "html"];

/** Texts of the characters and pieces that mean something to a terminal, a page, a code host or a reader's eye. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...["|", "`", "```", "\\", "<", ">", "&amp;", "&#64;", "<!--", "<script>alert(1)</script>", '"', "'", "*", "_"],
        ...[
          "~~",
          "[a](https://evil.example)",
          "![a](//evil.example/a.png)",
          "[a]: https://evil.example",
          "[^1]",
          "$x$",
        ],
        ...[
          "https://evil.example",
          "http://evil.example",
          "www.evil.example",
          "ftp://evil.example",
          "mailto:a@b.example",
        ],
        ...["@octocat", "@org/team", "octocat@evil.example", "#123", "GH-123", "org/repo#1", "!1", "%1", ":smile:"],
        ...[
          "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
          "1.",
          "1)",
          "-",
          "+",
          "#",
          "---",
          "===",
          "    ",
          "\t",
          "\n",
          "\r\n",
        ],
        ...[
          "\u202e",
          "\u2066",
          "\u200b",
          "\ufeff",
          "\u00ad",
          "\u2028",
          "\u0085",
          "\u001b[31m",
          "\u009b31m",
          "\u{e0041}",
        ],
      ),
      fc.string({ unit: "grapheme", maxLength: 6 }),
      fc.constantFrom("word", " ", ".", ","),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const check = (property: (text: string) => void, numRuns = 80) =>
  fc.assert(fc.property(hostile, property), { numRuns });

const tokensIn = (tokens: readonly Token[]): Token[] =>
  tokens.flatMap((token) => {
    const { tokens: inner = [], items = [] } = token as { tokens?: Token[]; items?: Token[] };
    const { header = [], rows = [] } = token as { header?: { tokens: Token[] }[]; rows?: { tokens: Token[] }[][] };
    const cells = token.type === "table" ? [...header, ...rows.flat()].flatMap((cell) => cell.tokens) : [];
    return [token, ...tokensIn(inner), ...tokensIn(items), ...tokensIn(cells)];
  });

describe("a report", () => {
  it.each(FORMATS)("contains no control or format character (%s)", (format) => {
    check((text) => {
      for (const report of [diagnosisOfNothingBut(text), preflightOfNothingBut(text)])
        expect(hiddenIn(formatDiagnosis(report, format).replaceAll("\n", ""))).toEqual([]);
    });
  });

  it.each(FORMATS)("shows a hidden character as an escape, and leaves the diagnosis as it is (%s)", (format) => {
    const diagnosis = diagnosisOfNothingBut("a\u202eb");
    expect(formatDiagnosis(diagnosis, format)).toContain("a\\u202eb");
    expect(diagnosis).toEqual(diagnosisOfNothingBut("a\u202eb"));
  });

  it.each(FORMATS)("of values of a megabyte is short, and states what it leaves out (%s)", (format) => {
    for (const text of ["x", "word ", "\u202e", "@a", "`|"]) {
      const report = formatDiagnosis(diagnosisOfNothingBut(text.repeat(1_000_000 / text.length)), format);
      expect(report.length).toBeLessThan(2_000_000);
      expect(report).toMatch(/… \W*\d+\W* more characters\W* …/);
    }
  });
});

describe("the Markdown report", () => {
  const KNOWN = ["heading", "paragraph", "table", "list", "list_item", "text", "codespan", "code", "space", "escape"];

  it("has no link, mention, reference, image or HTML that isn't its own", () => {
    check((text) => {
      for (const token of tokensIn(lexer(formatDiagnosis(diagnosisOfNothingBut(text), "markdown")))) {
        if (token.type === "link") {
          expect(token.href).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/[\w./#?=&-]*$/);
          continue;
        }
        expect(KNOWN).toContain(token.type);
        if (token.type === "text" && !("tokens" in token) && !/^https:\/\/docs\.aws/.test(token.raw))
          expect(token.raw).toMatch(/^[\p{L}\p{M}\s|.,;:!?()"'’…-]*(\d{1,6}[\p{L}\p{M}\s|.,;:!?()"'’…-]*)*$/u);
      }
    });
  });

  it("keeps its columns, its headings and its lists", () => {
    const withoutLinks = (text: string) => {
      const diagnosis = diagnosisOfNothingBut(text);
      // Each line of a summary is a paragraph.
      const summary = text.replaceAll("\n", " ");
      return { ...diagnosis, summary, remedies: diagnosis.remedies.map((remedy) => ({ ...remedy, links: [] })) };
    };
    const shapeOf = (text: string) =>
      lexer(formatDiagnosis(withoutLinks(text), "markdown"))
        .filter(({ type }) => type !== "space")
        .map((token) => {
          const { type, depth, items, header, rows } = token as never as Record<string, unknown[]>;
          const cells = rows?.map((row) => (row as unknown[]).length);
          return { type, depth, items: items?.length, columns: header?.length, cells };
        });
    const shape = shapeOf("x");
    check((text) => {
      if (/\S/.test(text)) expect(shapeOf(text)).toEqual(shape);
    });
  });

  it("keeps the whole text", () => {
    const shown = (tokens: readonly Token[]): string =>
      tokens
        .map((token) => ("tokens" in token && token.tokens ? shown(token.tokens) : (token as { text: string }).text))
        .join("");
    check((text) => {
      const summary = `Begin ${text} end.`
        .replace(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}|\p{Default_Ignorable_Code_Point}|&\w*;?|["'<>&]/gu, "x")
        .replace(/\s+/g, " ");
      const [, paragraph] = lexer(formatDiagnosis({ ...diagnosisOfNothingBut("x"), summary }, "markdown")).filter(
        ({ type }) => type !== "space",
      );
      expect(shown((paragraph as { tokens: Token[] }).tokens)).toBe(summary);
    });
  });
});

describe("the HTML report", () => {
  const OWN =
    /^<\/?(section|style|h3|p|table|thead|tbody|tr|th|td|ol|ul|li|pre|code|span)( (class|lang|dir|aria-label|aria-hidden|scope)="[^"<>]*")*>$/;

  it("has no element, attribute or link that isn't its own, and no address, mention or reference in one text", () => {
    check((text) => {
      const html = formatDiagnosis(diagnosisOfNothingBut(text), "html").replace(/<style>[^<]*<\/style>/, "");
      const links = html.match(/<a [^>]*>[^<]*<\/a>/g) ?? [];
      for (const link of links) expect(link).toMatch(/^<a href="(https:\/\/docs\.aws\.amazon\.com\/[^"<>]*)">\1<\/a>$/);
      const rest = links.reduce((left, link) => left.replace(link, ""), html);
      for (const tag of rest.match(/<[^>]*>?/g) ?? []) expect(tag).toMatch(OWN);
      for (const node of rest.split(/<[^>]*>/)) {
        const shown = node.replaceAll("&#39;", "'").replaceAll("&amp;", "&");
        expect(shown).not.toMatch(/:\/\/|www\.|@\w|#\d/i);
      }
    });
  });
});
