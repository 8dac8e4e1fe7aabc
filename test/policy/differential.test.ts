import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineVerdict } from "./engine.js";
import { type RandomCase, randomCase } from "./generators.js";
import { type NaiveLayer, naiveVerdict } from "./naive.js";

/** Always the same cases, so that a red run can be run again; another seed is FC_SEED. */
const seed = Number(process.env.FC_SEED ?? 20_261_124);

function naive({ identity, levels, boundary, session, request }: RandomCase) {
  const layers: NaiveLayer[] = [identity, ...levels, ...(boundary ? [boundary] : []), ...(session ? [session] : [])];
  return naiveVerdict(layers, request);
}

describe("the engine against the naive evaluator", () => {
  it("agrees on 100,000 random cases", () => {
    const verdicts = { allowed: 0, blocked: 0, unknown: 0 };
    const property = fc.property(randomCase, (random) => {
      const expected = naive(random);
      verdicts[expected] += 1;
      if (engineVerdict(random) !== expected) throw new Error(`${engineVerdict(random)}, but naively ${expected}`);
    });
    fc.assert(property, { numRuns: 100_000, seed });
    // The cases say something only where each verdict is met often.
    for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(3_000);
  }, 300_000);
});

/** One wrong line each. What stands for `find` has to stand in the file exactly once. */
const MUTANTS: [what: string, file: string, find: string, replace: string][] = [
  [
    "an explicit deny does not win",
    "evaluate.ts",
    "if (denies.length > 0 || silent.length > 0) return",
    "if (silent.length > 0) return",
  ],
  [
    "one level that allows is enough",
    "evaluate.ts",
    "else hits.silent.push(layer);",
    "else if (layer.level !== 'level-1') hits.silent.push(layer);",
  ],
  [
    "policies that were not given allow",
    "evaluate.ts",
    'else if (!layer.given) hits.open.push({ layer, why: "not-given" });',
    "else if (!layer.given) continue;",
  ],
  ["an unknown Deny is none", "evaluate.ts", 'if (effect !== "Allow") hits.open.push(hit);', ""],
  [
    "NotAction is Action",
    "statement.ts",
    "=> actionMatches(glob, action)) !== choice.not",
    "=> actionMatches(glob, action)) !== false",
  ],
  ["NotResource is Resource", "statement.ts", "return resource.not ? negated(found) : found;", "return found;"],
  ["conditions are not asked", "statement.ts", 'if (conditions === "no match") return conditions;', ""],
  ["actions tell case apart", "document.ts", "asciiLower(text) : found", "text : found"],
  [
    "an absent key never matches",
    "condition/condition.ts",
    "return outcomeOf(set === undefined && operator.negated);",
    "return outcomeOf(false);",
  ],
  ["an unknown key is an absent key", "condition/condition.ts", 'if (values === undefined) return "unknown";', ""],
  [
    "IfExists is not heard",
    "condition/condition.ts",
    'if (ifExists || set === "ForAllValues") return "match";',
    'if (set === "ForAllValues") return "match";',
  ],
  [
    "ForAllValues wants one value only",
    "condition/condition.ts",
    '(set === "ForAllValues" ? all : any)(values, one)',
    "any(values, one)",
  ],
  [
    "negated operators are not",
    "condition/condition.ts",
    "return operator.negated ? negated(found) : found;",
    "return found;",
  ],
  [
    "Null is turned round",
    "condition/condition.ts",
    "return outcomeOf(wanted.has(String(absent)));",
    "return outcomeOf(!wanted.has(String(absent)));",
  ],
  [
    "a variable without a value matches",
    "statement.ts",
    "glob !== null && arnMatches(",
    "glob === null || arnMatches(",
  ],
  ["variables in every Version", "document.ts", 'variables: version === "2012-10-17"', "variables: true"],
  ["a star stays inside its part", "wildcard.ts", "|| matchesBeyondColons(glob, arn)", ""],
  [
    "a question mark is any text",
    "wildcard.ts",
    "return glob.length === text.length && fitsAt",
    "return glob.length <= text.length && fitsAt",
  ],
  [
    "StringLike is StringEquals",
    "condition/string.ts",
    "outcomeOf(globMatches(glob, value))",
    "outcomeOf(glob === value)",
  ],
  [
    "less is less or equal",
    "condition/numeric.ts",
    '["NumericLessThan", plain((order) => order < 0)]',
    '["NumericLessThan", plain((order) => order <= 0)]',
  ],
  [
    "a time zone counts the other way",
    "condition/date.ts",
    'zone.startsWith("-") ? -minutes : minutes',
    'zone.startsWith("-") ? minutes : -minutes',
  ],
  [
    "a prefix is one bit shorter",
    "condition/ip.ts",
    "BigInt(range.bits - range.prefix)",
    "BigInt(range.bits - range.prefix + 1)",
  ],
];

describe("every mutant of the engine is caught", () => {
  const cases = fc.sample(randomCase, { numRuns: 20_000, seed });
  const expected = cases.map(naive);

  const isCaughtBy = async (file: string, find: string, replace: string): Promise<boolean> => {
    const path = join(import.meta.dirname, "../../src/policy", file);
    const source = await readFile(path, "utf8");
    expect(source.split(find)).toHaveLength(2);
    const mutant = await bundled(path, source.replace(find, replace));
    return cases.some((random, at) => {
      try {
        return mutant.engineVerdict(random) !== expected[at];
      } catch {
        return true;
      }
    });
  };

  it.each(MUTANTS)(
    "%s",
    async (_, ...mutation) => {
      expect(await isCaughtBy(...mutation)).toBe(true);
    },
    60_000,
  );

  it("and the engine itself, bundled the same way, is not", async () => {
    expect(await isCaughtBy("evaluate.ts", "const verdictOf = (", "const verdictOf = (")).toBe(false);
  }, 60_000);
});

async function bundled(path: string, contents: string): Promise<typeof import("./engine.js")> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "engine.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    plugins: [
      {
        name: "mutant",
        setup: ({ onLoad }) =>
          onLoad({ filter: /policy/ }, (args) => (args.path === path ? { contents, loader: "ts" } : null)),
      },
    ],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return import(/* @vite-ignore */ `data:text/javascript;base64,${code}`);
}
