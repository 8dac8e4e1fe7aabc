import { asciiLower } from "../ascii.js";
import type { PolicyType } from "../refusal/kinds.js";
import { type Condition, type ConditionFlaw, compileCondition } from "./condition/condition.js";
import { readJson } from "./json.js";
import { type Template, templateOf } from "./template.js";

/** What AWS would not take in a policy, or would not understand as it is meant. */
export type DocumentFindingCode =
  | ConditionFlaw
  | "unknown-element"
  | "unsupported-element"
  | "missing-element"
  | "conflicting-elements"
  | "wrong-type"
  | "empty-list"
  | "unknown-version"
  | "unknown-effect"
  | "invalid-action"
  | "invalid-resource"
  | "duplicate-key"
  | "duplicate-sid"
  | "incomplete-arn"
  | "too-many-statements";

/** One finding of validation. What it stands on can at best be `unknown`: AWS would refuse such a policy. */
export interface DocumentFinding {
  code: DocumentFindingCode;
  /** JSON path: `$.Statement[0].Effect`. */
  path: string;
  /** What stands there, where it is a text. */
  value?: string;
}

/** `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`. */
export interface Choice<T> {
  /** True for the `Not…` element. */
  not: boolean;
  /** As the policy writes them. */
  texts: readonly string[];
  patterns: readonly T[];
  path: string;
}

/** One statement, ready to be evaluated. */
export interface Statement {
  index: number;
  /** `$.Statement[0]`, or `$.Statement` where it stands in no list. */
  path: string;
  sid?: string;
  /** Absent where the policy's Effect is none. */
  effect?: "Allow" | "Deny";
  /** In lower case. Absent where the policy's is not understood. */
  action?: Choice<string>;
  resource?: Choice<Template>;
  /** Only in policies that stand on a resource; `*` for anyone, and AWS principals. */
  principal?: Choice<string>;
  conditions: readonly Condition[];
  /** True where something in it is not understood: it never matches for certain. */
  flawed: boolean;
}

/** A policy document, read and validated. */
export interface PolicyDocument {
  /** The document as an object, for edits and for showing. */
  json: unknown;
  statements: readonly Statement[];
  findings: readonly DocumentFinding[];
}

const MOST_STATEMENTS = 1_000;
const VERSIONS = ["2012-10-17", "2008-10-17"];
const ELEMENTS = "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split(" ");

/** Policies that stand on a resource name their principals; the others belong to one (IAM User Guide, "Grammar of the IAM JSON policy language"). */
const WITH_PRINCIPAL: ReadonlySet<PolicyType> = new Set(["vpc-endpoint-policy", "resource-based-policy"]);

/**
 * Reads a policy document (IAM User Guide, "Grammar of the IAM JSON policy language"): an object, JSON text or URL-encoded
 * JSON; Statement as a list or alone; also a bare statement or a list of them, as pages quote them. What is not
 * understood is a finding and makes its statement uncertain; it is never skipped.
 *
 * @param name what errors call it
 * @throws TypeError where it is no JSON, no object, too long, too deep or has too many statements
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
  if (version !== undefined && !VERSIONS.includes(String(version))) {
    findings.push({ code: "unknown-version", path: "$.Version", ...shownValue(version) });
  }
  const { Statement: given } = policy;
  if (given === undefined) findings.push({ code: "missing-element", path: "$.Statement" });
  if (Array.isArray(given) && given.length === 0) findings.push({ code: "empty-list", path: root });
  const list = Array.isArray(given) ? given : given === undefined ? [] : [given];
  if (list.length > MOST_STATEMENTS) {
    throw new TypeError(`${name} must have at most ${MOST_STATEMENTS} statements; it has ${list.length}.`);
  }
  // What is wrong with the document as a whole may concern any statement in it.
  const flawed = findings.length > 0;
  const reader = { type, variables: version === "2012-10-17", findings, sids: new Set<string>() };
  const statements = list.map((statement, index) =>
    readStatement(statement, index, Array.isArray(given) ? `${root}[${index}]` : root, flawed, reader),
  );
  return { json, statements, findings };
}

interface Reader {
  type: PolicyType;
  variables: boolean;
  findings: DocumentFinding[];
  /** Those of the statements before this one. */
  sids: Set<string>;
}

/** IAM and AWS Organizations reject a Sid that occurs twice (IAM User Guide, "IAM JSON policy elements: Sid"). */
const WITH_UNIQUE_SIDS: ReadonlySet<PolicyType> = new Set([
  "identity-based-policy",
  "permissions-boundary",
  "session-policy",
  "service-control-policy",
]);

