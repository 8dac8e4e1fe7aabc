import { defineConfig } from "tsdown";

const shared = {
  entry: { index: "src/index.ts", testing: "src/testing/simulated-bedrock.ts" },
  platform: "node",
  target: "node20",
  sourcemap: false,
  fixedExtension: true,
} as const;

export default defineConfig([
  { ...shared, format: "esm", dts: true },
  // p-retry is ESM only and Node 20.0 cannot require() it, so the CommonJS build carries its own copy.
  { ...shared, format: "cjs", dts: true, noExternal: ["p-retry", "is-network-error"], clean: false },
]);
