import { defineConfig, type UserConfig } from "tsdown";
import { BUNDLED } from "./scripts/bundled.js";
import { droppableDeclarations } from "./scripts/droppable-declarations.js";

type Plugin = Extract<NonNullable<UserConfig["plugins"]>, { name: string }>;
type ModuleInfos = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

const ENTRY_POINTS = { index: "src/index.ts", offline: "src/offline.ts", testing: "src/testing/simulated-bedrock.ts" };

const shared = {
  entry: ENTRY_POINTS,
  platform: "node",
  target: "node20",
  sourcemap: false,
  // One statement per line, because Node.js prints the whole line of an uncaught error. Names are kept for stack traces.
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: false } },
  fixedExtension: true,
  // Required by `includeDependenciesRecursively: false`. No entry point has an additional export: a test lists them.
  inputOptions: { preserveEntrySignatures: "allow-extension" },
} as const;

/** The modules that a module imports statically, directly or not, and the module itself. */
function importedAtOnce(id: string, modules: ModuleInfos, found = new Set<string>()): Set<string> {
  if (found.has(id) || !/[/\\]src[/\\]/.test(id)) return found;
  found.add(id);
  for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) importedAtOnce(imported, modules, found);
  return found;
}

const inRoot = (path: string) => `${import.meta.dirname}/${path}`;

/**
 * What `offline` shares with the modules that a call loads later, in the order in which it loads them. Each file
 * contains what its own module imports, and no file contains what only a later one needs.
 */
const LOADED_LATER = [
  ["layers", "src/call/pipeline.ts"],
  ["parser", "src/refusal/parse.ts"],
  ["catalog", "src/resolve/known-profiles.ts"],
  ["engine", "src/call/denied.ts"],
] as const;

/**
 * Computes from the static imports in which file a module is. Each file adds about a millisecond to a start, and a file
 * with more would be read by an application that needs less.
 *
 * - `core`: what only the main entry imports.
 * - `base`: what the main entry and another entry point import. It doesn't contain the SDK.
 * - The files of LOADED_LATER.
 */
function chunks() {
  const [main, offline, ...others] = Object.values(ENTRY_POINTS).map(inRoot) as [string, string, string];
  let closureOf: ((path: string) => Set<string>) | undefined;
  return (id: string, modules: ModuleInfos) => {
    closureOf ??= memoized((path) => importedAtOnce(path, modules));
    if ([main, offline, ...others].includes(id)) return null;
    const isIn = (path: string) => closureOf?.(path).has(id);
    if (isIn(main)) return [offline, ...others].some(isIn) ? "base" : "core";
    if (!isIn(offline)) return null;
    return LOADED_LATER.find(([, path]) => isIn(inRoot(path)))?.[0] ?? null;
  };
}

function memoized<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

const outputOptions = () => ({
  // Comments are in the declarations, where editors read them; here they would be parsed at every start.
  comments: { annotation: true, legal: false, jsdoc: false },
  codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: chunks() }] },
});

/**
 * Replaces import() with `require` in the CommonJS build, because Jest's sandbox rejects import(). The call stays in its
 * `try`, so that bundlers accept a package that isn't installed.
 */
const requireInPlaceOfImport: Plugin = {
  name: "require-in-place-of-import",
  renderChunk(code) {
    const required = code.replace(/\bawait import\(("[^"]+")\)/g, "require($1)");
    if (/\bimport\(/.test(required)) throw new Error('Write `await import("name")`: the CommonJS build replaces it.');
    return required;
  },
};

export default defineConfig([
  { ...shared, format: "esm", dts: true, outputOptions: outputOptions(), plugins: [droppableDeclarations] },
  {
    ...shared,
    format: "cjs",
    dts: true,
    deps: { alwaysBundle: BUNDLED, onlyBundle: BUNDLED },
    clean: false,
    outputOptions: outputOptions(),
    plugins: [requireInPlaceOfImport],
  },
]);
