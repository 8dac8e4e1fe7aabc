import { defineConfig } from "tsdown";

// Node 20.0 cannot require() these, so the CommonJS build carries its own copy.
const ESM_ONLY = ["p-retry", "is-network-error", "quick-lru"];

const shared = {
  entry: { index: "src/index.ts", testing: "src/testing/simulated-bedrock.ts" },
  platform: "node",
  target: "node20",
  sourcemap: false,
  // Comments are in the declarations, where editors read them; here they would be parsed at every start.
  minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
  fixedExtension: true,
} as const;

// What the main entry imports at once in one file: each further file costs about a millisecond of every start.
// The bundler's helpers stay apart, or they land among the exports of index.cjs.
const AT_ONCE =
  /src[/\\](arn|principal|client|error|lazy|options|resolve-options|flow[/\\](command|deadline|send)|invoke[/\\]report|refusal[/\\][a-z-]+|resolve[/\\](catalog-format|legs|model-id)|policy[/\\](condition[/\\][a-z]+|context|document|evaluate|json|knowledge|layers|lint|outcome|request|role-paths|statement|template|wildcard)|explain[/\\](evaluate-access|lint-policy|format[/\\](fallback-words|format-diagnosis|html|lint-words|markdown|report|text|verdict-words|words)))\.ts$/;
const outputOptions = {
  codeSplitting: {
    groups: [
      { name: "interop", test: /rolldown[:/\\]runtime/ },
      { name: "core", test: AT_ONCE },
    ],
  },
};

export default defineConfig([
  { ...shared, format: "esm", dts: true, outputOptions },
  {
    ...shared,
    format: "cjs",
    dts: true,
    deps: { alwaysBundle: ESM_ONLY, onlyBundle: ESM_ONLY },
    clean: false,
    outputOptions,
  },
]);
