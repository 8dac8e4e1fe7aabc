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
        // The slow ones: properties with many runs, and texts of a megabyte.
        "test/policy/{differential,lint-cost,lint-truth,pace,remedies,search}.test.ts",
        "test/explain/{lint-proposals,format/hostile}.test.ts",
        "test/diagnose/alternatives.test.ts",
        "test/refusal/parse.test.ts",
      ],
    },
  }),
);
