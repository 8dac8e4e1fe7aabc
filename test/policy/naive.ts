// A second evaluator, to judge the engine by: the rules of AWS's pages written down one after the other, slow and obvious.
// It shares no code with src/policy, and decides differently where it can: by trying every assignment of what is unknown.

export type Answer = "match" | "no match" | "unknown";
export interface NaiveRequest {
  action: string;
  resource: string;
  /** `null`: known to be absent; `undefined` (no entry): unknown. */
  context: Record<string, string[] | null>;
  /** Keys that are in the request, and whose values are unknown. */
  present?: { has(key: string): boolean };
}
export interface NaiveStatement {
  Effect: string;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Principal?: NaivePrincipal;
  NotPrincipal?: NaivePrincipal;
  Condition?: Record<string, Record<string, string | string[]>>;
}
export interface NaiveDocument {
  Version?: string;
  Statement: NaiveStatement[];
}

export type NaivePrincipal = "*" | Record<string, string | string[]>;

export const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
const not = (answer: Answer): Answer => (answer === "match" ? "no match" : answer === "no match" ? "match" : "unknown");
export const and = (answers: Answer[]): Answer =>
  answers.includes("no match") ? "no match" : answers.includes("unknown") ? "unknown" : "match";
export const or = (answers: Answer[]): Answer =>
  answers.includes("match") ? "match" : answers.includes("unknown") ? "unknown" : "no match";
const yes = (is: boolean): Answer => (is ? "match" : "no match");

/** A pattern as a list of characters: wildcards are objects, so that a literal `*` is another thing. */
type Pattern = (string | { any: true } | { star: true })[];

export function patternOf(text: string, wildcards: boolean): Pattern {
  return [...text].map((c) =>
    wildcards && c === "*" ? { star: true as const } : wildcards && c === "?" ? { any: true as const } : c,
  );
}

/** By the definition: a star is nothing, or one character and again a star. A table instead of recursion, so that it ends. */
export function glob(pattern: Pattern, text: string, from = 0, to = text.length): boolean {
  let row = new Set<number>([from]);
  for (const part of pattern) {
    const next = new Set<number>();
    for (const at of row) {
      if (typeof part === "object" && "star" in part) for (let end = at; end <= to; end++) next.add(end);
      else if (at < to && (typeof part === "object" || part === text[at])) next.add(at + 1);
    }
    row = next;
  }
  return row.has(to);
}

/** Variables put in: `null` no value, `undefined` not known. Only in Version 2012-10-17. */
function substituted(
  text: string,
  version: string | undefined,
  wildcards: boolean,
  request: NaiveRequest,
): Pattern | null | undefined {
  if (version !== "2012-10-17") return patternOf(text, wildcards);
  let pattern: Pattern = [];
  let missing = false;
  let unknown = false;
  let rest = text;
  for (;;) {
    const open = rest.indexOf("${");
    if (open < 0) break;
    pattern = [...pattern, ...patternOf(rest.slice(0, open), wildcards)];
    const inside = rest.slice(open + 2, rest.indexOf("}", open));
    rest = rest.slice(rest.indexOf("}", open) + 1);
    if (["*", "?", "$"].includes(inside)) {
      pattern.push(inside);
      continue;
    }
    const [name = "", byDefault] = inside.split(",").map((part) => part.trim());
    const values = request.context[name.toLowerCase()];
    if (values === undefined) unknown = true;
    else if (values === null || values.length === 0) {
      if (byDefault === undefined) missing = true;
      else pattern.push(...byDefault.slice(1, -1));
    } else if (values.length > 1 || /[*?]/.test(values[0] ?? "")) unknown = true;
    else pattern.push(...(values[0] ?? ""));
  }
  if (unknown) return undefined;
  return missing ? null : [...pattern, ...patternOf(rest, wildcards)];
}

