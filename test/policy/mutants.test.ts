import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants.js";

// The differential test takes minutes. This one shows at once that a changed line still has its mutant.
describe("the text that a mutant replaces", () => {
  it.each(MUTANTS)("occurs exactly once: %s", async (_, file, find) => {
    const source = await readFile(join(import.meta.dirname, "../../src/policy", file), "utf8");
    expect(source.split(find)).toHaveLength(2);
  });
});
