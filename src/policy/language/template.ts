import { asciiLower } from "../../ascii.js";
import type { RequestContext } from "./context.js";
import { literal } from "./wildcard.js";

/** A policy variable: a context key, and the default that is used if the key has no value. */
export interface Variable {
  /** In lower case. */
  key: string;
  /** As written in the policy. */
  name: string;
  byDefault: string | undefined;
}

/** A text of a policy that can contain variables. */
export type Template = string | readonly (string | Variable)[];

/** A template without variables is a plain string. */
const BEGIN = "${";

/**
 * Parses the variables in a text: `${key}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for the characters
 * themselves (IAM User Guide, "IAM policy elements: Variables and tags"). Only Version 2012-10-17 supports variables.
 *
 * @param wildcards true if `*` and `?` in the text itself are wildcards
 * @returns undefined if a variable isn't closed or has no name
 */
export function templateOf(text: string, variables: boolean, wildcards: boolean): Template | undefined {
  if (!variables || !text.includes(BEGIN)) return text;
  const parts: (string | Variable)[] = [];
  let from = 0;
  for (let open = text.indexOf(BEGIN); open >= 0; open = text.indexOf(BEGIN, from)) {
    const close = text.indexOf("}", open);
    const variable = close < 0 ? undefined : variableIn(text.slice(open + BEGIN.length, close));
    if (variable === undefined) return undefined;
    const itself = typeof variable === "string" && wildcards ? literal(variable) : variable;
    parts.push(text.slice(from, open), itself);
    from = close + 1;
  }
  parts.push(text.slice(from));
  return parts.every((part) => typeof part === "string") ? parts.join("") : parts;
}

function variableIn(inside: string): string | Variable | undefined {
  if (inside === "*" || inside === "?" || inside === "$") return inside;
  const comma = inside.indexOf(",");
  const name = (comma < 0 ? inside : inside.slice(0, comma)).trim();
  const key = asciiLower(name);
  if (key === "" || /\s/.test(key)) return undefined;
  if (comma < 0) return { key, name, byDefault: undefined };
  const byDefault = /^\s*'([^']*)'\s*$/.exec(inside.slice(comma + 1))?.[1];
  return byDefault === undefined ? undefined : { key, name, byDefault };
}

const NO_VARIABLES: readonly Variable[] = [];

export const variablesIn = (template: Template): readonly Variable[] =>
  typeof template === "string" ? NO_VARIABLES : template.filter((part) => typeof part !== "string");

/**
 * Replaces the variables with the request's values. Returns `null` if a variable has no value, so that the text isn't
 * equal to anything and matches nothing (same page, "Policy variables with no value"). Returns `undefined` if a value
 * is unknown or isn't a single value, or if it contains a wildcard. AWS doesn't document whether such a character
 * counts as a wildcard.
 */
export function expanded(template: Template, context: RequestContext): string | null | undefined {
  if (typeof template === "string") return template;
  let text = "";
  let missing = false;
  for (const part of template) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = context.get(part.key);
    if (value === undefined || "oneOf" in (value ?? [])) return undefined;
    const [only, ...more] = (value ?? []) as readonly string[];
    if (only === undefined && part.byDefault === undefined) missing = true;
    else if (more.length > 0 || /[*?]/.test(only ?? part.byDefault ?? "")) return undefined;
    else text += only ?? part.byDefault;
  }
  return missing ? null : text;
}
