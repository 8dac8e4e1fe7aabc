import { PRINCIPAL_ARN } from "../../authorization.js";
import { type Condition, compileCondition, readOperator } from "../language/condition/condition.js";
import type { RequestContext } from "../language/context.js";
import type { Statement } from "../language/document.js";
import { type Template, type Variable, variablesIn } from "../language/template.js";
import type { PolicyLayer } from "./layers.js";

/** The ARNs that a role may have, as far as the policies distinguish them. */
export interface PossibleRoles {
  arns: string[];
  /** False if there may be more ARNs. Results that depend on the role's path are then unknown. */
  complete: boolean;
}

/** A path that no policy contains. */
const SOME_PATH = "some/path/";

/** The longest path that IAM allows (IAM API Reference, "Role"). */
const LONGEST_PATH = 512;

/** How many characters of patterns are compared before the search ends. This takes a few milliseconds. */
const MOST_COMPARISONS = 100_000;

/**
 * How many characters of patterns are read for the search. This is more than an organization's policies contain for
 * their roles.
 */
const MOST_READ = 40_000;

/** The additional cost of one comparison, in characters. */
const COMPARISON = 20;

/** The maximum number of ARNs. The legs are evaluated for each of them. */
const MOST_ARNS = 32;

const NONE: PossibleRoles = { arns: [], complete: true };

/**
 * Returns the ARNs that a role may have if its path is unknown, as far as these policies distinguish them from the ARN
 * without a path and from each other. For example, a pattern such as `role/admin/*` or `role/OrgAdmin*` matches some
 * paths and not others. Takes a few milliseconds at most, whatever the policies contain.
 *
 * @param before the beginning of all these ARNs: `arn:aws:iam::111122223333:role/`
 * @param context the request's other keys
 */
export function possibleRoleArns(
  layers: readonly PolicyLayer[],
  before: string,
  roleName: string,
  context: RequestContext,
): PossibleRoles {
  const asking = new PathSearch(before, roleName);
  for (const { type, policies } of layers) {
    if (type === "resource-control-policy") continue;
    for (const { document } of policies) for (const statement of document.statements) asking.add(statement);
  }
  if (asking.isOpen) return { arns: [], complete: false };
  if (asking.conditions.length === 0 && asking.principals.size === 0) return NONE;
  return distinguishedBy(asking, before, roleName, context);
}

function distinguishedBy(asking: PathSearch, before: string, roleName: string, context: RequestContext): PossibleRoles {
  const { conditions, principals, groups } = asking;
  const values = conditions.flatMap((condition) => condition.values);
  const cost = values.reduce((sum, { length }) => sum + COMPARISON + length, COMPARISON);
  // One ARN for each different result of the policies.
  const arns = new Map([[outcomesFor(before + roleName, asking, context), ""]]);
  const result = (complete: boolean) => ({ arns: [...arns.values()].slice(1), complete });
  const seen = new Set<string>();
  let left = MOST_COMPARISONS;
  for (const path of pathsFrom(principals.keys(), groups, before, roleName)) {
    const isNew = !seen.has(path);
    left -= isNew ? cost : COMPARISON;
    if (left < 0 || (isNew && arns.size > MOST_ARNS)) return result(false);
    if (!isNew) continue;
    seen.add(path);
    const arn = before + path + roleName;
    const outcomes = outcomesFor(arn, asking, context);
    if (!arns.has(outcomes)) arns.set(outcomes, arn);
  }
  return result(true);
}

/**
 * Returns the results of the policies for one ARN, as a text. If a result is unknown here, the ARN is treated as
 * different from all others.
 */
function outcomesFor(arn: string, { conditions, principals }: PathSearch, context: RequestContext): string {
  const get = (key: string) => (key === PRINCIPAL_ARN ? [arn] : context.get(key));
  const outcomes = conditions.map((condition) => condition.evaluate({ get }));
  return [...outcomes.map((outcome) => (outcome === "unknown" ? arn : outcome)), principals.get(arn) ?? -1].join(" ");
}

/**
 * The parts of policies whose result can depend on a role's path. Parts that can't match the role at all are left out.
 */
class PathSearch {
  readonly conditions: Condition[] = [];
  readonly principals = new Map<string, number>();
  /** The conditions of each statement that has conditions. */
  readonly groups: Condition[][] = [];
  /** True if the result depends on the path in ways that this search doesn't follow. */
  isOpen = false;
  #read = 0;
  readonly #known = new Map<string, Condition | undefined>();
  readonly #before: string;
  readonly #roleName: string;

  constructor(before: string, roleName: string) {
    this.#before = before;
    this.#roleName = roleName;
  }

