import type { Block } from "./report.js";

/** For an issue, a chat or a ticket to the administrators. Text from outside cannot break out of its cell or fence. */
export function toMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(markdownOf).join("\n\n")}\n`;
}

function markdownOf(block: Block): string {
  switch (block.type) {
    case "heading":
      return `### ${escaped(block.text)}`;
    case "paragraph":
      return escaped(block.text);
    case "table":
      return [
        row(block.header),
        row(block.header.map(() => "---")),
        ...block.rows.map((cells) => row(cells.map(cell))),
      ].join("\n");
    case "steps":
      return block.items.map((item, at) => `${at + 1}. ${escaped(item)}`).join("\n");
    case "code":
      return fenced(block.text);
    case "links":
      return block.urls.map((url) => `- <${url}>`).join("\n");
  }
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const cell = (text: string) => escaped(text).replaceAll("|", "\\|");
const escaped = (text: string) => text.replace(/[\\`*_<>[\]&~]/g, "\\$&");

/** A fence longer than any run of backticks inside. */
function fenced(text: string): string {
  let fence = "```";
  while (text.includes(fence)) fence += "`";
  return `${fence}\n${text}\n${fence}`;
}
