import type { LintSeverity } from "./finding.js";
import type { LintStatement, LintSubject } from "./subject.js";

/** The result of a rule. The table of rules adds the code. */
export interface Report {
  severity: LintSeverity;
  path: string;
  values: readonly string[];
  /** The statement that the report is about. Absent if it isn't about a single statement. */
  statement?: LintStatement;
}

/** A rule. Returns all of its findings in a document. */
export type Rule = (subject: LintSubject) => Report[];

/** A check of one statement, which can also use the other statements. */
type StatementCheck = (statement: LintStatement, subject: LintSubject) => Report[];

/** Applies a check to every statement. */
export const eachStatement =
  (check: StatementCheck): Rule =>
  (subject) =>
    subject.statements.flatMap((statement) => check(statement, subject).map((report) => ({ ...report, statement })));

/** Applies a check to every Allow that covers an invocation. */
export const eachInvokeAllow = (check: StatementCheck): Rule =>
  eachStatement((statement, subject) =>
    statement.effect === "Allow" && statement.invokes.length > 0 ? check(statement, subject) : [],
  );

/** Applies a check to every Deny that covers an invocation. */
export const eachInvokeDeny = (check: StatementCheck): Rule =>
  eachStatement((statement, subject) =>
    statement.effect === "Deny" && statement.invokes.length > 0 ? check(statement, subject) : [],
  );

export const report = (severity: LintSeverity, path: string, values: readonly string[] = []): Report[] => [
  { severity, path, values },
];
