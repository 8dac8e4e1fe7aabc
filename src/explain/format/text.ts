import type { Block } from "./report.js";

/** For a terminal or a log file. */
export function toText(blocks: readonly Block[]): string {
  return `${blocks.map(textOf).join("\n")}\n`;
}

function textOf(block: Block): string {
  switch (block.type) {
    case "heading":
      return `\n${block.text}`;
    case "paragraph":
      return `  ${block.text}`;
    case "table":
      return columns(block.rows);
    case "steps":
      return block.items.map((item, at) => `  ${at + 1}. ${item}`).join("\n");
    case "code":
      return indent(block.text, "     ");
    case "links":
      return block.urls.map((url) => `  see ${url}`).join("\n");
  }
}

/** Columns padded to their widest cell; the last one runs free. */
function columns(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
  return rows.map((row) => `  ${line(row)}`).join("\n");
}

const indent = (text: string, by: string) =>
  text
    .split("\n")
    .map((line) => by + line)
    .join("\n");
