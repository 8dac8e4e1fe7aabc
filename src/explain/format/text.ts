import type { Block, Cell, Mark } from "./blocks.js";

/** The longest line, in characters, unless a word is longer. */
const WIDTH = 80;

/** The widest column, in characters. A longer text moves its own row. */
const WIDEST_COLUMN = 40;

/** The room that the last column needs beside the others, in characters. With less room, it is wrapped below them. */
const ROOM_FOR_PROSE = 24;

/** A verdict also has a word, so its meaning doesn't depend on the sign. */
const SIGN: Record<Mark, string> = { allowed: "✓", blocked: "✗", unknown: "?" };

/** Returns plain text for a terminal or a log file. */
export function toText(blocks: readonly Block[]): string {
  return `${blocks.map(blockText).join("\n").trimStart()}\n`;
}

function blockText(block: Block): string {
  switch (block.type) {
    case "heading":
      return `\n${wrapped(block.mark ? `${SIGN[block.mark]} ${block.text}` : block.text, "", "  ")}`;
    case "paragraph":
      return wrapped(block.text, "  ");
    case "table":
      return columns(block);
    case "steps":
      return block.items.map((item, at) => wrapped(item, `  ${at + 1}. `, "     ")).join("\n");
    case "code":
      return mapLines(block.text, (line) => `  ${line}`.trimEnd());
    case "quote":
      return mapLines(block.text, (line) => wrapped(line, "  "));
    case "links":
      return block.urls.map((url) => `  see ${url}`).join("\n");
  }
}

const signed = (cell: Cell) => (typeof cell === "string" ? cell : `${SIGN[cell.mark]} ${cell.text}`);

/** Pads columns to their widest cell. The last column is wrapped beside the others, or below them. */
function columns({ of, header, rows }: Block & { type: "table" }): string {
  const cells = [...(of === "list" && rows.length > 0 ? [header] : []), ...rows].map((row) => row.map(signed));
  const widths = (cells[0] ?? []).map((_, at) => Math.max(...cells.map((row) => characterCount(row[at] ?? ""))));
  const starts = cells.map((row) => columnStart(row, widths));
  const isBeside = cells.map((row, at) => fitsBeside(row.at(-1) ?? "", WIDTH - characterCount(starts[at] ?? "")));
  const areBeside = isBeside.every(Boolean);
  return cells
    .map((row, at) => {
      const [last = "", start = ""] = [row.at(-1), starts[at]];
      // In a list, all rows have the same layout.
      if (last === "") return start.trimEnd();
      if (areBeside || (of === "facts" && isBeside[at])) return wrapped(last, start, " ".repeat(characterCount(start)));
      return `${start.trimEnd()}\n${wrapped(last, "      ")}`;
    })
    .join("\n");
}

/** Returns all columns except the last. */
function columnStart(row: readonly string[], widths: readonly number[]): string {
  const cells = row.slice(0, -1).map((cell, at) => padded(cell, Math.min(widths[at] ?? 0, WIDEST_COLUMN)));
  return `  ${cells.map((cell) => `${cell}  `).join("")}`;
}

function fitsBeside(text: string, room: number): boolean {
  if (characterCount(text) <= room) return true;
  return room >= ROOM_FOR_PROSE && text.split(" ").every((word) => characterCount(word) <= room);
}

const padded = (text: string, width: number) => text + " ".repeat(Math.max(0, width - characterCount(text)));

/** Wraps a text into lines of at most WIDTH characters, each with its indent. A longer word has a line of its own. */
function wrapped(text: string, first: string, rest = first): string {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(" ")) {
    const indent = lines.length === 0 ? first : rest;
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && characterCount(indent) + characterCount(longer) > WIDTH) {
      lines.push(`${indent}${line}`);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, `${lines.length === 0 ? first : rest}${line}`].join("\n");
}

/** The length in characters, not in UTF-16 code units. */
const characterCount = (text: string) => [...text].length;

const mapLines = (text: string, lineOf: (line: string) => string) => text.split("\n").map(lineOf).join("\n");
