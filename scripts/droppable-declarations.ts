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
    let marked = code;
    // From the end, so that the places before it stay right.
    for (const { start, end, text } of body.flatMap((statement) => replacementsIn(statement, code)).reverse()) {
      marked = marked.slice(0, start) + text + marked.slice(end);
    }
    return marked;
  },
};

interface Replacement {
  start: number;
  end: number;
  text: string;
}

function replacementsIn(statement: Node, code: string): Replacement[] {
  if (statement.type !== "VariableDeclaration") return [];
  return (statement.declarations as { id: Node; init: Node | null }[]).flatMap(({ id, init }) => {
    if (id.type !== "Identifier" || init === null || isInert(init)) return [];
    return [
      { start: init.start, end: init.end, text: droppable(init, code.slice(init.start, init.end), String(id.name)) },
    ];
  });
}

/** A class without a name of its own gets that of its variable. */
function droppable({ type }: Node, value: string, name: string): string {
  const body = type === "ClassExpression" ? `{ const ${name} = ${value}; return ${name}; }` : `(${value})`;
  return `/* @__PURE__ */ (() => ${body})()`;
}

/** True for a value that every bundler treats as free of side effects. */
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
