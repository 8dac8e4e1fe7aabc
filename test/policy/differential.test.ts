import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { engineVerdict } from "./engine.js";
import { randomOrganization } from "./generators.js";
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

/** One wrong line each. What stands for `find` has to stand in the file exactly once. */
const MUTANTS: [what: string, file: string, find: string, replace: string][] = [
  [
    "an explicit deny doesn't override an allow",
    "evaluation/hits.ts",
    "if (denies.length > 0 || silent.length > 0) return",
    "if (silent.length > 0) return",
  ],
  [
    "one level that allows is enough",
    "evaluation/hits.ts",
    "else hits.silent.push(layer);",
    "else if (layer.level !== 'level-1') hits.silent.push(layer);",
  ],
  [
    "policies that weren't provided allow",
    "evaluation/hits.ts",
    'else if (!layer.provided) hits.open.push({ layer, why: "not-provided" });',
    "else if (!layer.provided) continue;",
  ],
  ["an unknown Deny is ignored", "evaluation/hits.ts", 'if (effect !== "Allow") hits.open.push(hit);', ""],
  [
    "NotAction is Action",
    "evaluation/statement.ts",
    "=> actionMatches(glob, action)) !== choice.not",
    "=> actionMatches(glob, action)) !== false",
  ],
  [
    "NotResource is Resource",
    "evaluation/statement.ts",
    "return resource.not ? negated(found) : found;",
    "return found;",
  ],
  ["conditions aren't evaluated", "evaluation/statement.ts", 'if (conditions === "no match") return conditions;', ""],
  ["actions are case-sensitive", "language/document.ts", "asciiLower(text) : found", "text : found"],
  [
    "an absent key never matches",
    "language/condition/condition.ts",
    "return outcomeOf(set === undefined && operator.negated);",
    "return outcomeOf(false);",
  ],
  [
    "an unknown key is an absent key",
    "language/condition/condition.ts",
    'if (values === undefined) return "unknown";',
    "",
  ],
  [
    "IfExists is ignored",
    "language/condition/condition.ts",
    'if (ifExists || set === "ForAllValues") return "match";',
    'if (set === "ForAllValues") return "match";',
  ],
  [
    "ForAllValues requires one value only",
    "language/condition/condition.ts",
    '(set === "ForAllValues" ? all : any)(values, one)',
    "any(values, one)",
  ],
  [
    "negated operators aren't negated",
    "language/condition/condition.ts",
    "return operator.negated ? negated(found) : found;",
    "return found;",
  ],
  [
    "Null is inverted",
    "language/condition/condition.ts",
    "return outcomeOf(wanted.has(String(absent)));",
    "return outcomeOf(!wanted.has(String(absent)));",
  ],
  [
    "a variable without a value matches",
    "evaluation/statement.ts",
    "glob !== null && arnMatches(",
    "glob === null || arnMatches(",
  ],
  ["variables in every Version", "language/document.ts", 'variables: version === "2012-10-17"', "variables: true"],
  ["a star stays inside its part", "language/wildcard.ts", "|| matchesBeyondColons(glob, arn)", ""],
  [
    "a question mark is any text",
    "language/wildcard.ts",
    "return glob.length === text.length && fitsAt",
    "return glob.length <= text.length && fitsAt",
  ],
  [
    "StringLike is StringEquals",
    "language/condition/string.ts",
    "outcomeOf(globMatches(glob, value))",
    "outcomeOf(glob === value)",
  ],
  [
    "less is less or equal",
    "language/condition/numeric.ts",
    '["NumericLessThan", plainNumber((order) => order < 0)]',
    '["NumericLessThan", plainNumber((order) => order <= 0)]',
  ],
  [
    "a time zone counts the other way",
    "language/condition/date.ts",
    'zone.startsWith("-") ? -minutes : minutes',
    'zone.startsWith("-") ? minutes : -minutes',
  ],
  [
    "a prefix is one bit shorter",
    "language/condition/ip.ts",
    "BigInt(range.bits - range.prefix)",
    "BigInt(range.bits - range.prefix + 1)",
  ],
  [
    "a set operator with IfExists matches an absent key",
    "language/condition/condition.ts",
    'if (ifExists && set === "ForAnyValue") return "unknown";',
    "",
  ],
  ["the user agent may be absent", "evaluation/request.ts", '"aws:useragent",', ""],
  ["a user ID may be absent", "evaluation/request.ts", '"aws:userid",\n', "\n"],
  ["the time is unknown", "evaluation/policy-set.ts", ".set(CURRENT_TIME, [latestTime.text])", ""],
  [
    "the clock is a second late",
    "evaluation/policy-set.ts",
    "new Date(seconds * 1_000)",
    "new Date(seconds * 1_000 + 1_000)",
  ],
  [
    "a session's token may be absent",
    "evaluation/request.ts",
    'if (type !== "user" && type !== "root") keys.set("aws:tokenissuetime", PRESENT);',
    "",
  ],
  [
    "the account of a resource is unknown",
    "evaluation/resource-account.ts",
    "if (isAccount(accountId)) return [accountId];",
    "",
  ],
  [
    "a foundation model is the caller's",
    "evaluation/resource-account.ts",
    "return accountId === undefined ? undefined : PRESENT;",
    'return ["111122223333"];',
  ],
  [
    "the application's own context has the lowest precedence",
    "evaluation/request.ts",
    "if (context.has(key)) return context.get(key);\n    if (caller.keys.has(key)) return caller.keys.get(key);",
    "if (caller.keys.has(key)) return caller.keys.get(key);\n    if (context.has(key)) return context.get(key);",
  ],
  [
    "network keys are absent",
    "evaluation/request.ts",
    "NETWORK_KEYS.has(key) ? networkValue(key, context) : other",
    "other",
  ],
  [
    "a VPC endpoint keeps the source IP address",
    "evaluation/network-keys.ts",
    "const others = key === SOURCE_IP ? OF_ENDPOINTS : [SOURCE_IP];",
    "const others = key === SOURCE_IP ? [] : [SOURCE_IP];",
  ],
  [
    "a source IP address keeps the VPC endpoint",
    "evaluation/network-keys.ts",
    "const others = key === SOURCE_IP ? OF_ENDPOINTS : [SOURCE_IP];",
    "const others = key === SOURCE_IP ? OF_ENDPOINTS : [];",
  ],
  [
    "an absent endpoint shows a source IP address",
    "evaluation/network-keys.ts",
    "? null : undefined;",
    '? null : context.get("aws:sourcevpce") === null ? ["10.0.0.1"] : undefined;',
  ],
  ["incomplete ARNs stay as they are", "language/wildcard.ts", 'arn + ":*".repeat(6 - fields.length)', "arn"],
  [
    "every policy type completes ARNs",
    "language/elements.ts",
    'if (!isOpen && type !== "identity-based-policy") return',
    "if (false) return",
  ],
  ["a session policy expands a wildcard", "language/elements.ts", ' && type !== "session-policy"', ""],
  [
    "one reading of an ARN is enough",
    "language/elements.ts",
    "if (pattern !== undefined) completed.set(pattern, whole);",
    "",
  ],
  [
    "a condition completes no ARN",
    "language/condition/arn.ts",
    'isCompleted ? ("unknown" as const) : outcomeOf(false)',
    "outcomeOf(false)",
  ],
  [
    "a leg without an account stays without one",
    "evaluation/request.ts",
    "const leg = legOfAccount(provided, accountId);",
    "const leg = provided;",
  ],
  [
    "another account's profile belongs to the caller's account",
    "evaluation/hits.ts",
    "hits.silent.push(NO_RESOURCE_POLICY);",
    "hits.allow ??= undefined;",
  ],
  [
    "another account's guardrail belongs to the caller's account",
    "evaluation/hits.ts",
    'else hits.open.push({ layer: ANY_RESOURCE_POLICY, why: "not-provided" });',
    "",
  ],
  [
    "another account's guardrail can't have a policy",
    "evaluation/resource-account.ts",
    '  "inference-profile",',
    '  "inference-profile", "guardrail",',
  ],
  [
    "another account's custom model can't have a policy",
    "evaluation/resource-account.ts",
    '  "inference-profile",',
    '  "inference-profile", "custom-model",',
  ],
  ["another account's prompt can have a policy", "evaluation/resource-account.ts", '  "prompt",', ""],
  [
    "AWS's own resources are another account's",
    "evaluation/resource-account.ts",
    "if (!isAccount(arn?.accountId) || ",
    'if ((!isAccount(arn?.accountId) && arn?.accountId !== "aws") || ',
  ],
  [
    "a resource-based policy that is provided isn't enough",
    "evaluation/hits.ts",
    "provided && type === RESOURCE_BASED",
    "!provided && type === RESOURCE_BASED",
  ],
  ["resource control policies don't matter", "evaluation/hits.ts", "if (why) hits.open.push({ layer, why });", ""],
  [
    "resource control policies cover Amazon Bedrock",
    "evaluation/hits.ts",
    'provided && action.startsWith("bedrock:")',
    "provided && false",
  ],
  [
    "identity providers issue no sessions",
    "evaluation/statement.ts",
    ' || (isRole && others.includes("Federated"))',
    "",
  ],
  [
    "identity providers issue users",
    "evaluation/statement.ts",
    '(isRole && others.includes("Federated"))',
    'others.includes("Federated")',
  ],
  ["a canonical user matches no principal", "evaluation/statement.ts", 'others.includes("CanonicalUser") || ', ""],
  [
    "a principal's wildcard is literal",
    "evaluation/statement.ts",
    "if ([...caller.identities, ...caller.account].some((arn) => globMatches(text, arn))) return true;",
    "",
  ],
  [
    "a role doesn't match its sessions",
    "evaluation/statement.ts",
    '(type === "role" && text.startsWith(session))',
    "false",
  ],
  ["a variable in a principal is literal", "evaluation/statement.ts", 'text.includes("${") || ', ""],
  [
    "NotPrincipal exempts a caller with one listed identity",
    "evaluation/statement.ts",
    "identities.every(isListed) && account.some(isListed)",
    "identities.some(isListed)",
  ],
];

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
