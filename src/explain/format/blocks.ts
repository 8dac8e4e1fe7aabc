import type { LegVerdict } from "../../diagnosis.js";
import { printable, printableLines } from "../../printable.js";

/** One part of a report. The renderers handle these forms and contain nothing about Bedrock. */
export type Block =
  /** The first heading has the verdict as its mark. */
  | { type: "heading"; text: string; mark?: Mark }
  | { type: "paragraph"; text: string }
  /** `facts` has a name and a value in each row. `list` has a header. The last column has the longest texts. */
  | { type: "table"; of: "facts" | "list"; header: string[]; rows: Cell[][] }
  | { type: "steps"; items: string[] }
  /** Text whose line breaks are kept. */
  | { type: "code"; language: "diff" | "json"; text: string }
  /** A message from outside. Its line breaks are kept, and it may be wrapped. */
  | { type: "quote"; text: string }
  /** Links to documentation. Never a URL from outside. */
  | { type: "links"; urls: string[] };

/** A verdict is marked, so that a renderer can highlight it. */
export type Cell = string | { mark: Mark; text: string };
export type Mark = LegVerdict["verdict"];

export const textOfCell = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);

/**
 * The longest policy document or message that is printed whole, in characters. AWS's largest policy is shorter, even
 * indented.
 */
const LONGEST_CODE = 32_768;

/**
 * Makes a block safe to print. ARNs, names, and AWS's messages are outside text. Only code and quotes keep their lines.
 */
export function cleaned(block: Block): Block[] {
  switch (block.type) {
    case "code":
    case "quote":
      return [{ ...block, text: printableLines(block.text, LONGEST_CODE) }];
    case "table":
      return [{ ...block, rows: block.rows.map((row) => row.map(cleanedCell)) }];
    case "steps":
      return [{ ...block, items: block.items.map((item) => printable(item)) }];
    case "links":
      return cleanedLinks(block.urls);
    default:
      return [{ ...block, text: printable(block.text) }];
  }
}

const cleanedCell = (cell: Cell): Cell =>
  typeof cell === "string" ? printable(cell) : { ...cell, text: printable(cell.text) };

/** A diagnosis may come from a response, so a URL in it is a link only if it leads to AWS's documentation. */
function cleanedLinks(urls: readonly string[]): Block[] {
  const ours = urls.filter(isDocumentation);
  const others = urls.filter((url) => !isDocumentation(url));
  return [
    ...others.map((url): Block => ({ type: "paragraph", text: printable(url) })),
    ...(ours.length > 0 ? [{ type: "links", urls: ours } satisfies Block] : []),
  ];
}

const isDocumentation = (url: string) =>
  url.length <= 2_048 && /^https:\/\/(docs\.aws\.amazon\.com|github\.com\/aws-samples)\/[\w./#?=&-]*$/.test(url);
