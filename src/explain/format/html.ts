import type { Block } from "./report.js";

/** A fragment to put into a page: no style, no script, everything from outside escaped. */
export function toHtml(blocks: readonly Block[]): string {
  return `<section class="bedrock-diagnosis">\n${blocks.map(htmlOf).join("\n")}\n</section>\n`;
}

function htmlOf(block: Block): string {
  switch (block.type) {
    case "heading":
      return `<h3>${escaped(block.text)}</h3>`;
    case "paragraph":
      return `<p>${escaped(block.text)}</p>`;
    case "table":
      return `<table>\n<tr>${cells(block.header, "th")}</tr>\n${block.rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n")}\n</table>`;
    case "steps":
      return `<ol>\n${block.items.map((item) => `<li>${escaped(item)}</li>`).join("\n")}\n</ol>`;
    case "code":
      return `<pre><code>${escaped(block.text)}</code></pre>`;
    case "links":
      return `<ul>\n${block.urls.map((url) => `<li><a href="${escaped(url)}">${escaped(url)}</a></li>`).join("\n")}\n</ul>`;
  }
}

const cells = (row: readonly string[], tag: "td" | "th") =>
  row.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join("");

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
