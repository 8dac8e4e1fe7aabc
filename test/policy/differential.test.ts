import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { engineVerdict } from "./engine.js";
import { randomOrganization } from "./generators.js";
import { MUTANTS } from "./mutants.js";
import { organizationVerdict } from "./naive-organization.js";

/** Always the same organizations, so that a red run can be run again; another first number is SEED. */
const SEED = Number(process.env.SEED ?? 20_261_125);
const COUNT = 100_000;

/** What has to be met at least so often in 100,000 organizations, and with each of these verdicts. */
const ALL = ["allowed", "blocked", "unknown"];
const LEAST: [tag: RegExp, kinds: number, count: number, verdicts: string[]][] = [
  [/^incomplete ARN: (identity|service-control|boundary|session|endpoint|resource-control) /, 12, 100, ALL],
  [/^incomplete ARN: resource /, 2, 50, ALL],
  [/^aws:\w+ with unknownContext (unknown|absent)$/, 22, 1_500, ALL],
  [/^another account's /, 15, 500, ALL],
  [/^another service$/, 1, 2_000, ALL],
  [/^a leg without an account$/, 1, 4_000, ALL],
  [/^variable: (condition|Resource|NotResource)$/, 3, 4_000, ALL],
  [/^operator: (IfExists|Null|ForA\w+:(IfExists)?)$/, 6, 8_000, ALL],
  [/^(Principal|NotPrincipal): (AWS|Federated|CanonicalUser|Service)$/, 8, 300, ALL],
  [/^layer: /, 7, 3_000, ALL],
  [/^caller: /, 5, 10_000, ALL],
];

describe("the engine against the naive evaluator", () => {
  it("agrees on 100,000 random organizations", () => {
    const counts = new Map<string, Record<string, number>>();
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      const { organization, tags } = randomOrganization(seed);
      const expected = organizationVerdict(organization);
      const verdict = engineVerdict(organization);
      if (verdict !== expected) {
        const shown = JSON.stringify(organization, undefined, 1);
        throw new Error(`${verdict}, but naively ${expected}. Run it again with SEED=${seed}: ${shown}`);
      }
      for (const tag of ["every organization", ...tags]) {
        const count = counts.get(tag) ?? {};
        counts.set(tag, count);
        count[expected] = (count[expected] ?? 0) + 1;
      }
    }
    // The organizations show something only if each rule is met often, with each verdict.
    for (const verdict of ALL) expect(counts.get("every organization")?.[verdict]).toBeGreaterThan(10_000);
    for (const [tag, kinds, least, verdicts] of LEAST) {
      const met = [...counts].filter(([name]) => tag.test(name));
      expect(met, `${tag}`).toHaveLength(kinds);
      for (const [name, count] of met) {
        const all = Object.values(count).reduce((sum, each) => sum + each, 0);
        expect(all, name).toBeGreaterThan(least);
        for (const verdict of verdicts) expect(count[verdict], `${name}: ${verdict}`).toBeGreaterThan(10);
      }
    }
  }, 300_000);
});

describe("every mutant of the engine is caught", () => {
  const cases = Array.from({ length: 15_000 }, (_, at) => randomOrganization(SEED + at).organization);
  const expected = cases.map(organizationVerdict);

  const isCaughtBy = async (file: string, find: string, replace: string): Promise<boolean> => {
    const path = join(import.meta.dirname, "../../src/policy", file);
    const source = await readFile(path, "utf8");
    expect(source.split(find)).toHaveLength(2);
    const mutant = await bundled(path, source.replace(find, replace));
    return cases.some((organization, at) => {
      try {
        return mutant.engineVerdict(organization) !== expected[at];
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

  it("isn't caught if it's the engine itself, bundled the same way", async () => {
    expect(await isCaughtBy("evaluation/hits.ts", "const verdictOfHits = (", "const verdictOfHits = (")).toBe(false);
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
