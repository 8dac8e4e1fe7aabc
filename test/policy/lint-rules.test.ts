import { describe, expect, it } from "vitest";
import { LINT_CODES } from "../../src/explain/format/lint-text.js";
import { lintPolicy } from "../../src/explain/lint-policy.js";
import { RULES } from "../../src/policy/lint/rules.js";
import { LINT_ROWS } from "../cases/lint.js";

const severe = (document: unknown, options = {}) =>
  lintPolicy(document, options).filter(({ severity }) => severity !== "info");

describe("every rule of lintPolicy", () => {
  it("is in the table once", () => {
    const inTable = RULES.map(({ code }) => code as string);
    expect(inTable.sort()).toEqual(
      LINT_CODES()
        .filter((code) => code !== "document-invalid")
        .sort(),
    );
  });

  it("has a case", () => {
    const withoutCase = LINT_CODES().filter((code) => !LINT_ROWS.some((row) => row.code === code));
    // This finding is about a provided call, and lint.test.ts has its cases.
    expect(withoutCase).toEqual(["leg-not-allowed"]);
  });

  it.each(LINT_ROWS)("$code: reports the mistake", ({ code, severity, trap, options }) => {
    const found = lintPolicy(trap, options).filter((finding) => finding.code === code);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ severity, partition: "aws" });
    expect(found[0]?.path).toMatch(/^\$/);
  });

  it.each(LINT_ROWS)("$code: reports nothing in a policy that only looks like it", ({ looksLikeIt, options }) => {
    expect(lintPolicy(looksLikeIt, options).map(({ code, path }) => `${code} ${path}`)).toEqual([]);
  });

  it.each(LINT_ROWS)("$code: its advice removes the finding and adds no other", ({ code, instead, options }) => {
    expect(lintPolicy(instead, options).map((finding) => finding.code)).not.toContain(code);
    expect(severe(instead, options)).toEqual([]);
  });
});
