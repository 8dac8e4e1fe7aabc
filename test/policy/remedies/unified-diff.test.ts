import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffDocuments, unifiedDiff } from "../../../src/policy/remedies/unified-diff.js";
import { applied } from "./apply-diff.js";

const text = fc.array(fc.constantFrom<string>("{", "}", "a", "b", "c", "- d", "+ e", ""), { maxLength: 30 });
const edited = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(30), fc.nat(2), fc.array(fc.constantFrom("x", "a", "{")))))
  .map(([lines, edits]): [string, string] => {
    const after = [...lines];
    for (const [at, removed, added] of edits) after.splice(at, removed, ...added);
    return [lines.join("\n"), after.join("\n")];
  });

describe("a unified diff", () => {
  it("applied to the text gives the new text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          edited,
          fc.tuple(text, text).map(([a, b]) => [a.join("\n"), b.join("\n")]),
        ),
        ([a, b]) => {
          expect(applied(a as string, unifiedDiff("name", a as string, b as string))).toBe(b);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("applied to a document gives the new document", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const json = applied(JSON.stringify(before, null, 2), diffDocuments("name", before, after));
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(after)));
      }),
    );
  });

  it("has the fewest changed lines", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const changes = unifiedDiff("name", a.join("\n"), b.join("\n")).split("\n").slice(2);
        const counted = changes.filter((line) => /^[-+]/.test(line)).length;
        const [old, now] = [a.length === 0 ? [""] : a, b.length === 0 ? [""] : b];
        expect(counted).toBe(old.length + now.length - 2 * longestCommon(old, now));
      }),
    );
  });

  it("shows three lines around each change, and the removed line first", () => {
    const statement = (values: string[]) => ({ Effect: "Deny", Condition: { StringNotEquals: { region: values } } });
    const before = { Version: "2012-10-17", Statement: [statement(["us-east-1"])] };
    const after = { Version: "2012-10-17", Statement: [statement(["us-east-1", "us-west-2"])] };
    expect(diffDocuments("RegionDeny", before, after)).toBe(
      [
        "--- RegionDeny",
        "+++ RegionDeny",
        "@@ -6,7 +6,8 @@",
        '       "Condition": {',
        '         "StringNotEquals": {',
        '           "region": [',
        '-            "us-east-1"',
        '+            "us-east-1",',
        '+            "us-west-2"',
        "           ]",
        "         }",
        "       }",
      ].join("\n"),
    );
  });

  it("has a hunk for each change that is far from the others", () => {
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    const after = lines.with(3, "changed").with(30, "also changed");
    const diff = unifiedDiff("name", lines.join("\n"), after.join("\n"));
    expect(diff.match(/^@@.*@@$/gm)).toEqual(["@@ -1,7 +1,7 @@", "@@ -28,7 +28,7 @@"]);
  });

  it("is empty if nothing changed", () => {
    expect(diffDocuments("name", { a: [1] }, { a: [1] })).toBe("");
  });

  it("of texts that have nothing in common replaces one by the other, without searching for long", () => {
    const [old, now] = ["old", "new"].map((word) => Array.from({ length: 3_000 }, (_, at) => `${word} ${at}`));
    const [before, after] = [old?.join("\n") ?? "", now?.join("\n") ?? ""];
    expect(applied(before, unifiedDiff("name", before, after))).toBe(after);
  });

  it("is one that git applies", () => {
    const folder = mkdtempSync(join(tmpdir(), "diff-"));
    try {
      const document = (...regions: string[]) => ({ Statement: [{ Effect: "Deny", Condition: { regions } }] });
      const [before, after] = [document("us-east-1"), document("us-east-1", "us-west-2")];
      writeFileSync(join(folder, "policy.json"), `${JSON.stringify(before, null, 2)}\n`);
      writeFileSync(join(folder, "policy.diff"), `${diffDocuments("policy.json", before, after)}\n`);
      execFileSync("git", ["apply", "-p0", "policy.diff"], { cwd: folder, stdio: "pipe" });
      expect(JSON.parse(readFileSync(join(folder, "policy.json"), "utf8"))).toEqual(after);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The length of the longest common subsequence, by the textbook's table. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = b.map(() => 0);
  for (const left of a) {
    const next: number[] = [];
    for (const [at, right] of b.entries())
      next.push(left === right ? (row[at - 1] ?? 0) + 1 : Math.max(row[at] ?? 0, next[at - 1] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}
