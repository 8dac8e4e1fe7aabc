import { dirname, join } from "node:path";
import ts from "typescript";
import { ROOT } from "./pages.js";

/** The prelude, as global names of the examples. */
const GLOBALS = `import type { Prelude } from "../../test/docs/prelude.js";
declare global {
NAMES}
`;

function globalsOf(names: readonly string[]): string {
  return GLOBALS.replace("NAMES", names.map((name) => `  const ${name}: Prelude["${name}"];\n`).join(""));
}

/**
 * Checks the types of programs, all in one compilation, with the project's tsconfig.json.
 *
 * @param sources the text by path, relative to the repository
 * @param data what `.json` files that they import contain
 * @param names the global names
 * @returns what is wrong: the path, the line, and the compiler's message
 */
export function typeErrorsIn(
  sources: ReadonlyMap<string, string>,
  data: ReadonlyMap<string, string>,
  names: readonly string[],
): string[] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const globals = join(ROOT, "test/docs/examples.globals.d.ts");
  const virtual = new Map([
    ...[...sources].map(([path, text]) => [join(ROOT, path), `${text}\nexport {};\n`] as const),
    ...[...data].map(([path, text]) => [join(ROOT, path), text] as const),
    [globals, globalsOf(names)] as const,
  ]);
  // An example shows one thing, and need not use everything that it declares.
  const relaxed = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(relaxed);
  const { fileExists, readFile } = host;
  const folders = new Set([...virtual.keys()].map((path) => dirname(path)));
  host.directoryExists = (path) => folders.has(path) || ts.sys.directoryExists(path);
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) ?? readFile(path);
  const roots = [globals, ...[...sources.keys()].map((path) => join(ROOT, path))];
  const program = ts.createProgram(roots, relaxed, host);
  return roots.flatMap((path) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText, start = 0 }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      return `${path.slice(ROOT.length + 1)}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}
