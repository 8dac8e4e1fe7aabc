import { format } from "node:util";
import ts from "typescript";

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

/** What a program can import, by the name in its `import`. */
export type Modules = Readonly<Record<string, unknown>>;

/**
 * Runs a program of the docs, and returns what it printed with console.log, line by line.
 *
 * @param globals names that it can use, and may declare anew
 */
export async function run(code: string, modules: Modules, globals: object): Promise<string[]> {
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
    verbatimModuleSyntax: false,
  };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  const printed: string[] = [];
  const console = {
    ...globalThis.console,
    log: (...content: unknown[]) => void printed.push(...format(...content).split("\n")),
  };
  const require = (name: string) => {
    const found = modules[name];
    if (found === undefined) throw new Error(`The example imports ${name}, which its test doesn't provide.`);
    return found;
  };
  const scope = { ...globals, console, require, exports: {} };
  // In a block of its own, where the program may declare what is global outside of it.
  const program = new AsyncFunction(...Object.keys(scope), `{${outputText}\n}`);
  await program(...Object.values(scope));
  return printed;
}

/** What a program's comments say that it prints: the text after `// → `, line by line. */
export const printsIn = (code: string): string[] =>
  [...code.matchAll(/^ *\/\/ → (.*)$/gm)].map(([, text = ""]) => text);
