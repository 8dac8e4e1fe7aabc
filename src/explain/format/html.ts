import type { Block, Cell, Mark } from "./blocks.js";
import { STYLE } from "./html-style.js";

/**
 * Returns a fragment for a page, with its own style and without a script. All outside text is escaped. It is also split
 * if a mail program or a code host would turn a part of it into a link or a mention.
 */
export function toHtml(blocks: readonly Block[]): string {
  const label = blocks.find((block) => block.type === "heading")?.text ?? "";
  return `<section class="bedrock-diagnosis" lang="en" dir="ltr" aria-label="${attribute(label)}">\n<style>${STYLE}</style>\n${blocks.map(htmlOf).join("\n")}\n</section>\n`;
}

function htmlOf(block: Block): string {
  switch (block.type) {
    case "heading":
      return `<h3>${escaped(block.text)}</h3>`;
    case "paragraph":
      return `<p>${escaped(block.text)}</p>`;
    case "table":
      return `<table>\n${headOf(block)}<tbody>\n${block.rows.map((row) => rowOf(row, block.of === "facts")).join("\n")}\n</tbody>\n</table>`;
    case "steps":
      return `<ol>\n${block.items.map((item) => `<li>${escaped(item)}</li>`).join("\n")}\n</ol>`;
    case "code":
    case "quote":
      return `<pre><code>${escaped(block.text)}</code></pre>`;
    case "links":
      return `<ul>\n${block.urls.map((url) => `<li><a href="${attribute(url)}">${escapedText(url)}</a></li>`).join("\n")}\n</ul>`;
  }
}

/** A table of facts has its names as headers. */
function headOf({ of, header }: Block & { type: "table" }): string {
  if (of === "facts") return "";
  return `<thead>\n<tr>${header.map((name) => `<th scope="col">${escaped(name)}</th>`).join("")}</tr>\n</thead>\n`;
}

function rowOf(row: readonly Cell[], isFact: boolean): string {
  const cells = row.map((cell, at) => {
    const tag = isFact && at === 0 ? 'th scope="row"' : "td";
    return `<${tag}${isShort(cell) ? ' class="short"' : ""}>${htmlOfCell(cell)}</${tag.slice(0, 2)}>`;
  });
  return `<tr>${cells.join("")}</tr>`;
}

/** Four of these fit side by side, so they need no line break. */
const isShort = (cell: Cell) => typeof cell === "string" && cell.length <= 24;

/** A verdict has a word, a shape, and a color. */
const SHAPE: Record<Mark, string> = { allowed: "✓", blocked: "✕", unknown: "?" };

function htmlOfCell(cell: Cell): string {
  if (typeof cell === "string") return escaped(cell);
  return `<span class="verdict ${cell.mark}"><span aria-hidden="true">${SHAPE[cell.mark]}</span> ${escaped(cell.text)}</span>`;
}

const HTML_ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapedText = (value: string) => value.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character);
const attribute = escapedText;

/** Programs that look for addresses, mentions, and references in a text look at one element at a time. */
const escaped = (value: string) =>
  escapedText(value).replace(
    /:(?=\/\/)|@(?=\w)|(?<!&)#(?=\d)|(?<=www)\./gi,
    (character) => `<span>${character}</span>`,
  );
