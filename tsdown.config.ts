import { defineConfig } from "tsdown";

// Node 20.0 cannot require() these, so the CommonJS build carries its own copy.
const ESM_ONLY = ["p-retry", "is-network-error", "quick-lru"];

const shared = {
  entry: { index: "src/index.ts", testing: "src/testing/simulated-bedrock.ts" },
  platform: "node",
  target: "node20",
  sourcemap: false,
  fixedExtension: true,
} as const;

export default defineConfig([
  { ...shared, format: "esm", dts: true },
  {
    ...shared,
    format: "cjs",
    dts: true,
    deps: { alwaysBundle: ESM_ONLY, onlyBundle: ESM_ONLY },
    clean: false,
    // Else the bundler's helpers land in index.cjs, and among its exports.
    outputOptions: { codeSplitting: { groups: [{ name: "interop", test: /rolldown[:/\\]runtime/ }] } },
  },
]);
