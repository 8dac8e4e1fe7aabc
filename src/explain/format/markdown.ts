import { type Block, textOfCell } from "./blocks.js";

/**
 * Returns Markdown for an issue, a chat, or a ticket to the administrators. Everything except a plain word is in a code
 * span, so that a code host doesn't turn it into a link, mention, or reference. Outside text can't break out of its
 * cell or fence.
 */
export function toMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(markdownOf).join("\n\n")}\n`;
}

function markdownOf(block: Block): string {
  switch (block.type) {
    case "heading":
      return `### ${inline(block.text)}`;
    case "paragraph":
      return inline(block.text);
    case "table":
      return [
        row(block.header),
        row(block.header.map(() => "---")),
        ...block.rows.map((cells) => row(cells.map((cell) => inline(textOfCell(cell))))),
      ].join("\n");
    case "steps":
      return block.items.map((item, at) => `${at + 1}. ${inline(item)}`).join("\n");
    case "code":
      return fenced(block.text, block.language);
    case "quote":
      return fenced(block.text);
    case "links":
      return block.urls.map((url) => `- <${url}>`).join("\n");
  }
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** Returns one line. Each run of characters between white space is converted by itself. */
const inline = (text: string) => text.split(/\s+/).filter(Boolean).map(markdownToken).join(" ");

/** A word with the punctuation of a sentence around it. None of these characters means anything in Markdown. */
const WORD = /^["'(]*\p{L}[\p{L}\p{M}'’-]*[.,;:!?"')…]*$/u;
const NUMBER = /^\d{1,6}:?$/;
/** A commit ID may consist of letters alone. */
const HEXADECIMAL = /^[a-f]{7,}$/i;
/** Punctuation that follows a value in a sentence. It stays outside the value's code span. */
const AFTER_VALUE = ".,;:)";

function markdownToken(text: string): string {
  if (NUMBER.test(text) || text === "…") return text;
  if (WORD.test(text) && !HEXADECIMAL.test(text)) return text;
  const from = text.startsWith("(") ? 1 : 0;
  let to = text.length;
  while (to > from && AFTER_VALUE.includes(text.charAt(to - 1))) to -= 1;
  return to === from ? code(text) : text.slice(0, from) + code(text.slice(from, to)) + text.slice(to);
}

/** A vertical line would end a table's cell even in a code span, so it is placed between two code spans. */
const code = (text: string) =>
  text
    .split("|")
    .map((part) => (part === "" ? "" : span(part)))
    .join("\\|");

/** A code span whose delimiters are longer than any run of backticks inside. */
function span(text: string): string {
  const ticks = "`".repeat(longestRun(text) + 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${ticks}${space}${text}${space}${ticks}`;
}

/** A fence longer than any run of backticks inside. */
function fenced(text: string, language = ""): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

const longestRun = (text: string) => (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 0);