  add({ conditions, principal, resource }: Statement): void {
    if (resource?.patterns.some(isOfRole) || conditions.some(({ variables }) => variables.some(namesRole)))
      this.isOpen = true;
    for (const arn of principal?.texts ?? []) {
      const isRole = arn.startsWith(this.#before) && arn.endsWith(this.#roleName);
      if (isRole && !this.principals.has(arn)) this.principals.set(arn, this.principals.size);
    }
    const group: Condition[] = [];
    for (const condition of conditions) {
      if (condition.key.toLowerCase() !== PRINCIPAL_ARN) continue;
      const relevant = this.#relevant(condition);
      if (relevant !== undefined && !group.includes(relevant)) group.push(relevant);
    }
    if (group.length === 0) return;
    // Three conditions may require a path that no combination of two of them contains.
    if (group.length > 2) this.isOpen = true;
    const [one, other] = group;
    const isKnown = this.groups.some((known) => known[0] === one && known[1] === other);
    if (!isKnown) this.groups.push(group);
  }

  /**
   * Returns the condition with only the values that can match the role, or undefined if none can. Policies repeat their
   * conditions.
   */
  #relevant(condition: Condition): Condition | undefined {
    const { operator, values, path, key } = condition;
    const id = `${operator}\n${values.join("\n")}`;
    if (this.#known.has(id)) return this.#known.get(id);
    this.#read += id.length;
    if (this.#read > MOST_READ) this.isOpen = true;
    if (this.isOpen) return undefined;
    const { base } = readOperator(operator);
    const isText = base.startsWith("String") || base.startsWith("Arn");
    const left = isText ? values.filter((value) => canMatchPath(value, base, this.#before, this.#roleName)) : [];
    const hasVariables = values.some((value) => value.includes("${"));
    const narrowed = hasVariables ? condition : compileCondition(operator, key, left, path, false);
    const relevant = left.length === 0 ? undefined : typeof narrowed === "string" ? condition : narrowed;
    this.#known.set(id, relevant);
    if (relevant) this.conditions.push(relevant);
    return relevant;
  }
}

/** Returns the paths that the policies may distinguish, one at a time, because there may be more than can be tested. */
function* pathsFrom(
  principals: Iterable<string>,
  groups: readonly Condition[][],
  before: string,
  roleName: string,
): Generator<string> {
  yield SOME_PATH;
  for (const arn of principals) yield arn.slice(before.length, arn.length - roleName.length);
  for (const group of groups) for (const condition of group) yield* pathsOf(condition, before);
  // A statement with two conditions requires a path that meets both, so one folder is put inside the other.
  for (const [one, other] of groups) {
    if (one === undefined || other === undefined) continue;
    for (const outer of pathsOf(one, before)) {
      for (const inner of pathsOf(other, before)) {
        yield outer + inner;
        yield inner + outer;
      }
    }
  }
}

function* pathsOf({ values }: Condition, before: string): Generator<string> {
  for (const value of values) yield* pathsIn(globOf(value), before);
}

const isOfRole = (pattern: Template) => typeof pattern !== "string" && variablesIn(pattern).some(namesRole);
const namesRole = ({ key }: Variable) => key === PRINCIPAL_ARN;

/** A variable can have any value. */
const globOf = (value: string) =>
  value.includes("${") || value.includes("**") ? value.replace(/\$\{[^}]*\}/g, "*").replace(/\*+/g, "*") : value;

/**
 * Returns paths such that, if any path makes the pattern match, at least one of these does. If `before` ends inside the
 * pattern, a path follows it, and ends at a slash or in a wildcard.
 */
function* pathsIn(glob: string, before: string): Generator<string> {
  for (const from of endsOf(before, glob)) {
    for (let to = from; to < glob.length && to - from <= 2 * LONGEST_PATH; to++) {
      const sign = glob[to];
      if (sign !== "/" && sign !== "*" && sign !== "?") continue;
      const path = glob.slice(from, to).replaceAll("*", "").replaceAll("?", "x");
      yield `${path || "x"}/`;
    }
  }
}

/**
 * Returns the positions inside a glob at which a text can end. After a star, the rest of the text can still be part of
 * the star.
 */
function endsOf(text: string, glob: string): number[] {
  let ends = glob[0] === "*" ? [0, 1] : [0];
  for (let at = 0; at < text.length && ends.length > 0; at++) {
    const next: number[] = [];
    for (const index of ends) {
      const sign = glob[index];
      if (sign !== "*" && sign !== "?" && sign !== text[at]) continue;
      const reached = sign === "*" ? index : index + 1;
      if (next.includes(reached)) continue;
      next.push(reached);
      if (glob[reached] === "*") next.push(reached + 1);
    }
    ends = next;
  }
  return ends;
}

/**
 * Returns false if a pattern matches the role with no path. Checks only the text before its first wildcard and after
 * its last.
 */
function canMatchPath(value: string, base: string, before: string, roleName: string): boolean {
  const isCaseless = base.includes("IgnoreCase");
  const glob = globOf(isCaseless ? value.toLowerCase() : value);
  const [begin, name] = isCaseless ? [before.toLowerCase(), roleName.toLowerCase()] : [before, roleName];
  const first = glob.search(/[*?]/);
  const head = first < 0 ? glob : glob.slice(0, first);
  if (!begin.startsWith(head) && !head.startsWith(begin)) return false;
  const tail = glob.slice(Math.max(glob.lastIndexOf("*"), glob.lastIndexOf("?")) + 1);
  const slash = tail.lastIndexOf("/");
  if (slash < 0 ? !name.endsWith(tail) : tail.slice(slash + 1) !== name) return false;
  const longest = begin.length + LONGEST_PATH + name.length;
  return glob.length <= longest || glob.replaceAll("*", "").length <= longest;
}
