import type { LintCode, LintSeverity } from "./finding.js";
import type { LintStatement, LintSubject } from "./subject.js";

/** One rule of `lintPolicy`. The table of rules determines the order. */
export interface Rule {
  /** The code of its findings. */
  code: Exclude<LintCode, "document-invalid">;
  /** The severity of its findings. A report can state another one. */
  severity: LintSeverity;
  find: Find;
}

/** Returns all that a rule finds in a document. */
export type Find = (subject: LintSubject) => LintReport[];

/** What a rule finds in one place. The table of rules adds the code. */
export interface LintReport {
  path: string;
  values: readonly string[];
  /** If this finding has another severity than its rule. */
  severity?: LintSeverity;
  /** The statement that the report is about. Absent if it isn't about a single statement. */
  statement?: LintStatement;
}

/** A check of one statement, which can also use the other statements. */
type StatementCheck = (statement: LintStatement, subject: LintSubject) => LintReport[];

/** Applies a check to every statement. */
export const eachStatement =
  (check: StatementCheck): Find =>
  (subject) =>
    subject.statements.flatMap((statement) => check(statement, subject).map((report) => ({ ...report, statement })));

/** Applies a check to every Allow that covers an invocation. */
export const eachInvokeAllow = (check: StatementCheck): Find =>
  eachStatement((statement, subject) =>
    statement.effect === "Allow" && statement.invokes.length > 0 ? check(statement, subject) : [],
  );

/** Applies a check to every Deny that covers an invocation. */
export const eachInvokeDeny = (check: StatementCheck): Find =>
  eachStatement((statement, subject) =>
    statement.effect === "Deny" && statement.invokes.length > 0 ? check(statement, subject) : [],
  );

/** The place of a finding about a statement's actions. */
export const actionPath = ({ action, path }: LintStatement): string => action?.path ?? path;

/** @param severity if it differs from the severity of the rule */
export const report = (path: string, values: readonly string[] = [], severity?: LintSeverity): LintReport[] => [
  severity === undefined ? { path, values } : { path, values, severity },
];
