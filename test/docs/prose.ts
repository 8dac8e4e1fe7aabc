import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "./pages.js";

/** A text that people read in a source file. */
export interface Prose {
  /** `path:line`, relative to the repository. */
  at: string;
  kind: "comment" | "string" | "title";
  text: string;
}

/** Every comment, sentence, and test title of a folder's source files. */
export function proseOfFolder(folder: string): Prose[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .map((name) => join(folder, name))
    .sort()
    .flatMap((path) => proseIn(path, readFileSync(join(ROOT, path), "utf8")));
}

export function proseIn(path: string, text: string): Prose[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = new Map<number, Prose>();
  const add = (position: number, kind: Prose["kind"], part: string) => {
    const { line } = source.getLineAndCharacterOfPosition(position);
    found.set(position, { at: `${path}:${line + 1}`, kind, text: part });
  };
  const visit = (node: ts.Node) => {
    const comments = [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ];
    for (const { pos, end } of comments) add(pos, "comment", text.slice(pos, end));
    if (isText(node) && isSentence(node.text))
      add(node.getStart(source), isTitle(node) ? "title" : "string", node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
}

const isText = (node: ts.Node): node is ts.LiteralLikeNode =>
  ts.isStringLiteral(node) ||
  ts.isNoSubstitutionTemplateLiteral(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node);

/** Three words or more. Fewer are names and values. */
const isSentence = (text: string) => /[a-z]\S*\s+\S+\s+\S/i.test(text);

/** The first argument of `describe` and `it`, with or without `each`. */
function isTitle(node: ts.Node): boolean {
  const call = ts.isTemplateExpression(node.parent) ? node.parent.parent : node.parent;
  if (!ts.isCallExpression(call) || (call.arguments[0] !== node && call.arguments[0] !== node.parent)) return false;
  return /^(?:describe|it)\b/.test(call.expression.getText());
}
