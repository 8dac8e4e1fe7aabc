import type { UserConfig } from "tsdown";

type Plugin = Extract<NonNullable<UserConfig["plugins"]>, { name: string }>;
type Node = Record<string, unknown> & { type: string; start: number; end: number };

/**
 * Marks the value of every top-level declaration as free of side effects, so that a bundler drops the declaration if
 * nothing uses it. Otherwise, an application that imports one function of a file gets every `const x = f(…)` in it. The
 * package declares `"sideEffects": false`, which is the same statement about whole files.
 */
export const droppableDeclarations: Plugin = {
  name: "droppable-declarations",
  renderChunk(code, { fileName }) {
    if (!fileName.endsWith(".mjs")) return null;
    const { body } = this.parse(code) as unknown as { body: Node[] };
    const values = body
      .map((statement) => (statement.type === "ExportNamedDeclaration" ? (statement.declaration as Node) : statement))
      .filter((statement) => statement?.type === "VariableDeclaration")
      .flatMap(({ declarations }) => declarations as Node[])
      .flatMap(({ id, init }) => ((id as Node).type === "Identifier" && init ? [init as Node] : []))
      .filter((init) => !isInert(init));
    // From the end, so that the places before it stay right.
    let marked = code;
    for (const { start, end } of values.reverse()) {
      marked = `${marked.slice(0, start)}/* @__PURE__ */ (() => (${marked.slice(start, end)}))()${marked.slice(end)}`;
    }
    return marked;
  },
};

/** True for a value that every bundler knows to be free of side effects. */
function isInert(node: Node): boolean {
  switch (node.type) {
    case "Literal":
    case "Identifier":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return true;
    case "ArrayExpression":
      return (node.elements as (Node | null)[]).every((element) => element !== null && isInert(element));
    case "ObjectExpression":
      return (node.properties as Node[]).every(
        ({ type, computed, value }) => type === "Property" && computed === false && isInert(value as Node),
      );
    default:
      return false;
  }
}
