import { describe, expect, it } from "vitest";
import { readPages } from "./pages.js";
import { type Prose, proseIn, proseOfFolder } from "./prose.js";

type Rule = readonly [pattern: RegExp, instead: string];

/** What no text says, and what to write instead. */
const EVERYWHERE: readonly Rule[] = [
  [/\bmend(?:s|ed|ing)?\b/gi, "fix"],
  [/\bat hand\b/gi, "provided"],
  [/\bbesides\b/gi, "also, in addition"],
  [/\b(?:no|some|any|every)body\b/gi, "unknown, or identify the person"],
  [/\b(?:told|hears?|heard)\b/gi, "provided, reported"],
  [/\btells?\b/gi, "returns, reports, distinguishes"],
  [/(?<!\bthere )\bis no\b(?! (?:longer|more)\b)/gi, "isn't a"],
  [/\bof which\b/gi, "two sentences"],
  [/\bthere are none of\b/gi, "they are assumed not to exist"],
  [/\bas it is meant\b/gi, "as intended"],
  [/\bfor ever\b/gi, "indefinitely"],
  [/\bhangs? on\b(?! a| \$)/gi, "depends on"],
  [/\b(?:whose|who)soever\b|\bwhoever\b/gi, "whatever the …"],
  [/\b(?:goes|go) before\b/gi, "takes precedence over"],
  [/\b(?:names|named|naming) (?:the|a|an|one|every|each|which|what|no)\b/gi, "identifies"],
];

/** What the documentation and the library's own texts don't say either. */
const FOR_USERS: readonly Rule[] = [
  ...EVERYWHERE,
  [/\b(?:asks|knows|(?<!message )says)\b/gi, "returns, reports, states"],
  [/\brefus(?:e|es|ed|ing)\b/gi, "deny, denied"],
  [/ — /g, "two sentences"],
];

/** What the documentation doesn't say either. In code, a parsed denial is a `refusal`. */
const IN_DOCS: readonly Rule[] = [
  ...FOR_USERS,
  [/\brefusals?\b/gi, "denial"],
  [/\b(?:can|do|does|is|are|will|would|has|have|could|was|were|did) not\b/gi, "a contraction"],
];

/** Files that quote AWS's own messages. */
const QUOTES_AWS = /^src\/(?:refusal|testing)\//;

/** No code, no quotations, no addresses, and no names of files in links. */
const wordsOf = (text: string) =>
  text
    .replaceAll(/`[^`\n]*`/g, "code")
    .replaceAll(/"[^"\n]*"/g, "quote")
    .replaceAll(/\[[^\]\n]*\]\([^)\n]*\)/g, "link")
    .replaceAll(/^>.*$/gm, "quote");

const found = (rules: readonly Rule[], at: string, text: string): string[] =>
  rules.flatMap(([pattern, instead]) =>
    [...wordsOf(text).matchAll(pattern)].map(([word]) => `${at} "${word}": write ${instead}. ${text.slice(0, 120)}`),
  );

/** Parsing all files of a folder takes seconds. */
const TIMEOUT_MS = 120_000;

const foundIn = (rules: readonly Rule[], texts: readonly Prose[]) =>
  texts.flatMap(({ at, text }) => found(rules, at, text));

describe("the language of the docs", () => {
  it.each(readPages())("of $path is plain", ({ path, prose }) => {
    expect(prose.split("\n").flatMap((line, index) => found(IN_DOCS, `${path}:${index + 1}`, line))).toEqual([]);
  });
});

describe("the language of the code", () => {
  it(
    "is plain in the strings of src, such as errors and reports",
    () => {
      const texts = proseOfFolder("src").filter(({ at, kind }) => kind === "string" && !QUOTES_AWS.test(at));
      expect(texts.length).toBeGreaterThan(500);
      expect(foundIn(FOR_USERS, texts)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "is plain in the comments of src",
    () => {
      const texts = proseOfFolder("src").filter(({ kind }) => kind === "comment");
      expect(texts.length).toBeGreaterThan(1_000);
      expect(foundIn(EVERYWHERE, texts)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each(["bench", "examples", "scripts"])(
    "is plain in %s",
    (folder) => {
      const texts = proseOfFolder(folder);
      expect(texts.length).toBeGreaterThan(10);
      expect(foundIn(FOR_USERS, texts)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "is plain in the titles of the tests",
    () => {
      const titles = proseOfFolder("test").filter(({ kind }) => kind === "title");
      expect(titles.length).toBeGreaterThan(700);
      expect(foundIn(FOR_USERS, titles)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it("is found where it isn't plain", () => {
    const code = `// Who can mend it?\nit("is told", () => { throw new Error(\`X is no option of \${name}; sorry\`); });`;
    const texts = proseIn("a.ts", code);
    expect(texts.map(({ at, kind }) => `${at} ${kind}`)).toEqual(["a.ts:1 comment", "a.ts:2 string"]);
    expect(foundIn(EVERYWHERE, texts)).toHaveLength(2);
    expect(foundIn(EVERYWHERE, proseIn("a.ts", `it.each(rows)("what nobody told", () => {});`))).toHaveLength(2);
  });
});