function readStatement(given: unknown, index: number, path: string, flawed: boolean, reader: Reader): Statement {
  const before = reader.findings.length;
  const found = (code: DocumentFindingCode, at: string, value?: unknown) => {
    reader.findings.push({ code, path: at, ...shownValue(value) });
    return undefined;
  };
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    found("wrong-type", path, given);
    return { index, path, conditions: [], flawed: true };
  }
  const statement = given as Record<string, unknown>;
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

  const action = readChoice(statement, "Action", path, found, (text, at) =>
    text === "*" || text.includes(":") ? asciiLower(text) : found("invalid-action", at, text),
  );
  const resource = readChoice(statement, "Resource", path, found, (text, at) => {
    if (!/^(arn:|\*|\$\{)/.test(text)) return found("invalid-resource", at, text);
    const whole = completed(text, reader.type);
    if (whole === undefined) return found("incomplete-arn", at, text);
    return templateOf(whole, reader.variables, true) ?? found("unclosed-variable", at, text);
  });
  const principal = readPrincipal(statement, path, found, reader.type);
  const conditions = readConditions(statement.Condition, `${path}.Condition`, reader.variables, found);
  return {
    index,
    path,
    ...(typeof sid === "string" ? { sid } : {}),
    ...(effect === "Allow" || effect === "Deny" ? { effect } : {}),
    ...(action ? { action } : {}),
    ...(resource ? { resource } : {}),
    ...(principal ? { principal } : {}),
    conditions,
    flawed: flawed || reader.findings.length > before,
  };
}

/**
 * Completes an ARN of fewer than six fields with `*`, as AWS does in an identity-based policy. A session policy with such an
 * ARN is rejected, and what the other types do isn't documented. A `*` at the end of a field can stand for the missing ones,
 * so an ARN with one is a pattern like any other (IAM User Guide, "IAM identifiers" and "IAM JSON policy elements: Resource").
 */
function completed(text: string, type: PolicyType): string | undefined {
  if (!text.startsWith("arn:")) return text;
  // A variable such as ${aws:username} has a colon of its own.
  const fields = text.replace(/\$\{[^}]*\}/g, "").split(":");
  if (fields.length >= 6 || fields.some((field) => field.endsWith("*"))) return text;
  return type === "identity-based-policy" ? text + ":*".repeat(6 - fields.length) : undefined;
}

type Found = (code: DocumentFindingCode, path: string, value?: unknown) => undefined;

/** One of an element and its negation: both at once, and none, are errors. */
function readChoice<T>(
  statement: Record<string, unknown>,
  element: string,
  path: string,
  found: Found,
  compile: (text: string, path: string) => T | undefined,
): Choice<T> | undefined {
  const not = Object.hasOwn(statement, `Not${element}`);
  if (not && Object.hasOwn(statement, element)) return found("conflicting-elements", `${path}.Not${element}`);
  const name = not ? `Not${element}` : element;
  const at = `${path}.${name}`;
  if (statement[name] === undefined) return found("missing-element", at);
  const texts = readTexts(statement[name], at, found);
  if (texts === undefined) return undefined;
  const patterns = texts.map((text, index) => compile(text, Array.isArray(statement[name]) ? `${at}[${index}]` : at));
  return patterns.includes(undefined) ? undefined : { not, texts, patterns: patterns as T[], path: at };
}

function readTexts(given: unknown, path: string, found: Found): string[] | undefined {
  const list = Array.isArray(given) ? given : [given];
  if (list.length === 0) return found("empty-list", path);
  const wrong = list.find((text) => typeof text !== "string");
  return wrong === undefined ? list : found("wrong-type", path, wrong);
}

function readPrincipal(
  statement: Record<string, unknown>,
  path: string,
  found: Found,
  type: PolicyType,
): Choice<string> | undefined {
  const name = ["Principal", "NotPrincipal"].find((element) => Object.hasOwn(statement, element));
  if (!WITH_PRINCIPAL.has(type))
    return name === undefined ? undefined : found("unsupported-element", `${path}.${name}`);
  if (name === undefined) return found("missing-element", `${path}.Principal`);
  if (Object.hasOwn(statement, "Principal") && name !== "Principal") return found("conflicting-elements", path);
  const at = `${path}.${name}`;
  const not = name === "NotPrincipal";
  // "Using it with Effect Allow isn't supported" (IAM User Guide, "AWS JSON policy elements: NotPrincipal").
  if (not && statement.Effect !== "Deny") return found("unsupported-element", at);
  const given = statement[name];
  if (given === "*") return { not, texts: ["*"], patterns: ["*"], path: at };
  if (typeof given !== "object" || given === null || Array.isArray(given)) return found("wrong-type", at, given);
  const texts: string[] = [];
  for (const [kind, ids] of Object.entries(given)) {
    // Services, identity providers and canonical users are nobody who calls Bedrock with an IAM identity.
    if (!["AWS", "Service", "Federated", "CanonicalUser"].includes(kind))
      return found("unknown-element", pathTo(at, kind));
    const read = readTexts(ids, pathTo(at, kind), found);
    if (read === undefined) return undefined;
    if (kind === "AWS") texts.push(...read);
  }
  return { not, texts, patterns: texts, path: at };
}

function readConditions(given: unknown, path: string, variables: boolean, found: Found): Condition[] {
  if (given === undefined) return [];
  if (!isObject(given)) {
    found("wrong-type", path, given);
    return [];
  }
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(given)) {
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

/** Numbers and booleans may stand without quotes (same page, "condition_value"). */
function readValues(given: unknown, path: string, found: Found): string[] | undefined {
  const list = Array.isArray(given) ? given : [given];
  if (list.length === 0) return found("empty-list", path);
  const wrong = list.find((value) => !["string", "number", "boolean"].includes(typeof value));
  return wrong === undefined ? list.map(String) : found("wrong-type", path);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shownValue = (value: unknown) => (typeof value === "string" ? { value: value.slice(0, 200) } : {});

/** `$.Statement[0].Condition["aws:RequestedRegion"]`: quoted where a plain name would not do. */
export const pathTo = (path: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
