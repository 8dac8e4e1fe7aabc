import { asciiLower } from "../../ascii.js";
import type { PolicyType } from "../../authorization.js";
import { type Condition, compileCondition } from "./condition/condition.js";
import { type DocumentFinding, type DocumentFindingCode, pathTo, printableValue } from "./document-finding.js";
import {
  type Choice,
  type PrincipalChoice,
  type ReportFinding,
  type ResourceChoice,
  readChoice,
  readPrincipal,
  readResource,
} from "./elements.js";
import { readJson } from "./json.js";

export type { DocumentFinding } from "./document-finding.js";
export type { Choice, PrincipalChoice, ResourceChoice } from "./elements.js";

/** One statement, compiled for evaluation. */
export interface Statement {
  index: number;
  /** `$.Statement[0]`, or `$.Statement` if the statement isn't in a list. */
  path: string;
  sid?: string;
  /** Absent if the policy's Effect is invalid. */
  effect?: "Allow" | "Deny";
  /** In lower case. Absent if the policy's action element is invalid. */
  action?: Choice<string>;
  resource?: ResourceChoice;
  /** Present only in resource-based policies. Contains `*` for anyone, and AWS principals. */
  principal?: PrincipalChoice;
  conditions: readonly Condition[];
  /** True if a part of the statement is invalid. Such a statement never matches for certain. */
  flawed: boolean;
}

/** A policy document, parsed and validated. */
export interface PolicyDocument {
  /** The document as an object, for edits and for display. */
  json: unknown;
  statements: readonly Statement[];
  findings: readonly DocumentFinding[];
}

const MOST_STATEMENTS = 1_000;
const LANGUAGE_VERSIONS = ["2012-10-17", "2008-10-17"];
const ELEMENTS = "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split(" ");

/**
 * Parses a policy document (IAM User Guide, "Grammar of the IAM JSON policy language"). Accepts an object, JSON text,
 * or URL-encoded JSON, with Statement as a list or a single statement. Also accepts a statement or a list of statements
 * without a policy around it, as documentation pages quote them. An invalid part is reported as a finding and makes its
 * statement uncertain. It's never skipped.
 *
 * @param name the name of the document in error messages
 * @throws TypeError if it isn't JSON or isn't an object, is too long or nested too deeply, or has too many statements
 */
export function parsePolicy(input: unknown, type: PolicyType, name = "policy"): PolicyDocument {
  const { value: json, duplicates } = readJson(input, name);
  if (typeof json !== "object" || json === null) {
    throw new TypeError(`${name} must be a policy document: an object with a Statement, or its JSON text.`);
  }
  const findings: DocumentFinding[] = duplicates.map(({ key }) => ({ code: "duplicate-key", path: "$", value: key }));
  const isBare = Array.isArray(json) || (!Object.hasOwn(json, "Statement") && Object.hasOwn(json, "Effect"));
  const policy = (isBare ? { Statement: json } : json) as Record<string, unknown>;
  const root = isBare ? "$" : "$.Statement";
  for (const key of Object.keys(policy)) {
    if (!["Version", "Id", "Statement"].includes(key))
      findings.push({ code: "unknown-element", path: pathTo("$", key) });
  }
  const version = policy.Version;
  if (version !== undefined && !LANGUAGE_VERSIONS.includes(String(version))) {
    findings.push({ code: "unknown-version", path: "$.Version", ...printableValue(version) });
  }
  const { Statement: provided } = policy;
  if (provided === undefined) findings.push({ code: "missing-element", path: "$.Statement" });
  if (Array.isArray(provided) && provided.length === 0) findings.push({ code: "empty-list", path: root });
  const list = Array.isArray(provided) ? provided : provided === undefined ? [] : [provided];
  if (list.length > MOST_STATEMENTS) {
    throw new TypeError(`${name} must have at most ${MOST_STATEMENTS} statements; it has ${list.length}.`);
  }
  // A flaw in the document as a whole can affect any of its statements.
  const flawed = findings.length > 0;
  const reader = { type, variables: version === "2012-10-17", findings, sids: new Set<string>() };
  const statements = list.map((statement, index) =>
    readStatement(statement, index, Array.isArray(provided) ? `${root}[${index}]` : root, flawed, reader),
  );
  return { json, statements, findings };
}

