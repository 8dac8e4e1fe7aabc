import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** A fenced block of a Markdown page. */
export interface Block {
  /** Relative to the repository. */
  page: string;
  /** The line of the first line of code, from 1. */
  line: number;
  language: string;
  /** What follows the language on the fence: `continued`, `no-run`, `no-check`. */
  marks: readonly string[];
  code: string;
}

/** A Markdown page, without and with its code. */
export interface Page {
  path: string;
  text: string;
  /** The text with its fenced blocks left out, and the same number of lines. */
  prose: string;
  blocks: readonly Block[];
}

/** Every Markdown page that a reader may open. */
export function readPages(): Page[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));
  return [...top, ...docs].sort().map((path) => parsePage(path, readFileSync(join(ROOT, path), "utf8")));
}

const FENCE = /^( *)(`{3,})([a-z]*)((?: [a-z-]+)*)$/;

export function parsePage(path: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { fence: string; indent: number; block: Block; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open === undefined) {
      const [, spaces = "", fence, language = "", marks = ""] = FENCE.exec(line) ?? [];
      prose.push(fence === undefined ? line : "");
      if (fence === undefined) continue;
      const block = { page: path, line: index + 2, language, marks: marks.split(" ").filter(Boolean), code: "" };
      open = { fence, indent: spaces.length, block, lines: [] };
    } else {
      prose.push("");
      if (line.trim() === open.fence) {
        blocks.push({ ...open.block, code: open.lines.join("\n") });
        open = undefined;
      } else open.lines.push(line.slice(open.indent));
    }
  }
  if (open) throw new Error(`${path}:${open.block.line}: the block has no end.`);
  return { path, text, prose: prose.join("\n"), blocks };
}

/** Blocks of TypeScript that are one program: a block, and those after it that are marked `continued`. */
export function programsIn({ blocks }: Page): Block[][] {
  const programs: Block[][] = [];
  for (const block of blocks.filter(({ language }) => language === "ts")) {
    const last = programs.at(-1);
    if (block.marks.includes("continued") && last) last.push(block);
    else programs.push([block]);
  }
  return programs;
}

/** The code of several blocks of one page, each at its own lines, so that errors show the page's lines. */
export function atItsLines(blocks: readonly Block[]): string {
  const lines: string[] = [];
  for (const { line, code } of blocks) {
    while (lines.length < line - 1) lines.push("");
    lines.push(...code.split("\n"));
  }
  return lines.join("\n");
}

/** The names of a page's headings in links, as a code host makes them. */
export function anchorsIn({ prose }: Page): string[] {
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\-_ ]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** A link of a page to another page, a file, or a heading. */
export interface Link {
  /** The page's path and line. */
  from: string;
  /** Relative to the repository. */
  path: string;
  anchor?: string;
}

/** Links within the repository. */
export function linksIn({ path, prose }: Page): Link[] {
  return prose.split("\n").flatMap((line, index) =>
    [...line.replaceAll(/`[^`]*`/g, "``").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]): Link[] => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = "", anchor] = target.split("#");
      const resolved = file === "" ? path : relative(ROOT, join(ROOT, path, "..", file));
      return [{ from: `${path}:${index + 1}`, path: resolved, ...(anchor === undefined ? {} : { anchor }) }];
    }),
  );
}
