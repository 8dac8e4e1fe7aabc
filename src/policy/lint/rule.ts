import type { LintSeverity } from "./finding.js";
import type { LintStatement, LintSubject } from "./subject.js";

/** What a rule reports. The table of rules adds the code. */
export interface Report {
  severity: LintSeverity;
  path: string;
  values: readonly string[];
  /** The statement that the report is about, if it is about one. */
  statement?: LintStatement;
}

/** One rule: everything that it finds in a document. */
export type Rule = (subject: LintSubject) => Report[];

/** A rule about one statement, which can look at the others. */
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