/** "Actions are case-insensitive" (IAM User Guide, "IAM JSON policy elements: Action"). */
const actionAnswer = (texts: string[], action: string): Answer =>
  yes(texts.some((text) => glob(patternOf(text.toLowerCase(), true), action.toLowerCase())));

/** Where the colons of a pattern stand. */
const pieces = (pattern: Pattern): Pattern[] => {
  const found: Pattern[] = [[]];
  for (const part of pattern) part === ":" ? found.push([]) : found.at(-1)?.push(part);
  return found;
};

/** Six parts, each checked separately; the sixth runs to the end. */
function bySixParts(pattern: Pattern, arn: string): boolean {
  const wanted = pieces(pattern);
  const parts = arn.split(":");
  if (wanted.length < 6 || parts.length < 6) return false;
  const tail: Pattern = wanted.slice(5).flatMap((piece, at) => (at === 0 ? piece : [":", ...piece]));
  return [...wanted.slice(0, 5), tail].every((piece, at) =>
    glob(piece, at < 5 ? (parts[at] ?? "") : parts.slice(5).join(":")),
  );
}

/** "If a * is the last character of a segment, it can expand beyond the colon" (IAM User Guide, "… elements: Resource"). */
function beyondColons(wanted: Pattern[], parts: string[]): boolean {
  const [piece, ...others] = wanted;
  const [part, ...more] = parts;
  if (piece === undefined) return parts.length === 0;
  if (part === undefined || !glob(piece, part)) return false;
  if (beyondColons(others, more)) return true;
  const last = piece.at(-1);
  if (typeof last !== "object" || !("star" in last)) return false;
  return more.some((_, skipped) => beyondColons(others, more.slice(skipped + 1)));
}

const resourceIs = (pattern: Pattern, arn: string): boolean =>
  (pattern.length === 1 && typeof pattern[0] === "object" && "star" in pattern[0]) ||
  bySixParts(pattern, arn) ||
  beyondColons(pieces(pattern), arn.split(":"));

/** The fields of an ARN; the colons of variables don't count. */
const fieldsIn = (text: string): string[] => text.replaceAll(/\$\{.*?\}/g, "V").split(":");
const completion = (text: string): string => text + ":*".repeat(Math.max(0, 6 - fieldsIn(text).length));

/**
 * "When you specify an incomplete ARN (one with fewer than the standard six fields) in an identity-based policy, AWS
 * automatically completes the ARN … session policies … do not support incomplete ARNs" (IAM User Guide, "IAM identifiers"). Of
 * the others AWS says nothing, but "if the * wildcard is the last character of a resource ARN segment, it can expand".
 */
function resourceAnswer(
  texts: string[],
  version: string | undefined,
  request: NaiveRequest,
  type: string,
): Answer | "rejected" {
  const asWritten = (text: string): Answer => {
    const pattern = substituted(text, version, true, request);
    return pattern === undefined ? "unknown" : yes(pattern !== null && resourceIs(pattern, request.resource));
  };
  const isIncomplete = (text: string) => text.startsWith("arn:") && fieldsIn(text).length < 6;
  const canExpand = (text: string) => fieldsIn(text).some((field) => field.endsWith("*"));
  const isRejected = (text: string) =>
    isIncomplete(text) && (type === "session" || (type !== "identity" && !canExpand(text)));
  if (texts.some(isRejected)) return "rejected";
  return or(
    texts.map((text): Answer => {
      if (!isIncomplete(text)) return asWritten(text);
      const completed = asWritten(completion(text));
      if (!canExpand(text)) return completed;
      return asWritten(text) === completed ? completed : "unknown";
    }),
  );
}

type Compare = (policyValue: string, requestValue: string) => Answer;
const plain = (pattern: Pattern) =>
  pattern.map((part) => (typeof part === "string" ? part : "star" in part ? "*" : "?")).join("");

const numbers =
  (holds: (a: number, b: number) => boolean): Compare =>
  (policy, value) =>
    /^[+-]?\d+(\.\d+)?$/.test(value) ? yes(holds(Number(value), Number(policy))) : "unknown";
