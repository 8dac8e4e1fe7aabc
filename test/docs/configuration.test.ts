import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/options.js";
import { readPages } from "./pages.js";

const page = readPages().find(({ path }) => path === "docs/configuration.md");

/** The options that the library accepts in an object, which it lists if it gets another one. */
function optionsIn(group: string): string[] {
  const wrong = { "not-an-option": true };
  try {
    resolveOptions((group === "" ? wrong : { [group]: wrong }) as object);
  } catch (error) {
    const [, list = ""] = /: ([^:]+)\.$/.exec((error as Error).message) ?? [];
    return list.split(", ");
  }
  return [];
}

describe("docs/configuration.md", () => {
  it.each(["", "diagnosis", "resolve", "retry", "fallback"])("describes every option in resilience.%s", (group) => {
    const options = optionsIn(group);
    expect(options.length).toBeGreaterThan(3);
    const table = page?.text.split("## Environment variables")[0] ?? "";
    const groups = ["diagnosis", "resolve", "retry"];
    for (const option of options) {
      if (group === "" && groups.includes(option)) continue;
      const name = groups.includes(group) ? `${group}.${option}` : option;
      expect(table).toMatch(new RegExp(`\`${name}[\`:]`));
    }
  });
});
