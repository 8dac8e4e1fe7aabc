import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { LINT_CODES } from "../src/explain/format/lint-text.js";
import { lintPolicy } from "../src/explain/lint-policy.js";
import { REFUSAL_KINDS } from "../src/refusal/kinds.js";
import { parseRefusal } from "../src/refusal/parse.js";
import { FIXED_SENTENCES, SENTENCE_CODES } from "../src/refusal/sentences.js";
import { LINT_ROWS } from "./cases/lint.js";

const ROOT = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe("docs/findings.md", () => {
  const [denials = "", lint = ""] = read("docs/findings.md").split("# What lintPolicy finds");
  const headingsIn = (text: string, level: string) =>
    [...text.matchAll(/^(#+) (.+)$/gm)].flatMap(([, marks, heading = ""]) =>
      marks === level ? [heading.replaceAll("`", "")] : [],
    );
  /** The sections of the sentences, each with the kind that it is under. */
  const sections = denials.split(/^## /m).flatMap((part) => {
    const [first = "", ...rest] = part.split(/^### /m);
    const kind = /^`([a-z-]+)`/.exec(first)?.[1];
    return rest.map((text) => ({ kind, code: /^`([a-z-]+)`/.exec(text)?.[1], text }));
  });

  it("has exactly the headings of the kinds, the sentences, and the findings of lintPolicy", () => {
    expect(headingsIn(denials, "##").sort()).toEqual([...REFUSAL_KINDS].sort());
    expect(headingsIn(denials, "###").sort()).toEqual([...SENTENCE_CODES].sort());
    expect(headingsIn(lint, "##")).toEqual([]);
    expect(headingsIn(lint, "###")).toEqual(LINT_CODES());
    expect(read("docs/findings.md").match(/^# .*$/gm)).toEqual(["# Findings", "# What lintPolicy finds"]);
  });

  it.each(SENTENCE_CODES)("quotes AWS's sentence %s under its kind, with meaning, limits, fix, and source", (code) => {
    const { kind, text = "" } = sections.find((section) => section.code === code) ?? {};
    const [, quote = ""] = /^> (.+)$/m.exec(text) ?? [];
    expect(kind).toBe(FIXED_SENTENCES[code].kind);
    expect(parseRefusal(quote, { errorName: "AccessDeniedException" })).toMatchObject({ kind, sentence: code });
    for (const part of ["What it means", "What it doesn't mean", "Who fixes it, and how", "Source"])
      expect(text).toMatch(new RegExp(`^\\*\\*${part}\\.\\*\\* .+\\.$`, "m"));
  });

  it.each(LINT_CODES())("recommends a correction for %s in which lintPolicy has no finding", (code) => {
    const [, section = ""] = read("docs/findings.md").split(`### \`${code}\`\n`);
    const [, severity, instead, json = "null"] =
      /^\n(Error|Warning|Info)\. [^\n]+\n\n\*\*Instead\.\*\* ([^\n]+)\n\n```json\n(.*?)\n```/s.exec(section) ?? [];
    expect(severity).toBeDefined();
    expect(instead).toMatch(/\.$/);
    const row = LINT_ROWS.find((other) => other.code === code);
    const found = lintPolicy(JSON.parse(json), row?.options);
    expect(found.map((finding) => finding.code)).not.toContain(code);
    expect(found.filter((finding) => finding.severity !== "info")).toEqual([]);
  });
});

/** Every policy document, and every statement or list of statements, in a text's JSON blocks. */
function policiesIn(text: string): { heading: string; policy: unknown }[] {
  const found: { heading: string; policy: unknown }[] = [];
  for (const { 1: json = "", index } of text.matchAll(/```json\n(.*?)\n```/gs)) {
    if (!json.includes('"Effect"')) continue;
    const heading = [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? "";
    found.push({ heading, policy: JSON.parse(json) });
  }
  return found;
}

describe("the policies in the documentation", () => {
  const files = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)];
  const rows = files
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) => policiesIn(read(path)).map((found) => ({ path, ...found })));

  it("are found", () => {
    expect(rows.some(({ path }) => path === "docs/catalog.md")).toBe(true);
    expect(rows.filter(({ path }) => path === "docs/findings.md")).toHaveLength(LINT_CODES().length);
  });

  it.each(rows)("$path, $heading: lintPolicy has no finding", ({ heading, policy }) => {
    const row = LINT_ROWS.find(({ code }) => heading.includes(`\`${code}\``));
    const found = lintPolicy(policy, row?.options).map(({ severity, code }) => `${severity} ${code}`);
    expect(found).toEqual([]);
  });
});

describe("README.md", () => {
  const readme = read("README.md");

  it("lists the two commands, and CI runs the one that tests", () => {
    const { scripts } = JSON.parse(read("package.json"));
    expect(readme).toContain("npm ci && npm start");
    expect(readme).toContain("npm ci && npm test");
    expect(scripts).toMatchObject({ start: expect.any(String), test: expect.stringContaining("vitest run") });
    expect(read(".ci/run")).toMatch(/^npm ci\nnpm test$/m);
  });

  it("links only to files that exist", () => {
    for (const [, path] of readme.matchAll(/\]\(([^)#:]+)\)/g))
      expect(() => readdirSync(join(ROOT, path as string, ".."))).not.toThrow();
  });
});

describe("the examples that need no AWS account", () => {
  const run = async (program: string) => {
    // Nothing of the machine's own AWS settings, and no metadata service.
    const env = { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" };
    const child = promisify(execFile)(process.execPath, ["--import", "tsx", `examples/${program}`], { cwd: ROOT, env });
    return (await child.catch((error) => error)).stdout as string;
  };

  it("01 shows both errors side by side, and the report", async () => {
    const printed = await run("01-blocked-destination.ts");
    expect(printed).toMatch(/BEFORE +│ AFTER/);
    expect(printed).toContain("us-west-2");
    const [, change = ""] = /^Recommended change: (.*?)\n\n/ms.exec(printed) ?? [];
    expect(change).toMatch(/^ {2}3\. Verified: the edited policies allow every leg of the call\.$/m);
    expect(change).toMatch(/^ {2}Confidence: certain\.$/m);
    expect(printed).toContain("--- DenyRegions\n  +++ DenyRegions\n");
    expect(printed).toContain('"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:inference-profile/us.*"');
    expect(printed).toMatch(/With "the article's first policy" instead, the call succeeds\. Findings of lintPolicy:/);
    expect(printed).toContain("exempts all of Amazon Bedrock from the Region deny");
  }, 30_000);

  it("05 falls back, remembers, reports why it can't, finds a bare model's profile, and ends by itself", async () => {
    const printed = await run("05-fallback.ts");
    expect(printed.match(/onFallback: us-west-2 is blocked/g)).toHaveLength(2);
    expect(printed).toContain("routing-denied, remembered");
    expect(printed).toContain("AccessDeniedException, fallback: no-candidate");
    expect(printed).toContain("profile-only-model: ");
  }, 30_000);

  it("06 lists every blocked Region and who can fix it, also without a call", async () => {
    const printed = await run("06-every-blocked-region.ts");
    const [message = "", sources = "", preflight = ""] = printed.split(/\n(?:With IAM's|Without a call)/);
    expect(message).toContain("was denied in us-east-2, a destination Region of us.");
    const both =
      "us-east-2 (no identity-based policy allows it) and us-west-2 (the service control policy RegionDeny denies";
    expect(sources).toContain(both);
    expect(preflight).toContain("Amazon Bedrock would deny this call");
    // The report is wrapped.
    const inOneLine = preflight.replace(/\s+/g, " ");
    expect(inOneLine).toContain(both);
    expect(inOneLine).toContain(
      "3. This change isn't enough. The call is also denied in us-east-2 (no identity-based policy allows it). 4.",
    );
  }, 30_000);

  it("03 parses and explains a log line", async () => {
    const printed = await run("03-diagnose-a-log-line.ts");
    expect(printed).toContain("eu-north-1");
    expect(printed).toContain("identity-based-policy");
    expect(printed).toMatch(/^ {2}eu-north-1 +model, destination +✗ BLOCKED +no identity-based policy$/m);
  }, 30_000);

  it("04 checks a profile against policy files", async () => {
    const printed = await run("04-check-before-deploy.ts");
    expect(printed).toContain("bundled-catalog (2026-10-07)");
    expect(printed).toMatch(
      /blocked {2}destination-model us-west-2\n +The service control policy RegionDeny.json at level 1-root/,
    );
    expect(printed).toContain("info in 1-root/RegionDeny.json at $.Statement[0]");
  }, 30_000);
});
