import { type PolicyType, specifiesPrincipals } from "../../authorization.js";
import { type DocumentFindingCode, pathTo } from "./document-finding.js";
import { type Template, templateOf } from "./template.js";
import { arnFields, completedArn } from "./wildcard.js";

/** `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`. */
export interface Choice<T> {
  /** True for the `Not…` element. */
  not: boolean;
  /** As written in the policy. */
  texts: readonly string[];
  patterns: readonly T[];
  path: string;
}

/**
 * `Principal` or `NotPrincipal`: its AWS principals, and which other principals it contains that an IAM identity may
 * be.
 */
export interface PrincipalChoice extends Choice<string> {
  others: readonly ("Federated" | "CanonicalUser")[];
}

/** `Resource` or `NotResource`. */
export interface ResourceChoice extends Choice<Template> {
  /**
   * The patterns with fewer than six fields, completed with `*` for the missing ones. The outcome is known if both
   * interpretations agree.
   */
  completed?: ReadonlyMap<Template, Template>;
}

/** Reports a finding. Returns undefined in place of the invalid value. */
export type ReportFinding = (code: DocumentFindingCode, path: string, value?: unknown) => undefined;

/** Reports a finding about the current item of an element. */
type FoundHere = (code: DocumentFindingCode, value: string) => undefined;

/** Reads an element or its negation. It's an error if the statement has both, or neither. */
export function readChoice<T>(
  statement: Record<string, unknown>,
  element: string,
  path: string,
  found: ReportFinding,
  compile: (text: string, found: FoundHere) => T | undefined,
): Choice<T> | undefined {
  const not = Object.hasOwn(statement, `Not${element}`);
  if (not && Object.hasOwn(statement, element)) return found("conflicting-elements", `${path}.Not${element}`);
  const name = not ? `Not${element}` : element;
  const at = `${path}.${name}`;
  if (statement[name] === undefined) return found("missing-element", at);
  const texts = readTexts(statement[name], at, found);
  if (texts === undefined) return undefined;
  const patterns: T[] = [];
  let index = 0;
  // Lists are long, and most of their items are valid, so a path is made only for a finding.
  const foundHere: FoundHere = (code, value) =>
    found(code, Array.isArray(statement[name]) ? `${at}[${index}]` : at, value);
  for (; index < texts.length; index++) {
    const pattern = compile(texts[index] ?? "", foundHere);
    if (pattern !== undefined) patterns.push(pattern);
  }
  return patterns.length < texts.length ? undefined : { not, texts, patterns, path: at };
}

function readTexts(provided: unknown, path: string, found: ReportFinding): string[] | undefined {
  const list = Array.isArray(provided) ? provided : [provided];
  if (list.length === 0) return found("empty-list", path);
  const wrong = list.find((text) => typeof text !== "string");
  return wrong === undefined ? list : found("wrong-type", path, wrong);
}

export function readPrincipal(
  statement: Record<string, unknown>,
  path: string,
  found: ReportFinding,
  type: PolicyType,
): PrincipalChoice | undefined {
  const name = ["Principal", "NotPrincipal"].find((element) => Object.hasOwn(statement, element));
  if (!specifiesPrincipals(type))
    return name === undefined ? undefined : found("unsupported-element", `${path}.${name}`);
  if (name === undefined) return found("missing-element", `${path}.Principal`);
  if (name === "Principal" && Object.hasOwn(statement, "NotPrincipal")) return found("conflicting-elements", path);
  const at = `${path}.${name}`;
  const not = name === "NotPrincipal";
  // "Using it with Effect Allow isn't supported" (IAM User Guide, "AWS JSON policy elements: NotPrincipal").
  if (not && statement.Effect !== "Deny") return found("unsupported-element", at);
  const provided = statement[name];
  if (provided === "*") return { not, texts: ["*"], patterns: ["*"], others: [], path: at };
  if (typeof provided !== "object" || provided === null || Array.isArray(provided))
    return found("wrong-type", at, provided);
  const texts: string[] = [];
  const others: PrincipalChoice["others"][number][] = [];
  for (const [kind, ids] of Object.entries(provided)) {
    // A service principal never uses an IAM identity to call.
    if (!["AWS", "Service", "Federated", "CanonicalUser"].includes(kind))
      return found("unknown-element", pathTo(at, kind));
    const read = readTexts(ids, pathTo(at, kind), found);
    if (read === undefined) return undefined;
    if (kind === "AWS") texts.push(...read);
    if (kind === "Federated" || kind === "CanonicalUser") others.push(kind);
  }
  return { not, texts, patterns: texts, others, path: at };
}

/**
 * In an identity-based policy, AWS completes an ARN with fewer than six fields with `*`. AWS rejects a session policy
 * with such an ARN, and doesn't document what it does for other policy types. A `*` at the end of a field can also
 * stand for the missing fields (IAM User Guide, "IAM identifiers" and "IAM JSON policy elements: Resource"). In that
 * case, there are two interpretations.
 */
export function readResource(
  statement: Record<string, unknown>,
  path: string,
  found: ReportFinding,
  { type, variables }: { type: PolicyType; variables: boolean },
): ResourceChoice | undefined {
  let completed: Map<Template, Template> | undefined;
  const choice = readChoice(statement, "Resource", path, found, (text, foundHere) => {
    if (text === "*") return text;
    if (!/^(arn:|\*|\$\{)/.test(text)) return foundHere("invalid-resource", text);
    const read = (arn: string) => templateOf(arn, variables, true) ?? foundHere("unclosed-variable", text);
    if (!isIncomplete(text)) return read(text);
    const isOpen = arnFields(text).some((field) => field.endsWith("*")) && type !== "session-policy";
    if (!isOpen && type !== "identity-based-policy") return foundHere("incomplete-arn", text);
    const whole = read(completedArn(text));
    if (!isOpen || whole === undefined) return whole;
    const pattern = read(text);
    completed ??= new Map();
    if (pattern !== undefined) completed.set(pattern, whole);
    return pattern;
  });
  return choice && (completed ? { ...choice, completed } : choice);
}

/** Most ARNs have six fields, whatever their variables contain. */
const isIncomplete = (text: string) => text.startsWith("arn:") && arnFields(text).length < 6;