interface StatementContext {
  type: PolicyType;
  variables: boolean;
  findings: DocumentFinding[];
  /** The Sids of the statements before this one. */
  sids: Set<string>;
}

/**
 * IAM and AWS Organizations reject a policy in which a Sid occurs twice (IAM User Guide, "IAM JSON policy elements:
 * Sid").
 */
const WITH_UNIQUE_SIDS: ReadonlySet<PolicyType> = new Set([
  "identity-based-policy",
  "permissions-boundary",
  "session-policy",
  "service-control-policy",
]);

function readStatement(
  provided: unknown,
  index: number,
  path: string,
  flawed: boolean,
  reader: StatementContext,
): Statement {
  const before = reader.findings.length;
  const found = (code: DocumentFindingCode, at: string, value?: unknown) => {
    reader.findings.push({ code, path: at, ...printableValue(value) });
    return undefined;
  };
  if (typeof provided !== "object" || provided === null || Array.isArray(provided)) {
    found("wrong-type", path, provided);
    return { index, path, conditions: [], flawed: true };
  }
  const statement = provided as Record<string, unknown>;
  for (const key of Object.keys(statement)) {
    if (!ELEMENTS.includes(key)) found("unknown-element", pathTo(path, key));
  }
  const { Sid: sid, Effect: effect } = statement;
  if (sid !== undefined && typeof sid !== "string") found("wrong-type", `${path}.Sid`);
  if (typeof sid === "string" && sid !== "") {
    if (reader.sids.has(sid) && WITH_UNIQUE_SIDS.has(reader.type)) found("duplicate-sid", `${path}.Sid`, sid);
    reader.sids.add(sid);
  }
  if (effect === undefined) found("missing-element", `${path}.Effect`);
  else if (effect !== "Allow" && effect !== "Deny") found("unknown-effect", `${path}.Effect`, effect);

  const action = readChoice(statement, "Action", path, found, (text, foundHere) =>
    text === "*" || text.includes(":") ? asciiLower(text) : foundHere("invalid-action", text),
  );
  const resource = readResource(statement, path, found, reader);
  const principal = readPrincipal(statement, path, found, reader.type);
  const conditions = readConditions(statement.Condition, `${path}.Condition`, reader.variables, found);
  const read: Statement = { index, path, conditions, flawed: flawed || reader.findings.length > before };
  if (typeof sid === "string") read.sid = sid;
  if (effect === "Allow" || effect === "Deny") read.effect = effect;
  if (action) read.action = action;
  if (resource) read.resource = resource;
  if (principal) read.principal = principal;
  return read;
}

function readConditions(provided: unknown, path: string, variables: boolean, found: ReportFinding): Condition[] {
  if (provided === undefined) return [];
  if (!isObject(provided)) {
    found("wrong-type", path, provided);
    return [];
  }
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(provided)) {
    const at = pathTo(path, operator);
    if (!isObject(keys)) {
      found("wrong-type", at, keys);
      continue;
    }
    for (const [key, value] of Object.entries(keys)) {
      const keyPath = pathTo(at, key);
      const values = readValues(value, keyPath, found);
      const condition = values && compileCondition(operator, key, values, keyPath, variables);
      if (typeof condition === "string") {
        const isOperator = condition === "unknown-operator";
        found(condition, isOperator ? at : keyPath, isOperator ? operator : values?.join(", "));
      } else if (condition) conditions.push(condition);
    }
  }
  return conditions;
}

/** Numbers and booleans can be written without quotes (same page, "condition_value"). */
function readValues(provided: unknown, path: string, found: ReportFinding): string[] | undefined {
  const list = Array.isArray(provided) ? provided : [provided];
  if (list.length === 0) return found("empty-list", path);
  const wrong = list.find((value) => !["string", "number", "boolean"].includes(typeof value));
  return wrong === undefined ? list.map(String) : found("wrong-type", path);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