const dates =
  (holds: (a: number, b: number) => boolean): Compare =>
  (policy, value) => {
    const time = (text: string) =>
      /^\d{5,}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(time(value)) ? "unknown" : yes(holds(time(value), time(policy)));
  };
const ipNumber = (ip: string) => ip.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
const inRange: Compare = (policy, value) => {
  const is4 = (text: string) => /^\d+\.\d+\.\d+\.\d+$/.test(text);
  const [base = "", prefix] = policy.split("/");
  if (!is4(value) && !value.includes(":")) return "unknown";
  if (is4(base) !== is4(value)) return "no match";
  if (is4(base)) {
    const size = 2 ** (32 - Number(prefix ?? 32));
    return yes(Math.floor(ipNumber(base) / size) === Math.floor(ipNumber(value) / size));
  }
  const groups = (text: string) => {
    const [head = "", tail] = text.split("::");
    const left = head.split(":").filter(Boolean);
    const right = (tail ?? "").split(":").filter(Boolean);
    return tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
  };
  const bits = (text: string) =>
    groups(text)
      .map((g) => Number.parseInt(g, 16).toString(2).padStart(16, "0"))
      .join("");
  if (bits(base) === bits(value)) return "match";
  const same = bits(base).slice(0, Number(prefix ?? 32)) === bits(value).slice(0, Number(prefix ?? 32));
  return same && prefix === undefined ? "unknown" : yes(same);
};

/** Operator name to how one value of the policy meets one of the request. A pattern comes for String and Arn operators. */
function compare(base: string, pattern: Pattern, requestValue: string): Answer {
  const policyValue = plain(pattern);
  switch (base) {
    case "StringEquals":
      return yes(policyValue === requestValue);
    case "StringEqualsIgnoreCase":
      return yes(policyValue.toLowerCase() === requestValue.toLowerCase());
    case "StringLike":
      return yes(glob(pattern, requestValue));
    case "ArnEquals":
    case "ArnLike":
      if (policyValue === "*" || bySixParts(pattern, requestValue)) return "match";
      if (beyondColons(pieces(pattern), requestValue.split(":"))) return "unknown";
      // AWS doesn't say whether it completes an incomplete ARN here.
      return pieces(pattern).length < 6 && resourceIs(patternOf(completion(policyValue), true), requestValue)
        ? "unknown"
        : "no match";
    case "NumericEquals":
      return numbers((a, b) => a === b)(policyValue, requestValue);
    case "NumericLessThan":
      return numbers((a, b) => a < b)(policyValue, requestValue);
    case "NumericLessThanEquals":
      return numbers((a, b) => a <= b)(policyValue, requestValue);
    case "NumericGreaterThan":
      return numbers((a, b) => a > b)(policyValue, requestValue);
    case "NumericGreaterThanEquals":
      return numbers((a, b) => a >= b)(policyValue, requestValue);
    case "DateEquals":
      return dates((a, b) => a === b)(policyValue, requestValue);
    case "DateLessThan":
      return dates((a, b) => a < b)(policyValue, requestValue);
    case "DateLessThanEquals":
      return dates((a, b) => a <= b)(policyValue, requestValue);
    case "DateGreaterThan":
      return dates((a, b) => a > b)(policyValue, requestValue);
    case "DateGreaterThanEquals":
      return dates((a, b) => a >= b)(policyValue, requestValue);
    case "Bool":
      return /^(true|false)$/i.test(requestValue)
        ? yes(policyValue.toLowerCase() === requestValue.toLowerCase())
        : "unknown";
    case "BinaryEquals":
      return yes(policyValue === requestValue);
    case "IpAddress":
      return inRange(policyValue, requestValue);
    default:
      throw new Error(`The naive evaluator does not know ${base}.`);
  }
}

const NEGATIVE: Record<string, string> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
};

