import { configDefaults, defineConfig, mergeConfig } from "vitest/config";
import all from "./vitest.config.js";

/** The tests that need no build, no sockets, and no minutes: the quick loop while you write code. */
export default mergeConfig(
  all,
  defineConfig({
    test: {
      exclude: [
        ...configDefaults.exclude,
        "test/{contract,docs,package,scenarios,scripts,testing}/**",
        "test/docs.test.ts",
        "test/policy/{differential,lint-cost,lint-truth,pace,remedies}.test.ts",
      ],
    },
  }),
);
