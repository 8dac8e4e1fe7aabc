import type { RequestContext } from "./context.js";
import type { Layer } from "./layers.js";
import { globMatches } from "./wildcard.js";

/** The context key that holds the ARN of the role, with its path. */
export const PRINCIPAL_ARN = "aws:principalarn";

/** A path that no policy asks for. */
const SOME_PATH = "some/path/";

/** The longest path that IAM takes (IAM API Reference, "Role"). */
const LONGEST_PATH = 512;

/** More pairs of folders than any policy that AWS takes means to tell apart. */
const MOST_PAIRS = 2_000;

/**
 * The ARNs that a role may have whose path is not known, as far as these policies tell them apart: from the ARN without
 * a path, and from each other. A glob such as `role/admin/*` or `role/OrgAdmin*` matches some paths and not others.
 *
 * @param before what every one of them begins with: `arn:aws:iam::111122223333:role/`
 * @param context the request's other keys
 */
export function possibleRoleArns(
  layers: readonly Layer[],
  before: string,
  roleName: string,
  context: RequestContext,
): string[] {
  const asking = layers
    .flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements))
    .map((statement) => ({
      conditions: statement.conditions.filter(({ key }) => key.toLowerCase() === PRINCIPAL_ARN),
      principals: statement.principal?.texts.includes("*") ? [] : (statement.principal?.texts ?? []),
    }));
  const conditions = asking.flatMap((statement) => statement.conditions);
  const principals = asking.flatMap((statement) => statement.principals);
  if (conditions.length === 0 && principals.length === 0) return [];

  /** How the policies meet one ARN; what they do with it for reasons not known here is told apart from all others. */
  const toldAs = (arn: string) => {
    const get = (key: string) => (key === PRINCIPAL_ARN ? [arn] : context.get(key));
    const outcomes = conditions.map((condition) => condition.evaluate({ get }));
    return [...outcomes.map((outcome) => (outcome === "unknown" ? arn : outcome)), principals.indexOf(arn)].join(" ");
  };
  const told = new Map([[toldAs(before + roleName), ""]]);
  const add = (path: string) => {
    const arn = before + path + roleName;
    const as = toldAs(arn);
    if (!told.has(as)) told.set(as, arn);
  };
  const pathsOf = (patterns: readonly string[]) => [
    ...new Set(patterns.flatMap((pattern) => [...pathsIn(withoutVariables(pattern), before)])),
  ];
  add(SOME_PATH);
  pathsOf(principals).forEach(add);
  for (const statement of asking) {
    const paths = statement.conditions.map(({ values }) => pathsOf(values));
    for (const some of paths) some.forEach(add);
    // A statement with several conditions needs a path that meets all of them: one folder inside another's.
    const pairs = paths.flatMap((some, at) =>
      paths.flatMap((others, beside) =>
        at === beside ? [] : some.flatMap((path) => others.map((other) => path + other)),
      ),
    );
    pairs.slice(0, MOST_PAIRS).forEach(add);
  }
  return [...told.values()].slice(1);
}

/** A variable may be anything. */
const withoutVariables = (value: string) => value.replace(/\$\{[^}]*\}/g, "*");

/**
 * Paths of which one makes the pattern match, if any does: where `before` ends inside the pattern a path follows, and
 * ends at a slash or in a wildcard.
 */
function pathsIn(pattern: string, before: string): ReadonlySet<string> {
  const paths = new Set<string>();
  const glob = pattern.replace(/\*+/g, "*");
  for (let from = 0; from <= glob.length; from++) {
    // A star goes on: what comes after `before` may still be part of it.
    const head = glob[from] === "*" ? glob.slice(0, from + 1) : glob.slice(0, from);
    if (!globMatches(head, before)) continue;
    for (let to = from; to < glob.length && to - from <= 2 * LONGEST_PATH; to++) {
      const sign = glob[to];
      if (sign !== "/" && sign !== "*" && sign !== "?") continue;
      const path = glob.slice(from, to).replaceAll("*", "").replaceAll("?", "x");
      paths.add(`${path || "x"}/`);
    }
  }
  return paths;
}
