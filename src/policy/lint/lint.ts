import { parsePolicy } from "../language/document.js";
import type { BareLintFinding, LintOptions } from "./finding.js";
import type { LintReport, Rule } from "./rule.js";
import { RULES } from "./rules.js";
import { type LintSubject, subjectOf } from "./subject.js";

export type { BareLintFinding, LintCode, LintOptions, LintSeverity } from "./finding.js";

/**
 * Finds problems and risks in a policy for calls through inference profiles. The rules check the document as a whole,
 * because one statement can deny what another one leaves open.
 *
 * @throws TypeError if it isn't a policy document
 */
export function lintDocument(
  document: unknown,
  { type = "identity-based-policy", legs = [] }: LintOptions,
): BareLintFinding[] {
  const policy = parsePolicy(document, type);
  const subject = subjectOf(policy, type, legs);
  const [partition] = subject.partitions;
  const invalid = policy.findings.map(
    ({ code, path, value }): BareLintFinding => ({
      code: "document-invalid",
      severity: "error",
      path,
      values: value === undefined ? [] : [value],
      partition,
      problem: code,
    }),
  );
  const found = RULES.flatMap((rule) => rule.find(subject).map((report) => toFinding(rule, report, subject)));
  return [...invalid, ...found.sort(byStatement)];
}

function toFinding(
  rule: Rule,
  { severity = rule.severity, path, values, statement }: LintReport,
  { partitions: [partition] }: LintSubject,
): BareLintFinding {
  const finding: BareLintFinding = { code: rule.code, severity, path, values: [...values], partition };
  if (statement !== undefined) finding.statementIndex = statement.index;
  if (statement?.sid !== undefined) finding.sid = statement.sid;
  return finding;
}

/** Sorts findings by statement. Findings about the whole document come last. */
const byStatement = (a: BareLintFinding, b: BareLintFinding) =>
  (a.statementIndex ?? Number.MAX_SAFE_INTEGER) - (b.statementIndex ?? Number.MAX_SAFE_INTEGER);
