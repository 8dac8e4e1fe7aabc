import { defineConfig, type UserConfig } from "tsdown";
import { BUNDLED } from "./scripts/bundled.js";

type Plugin = Extract<NonNullable<UserConfig["plugins"]>, { name: string }>;
type ModuleInfos = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

const shared = {
  entry: { index: "src/index.ts", testing: "src/testing/simulated-bedrock.ts" },
  platform: "node",
  target: "node20",
  sourcemap: false,
  // One statement per line, because Node.js prints the whole line of an uncaught error. Names are kept for stack traces.
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: false } },
  fixedExtension: true,
} as const;

/** The modules that the main entry imports statically, directly or not. */
function importedAtOnce(id: string, modules: ModuleInfos, found = new Set<string>()): Set<string> {
  if (found.has(id) || !/[/\\]src[/\\]/.test(id)) return found;
  found.add(id);
  for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) importedAtOnce(imported, modules, found);
  return found;
}

/** Puts all of them into one file, because each additional file adds about a millisecond to every start. */
function coreChunk() {
  const entry = `${import.meta.dirname}/src/index.ts`;
  let core: Set<string> | undefined;
  return (id: string, modules: ModuleInfos) => {
    core ??= importedAtOnce(entry, modules);
    return id !== entry && core.has(id) ? "core" : null;
  };
}

const outputOptions = () => ({
  // Comments are in the declarations, where editors read them. In the code, they would be parsed at every start.
  comments: false,
  codeSplitting: {
    groups: [
      // The bundler's helpers get their own file. Otherwise they become exports of index.cjs.
      { name: "interop", test: /rolldown[:/\\]runtime/ },
      { name: coreChunk() },
    ],
  },
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
  { ...shared, format: "esm", dts: true, outputOptions: outputOptions() },
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
