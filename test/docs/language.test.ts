import { describe, expect, it } from "vitest";
import { readPages } from "./pages.js";

/** What the docs don't say, and what they say instead. */
const INSTEAD: [RegExp, string][] = [
  [/\brefus(?:e|es|ed|ing|als?)\b/gi, "denied, denial, fails"],
  [/\bmend(?:s|ed|ing)?\b/gi, "fix"],
  [/\bat hand\b/gi, "provided"],
  [/\bbesides\b/gi, "also, in addition"],
  [/\bnobody\b/gi, "unknown, or say who"],
  [/\btold\b/gi, "provided, reported"],
  [/\bis no(?! longer)\b/gi, "isn't a"],
  [/\bof which\b/gi, "two sentences"],
  [/\b(?:names|named) (?:the|a|an|one|every|which|what)\b/gi, "identifies"],
  [/\b(?:tells|hears|asks|knows|says)\b/gi, "returns, reports, states"],
  [/\b(?:can|do|does|is|are|will|would|has|have) not\b/gi, "a contraction"],
];

/** Pages that are rewritten elsewhere. */
const LATER = ["docs/findings.md", "CHANGELOG.md"];

/** The prose: no code, no quotations, and no names of files in links. */
const wordsOf = (prose: string) =>
  prose
    .replaceAll(/`[^`\n]*`/g, "code")
    .replaceAll(/"[^"\n]*"/g, "quote")
    .replaceAll(/\[[^\]\n]*\]\([^)\n]*\)/g, "link");

describe("the language of the docs", () => {
  const pages = readPages().filter(({ path }) => !LATER.includes(path));

  it.each(pages)("of $path is plain", ({ path, prose }) => {
    const found = wordsOf(prose)
      .split("\n")
      .flatMap((line, index) =>
        INSTEAD.flatMap(([pattern, instead]) =>
          [...line.matchAll(pattern)].map(([word]) => `${path}:${index + 1} "${word}": write ${instead}`),
        ),
      );
    expect(found).toEqual([]);
  });
});