function conditionAnswer(
  operator: string,
  key: string,
  values: string[],
  version: string | undefined,
  request: NaiveRequest,
): Answer {
  const set = /^(ForAllValues|ForAnyValue):/.exec(operator)?.[1];
  const ifExists = operator.endsWith("IfExists");
  const name = operator.replace(/^\w+:/, "").replace(/IfExists$/, "");
  const found = request.context[key.toLowerCase()];
  if (name === "Null") {
    if (new Set(values).size === 2) return "match";
    if (request.present?.has(key.toLowerCase())) return yes(values.includes("false"));
    if (found === undefined) return "unknown";
    if (found?.length && found.every((value) => value === "")) return "unknown";
    return yes(values.includes(String(found === null || found.length === 0)));
  }
  if (found === undefined) return "unknown";
  const base = NEGATIVE[name] ?? name;
  const isNegative = base !== name;
  if (found === null || found.length === 0) {
    // "IfExists": "if the key is not present, evaluate the condition element as true". "Set operators": ForAnyValue is false.
    if (ifExists) return set === "ForAnyValue" ? "unknown" : "match";
    if (set === "ForAllValues") return "match";
    if (set === "ForAnyValue") return "no match";
    return isNegative ? "match" : "no match";
  }
  const supportsVariables = /^(String|Arn|Bool)/.test(base);
  const one = (requestValue: string): Answer => {
    const answers = values.map((value): Answer => {
      const pattern = substituted(value, supportsVariables ? version : undefined, /Like|Arn/.test(base), request);
      if (pattern === undefined) return "unknown";
      return pattern === null ? "no match" : compare(base, pattern, requestValue);
    });
    return isNegative ? not(or(answers)) : or(answers);
  };
  if (set !== undefined && found.every((value) => value === "")) return yes(set === "ForAllValues");
  if (set === "ForAllValues") return and(found.map(one));
  if (set === "ForAnyValue") return or(found.map(one));
  const answers = found.map(one);
  return answers.every((answer) => answer === answers[0]) ? (answers[0] ?? "unknown") : "unknown";
}

/** @param principal whether the statement is about the caller */
export function statementAnswer(
  statement: NaiveStatement,
  version: string | undefined,
  request: NaiveRequest,
  type = "identity",
  principal: Answer = "match",
): Answer {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const resource = resourceAnswer(list(Resource ?? NotResource ?? []), version, request, type);
  // A statement that AWS may reject is never sure to apply, and what it is about isn't known.
  return and([
    Action !== undefined
      ? actionAnswer(list(Action), request.action)
      : not(actionAnswer(list(NotAction ?? []), request.action)),
    resource === "rejected" ? "unknown" : Resource !== undefined ? resource : not(resource),
    principal,
    ...Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => conditionAnswer(operator, key, list(values), version, request)),
    ),
  ]);
}

/** One layer: policies, one of which must allow. `null`: not provided. */
export type NaiveLayer = NaiveDocument[] | null;

/**
 * "By default, all requests are implicitly denied. An explicit deny in any policy overrides any allows. Each of the
 * applicable kinds of policy must allow" (IAM User Guide, "Policy evaluation logic"), each level of SCPs for itself.
 */
export function naiveVerdict(layers: NaiveLayer[], request: NaiveRequest): "allowed" | "blocked" | "unknown" {
  const answers = (layer: NaiveLayer, effect: string): Answer =>
    or(
      (layer ?? []).flatMap(({ Version, Statement }) =>
        Statement.filter(({ Effect }) => Effect === effect).map((statement) =>
          statementAnswer(statement, Version, request),
        ),
      ),
    );
  const denied = or(layers.map((layer) => answers(layer, "Deny")));
  const allowed = and(layers.map((layer): Answer => (layer === null ? "unknown" : answers(layer, "Allow"))));
  if (denied === "match" || allowed === "no match") return "blocked";
  return denied === "unknown" || allowed === "unknown" ? "unknown" : "allowed";
}
