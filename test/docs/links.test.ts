import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorsIn, linksIn, parsePage, ROOT, readPages } from "./pages.js";

const pages = readPages();

describe("links in the docs", () => {
  it.each(pages)("of $path lead to files and headings that exist", (page) => {
    for (const { from, path, anchor } of linksIn(page)) {
      expect(existsSync(join(ROOT, path)), `${from} links to ${path}`).toBe(true);
      const target = pages.find((other) => other.path === path);
      if (anchor !== undefined) expect(target && anchorsIn(target), `${from} links to ${path}`).toContain(anchor);
    }
  });

  it("lead from the README to every page", () => {
    const linked = pages.filter(({ path }) => !path.startsWith("docs/decisions/") || path.endsWith("README.md"));
    const fromReadme = linksIn(pages.find(({ path }) => path === "README.md") ?? parsePage("", "")).map(
      ({ path }) => path,
    );
    for (const { path } of linked) if (path !== "README.md") expect(fromReadme).toContain(path);
  });

  it("lead from the list of decisions to every decision", () => {
    const list = pages.find(({ path }) => path === "docs/decisions/README.md") ?? parsePage("", "");
    const linked = linksIn(list).map(({ path }) => path);
    for (const { path } of pages)
      if (path.startsWith("docs/decisions/") && path !== list.path) expect(linked).toContain(path);
  });
});

describe("anchorsIn", () => {
  it.each([
    ["## Fallback, bare models, and retries", "fallback-bare-models-and-retries"],
    ["### `leftOut`: what wasn't checked", "leftout-what-wasnt-checked"],
    ["# A [link](other.md) in it", "a-link-in-it"],
  ])("makes the name of %s as a code host does", (heading, anchor) => {
    expect(anchorsIn(parsePage("page.md", heading))).toEqual([anchor]);
  });

  it("numbers headings with the same text, and ignores comments in code", () => {
    const page = parsePage("page.md", "# A\n```sh\n# no heading\n```\n## A");
    expect(anchorsIn(page)).toEqual(["a", "a-1"]);
  });
});
