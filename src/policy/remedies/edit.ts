/** One statement of an IAM policy or service control policy. */
export interface PolicyStatement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  /** Present only in resource-based policies, such as the policy of a VPC endpoint. */
  Principal?: string | { AWS: string | string[] };
  Action?: string | string[];
  NotAction?: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** One change to a policy document. It's typed so that it can be applied, evaluated again, and displayed. */
export type PolicyEdit =
  /** Adds resources to a statement's Resource. */
  | { edit: "add-resources"; statementIndex: number; resources: string[] }
  /** Adds resources to a statement's NotResource, so that the statement no longer applies to them. */
  | { edit: "add-not-resources"; statementIndex: number; resources: string[] }
  /** Adds principals to those that a Deny exempts, which are the values of a negated operator. */
  | { edit: "exempt-principals"; statementIndex: number; operator: string; key: string; principals: string[] }
  /** Adds Regions to those that a Deny approves, which are the values of a negated operator. */
  | { edit: "add-regions"; statementIndex: number; operator: string; key: string; regions: string[] }
  /** Removes Regions from those that a Deny denies, which are the values of an operator that isn't negated. */
  | { edit: "remove-regions"; statementIndex: number; operator: string; key: string; regions: string[] }
  /** Exempts calls through inference profiles that match this pattern from a Deny. */
  | { edit: "exempt-inference-profiles"; statementIndex: number; pattern: string }
  /** Removes actions from a Deny with NotAction, and denies them again in a separate statement with that exemption. */
  | { edit: "carve-out-and-re-deny"; statementIndex: number; actions: string[]; pattern: string }
  | { edit: "add-statements"; statements: PolicyStatement[] };

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatch = { op: "add" | "replace"; path: string; value: unknown } | { op: "remove"; path: string };

type Json = Record<string, unknown>;

const PROFILE_KEY = "bedrock:InferenceProfileArn";

/**
 * Applies an edit to a document that `parsePolicy` returned. The original document isn't changed.
 *
 * @returns undefined if the edit can't be applied to the document
 */
export function applyEdit(json: unknown, edit: PolicyEdit): unknown {
  const document = copyOf(json);
  const holder =
    Array.isArray(document) || !Object.hasOwn(document as Json, "Statement") ? undefined : (document as Json);
  const statements = holder === undefined ? document : holder.Statement;
  const list = (Array.isArray(statements) ? statements : [statements]) as Json[];
  if (edit.edit === "add-statements") for (const statement of copyOf(edit.statements) as Json[]) add(statement, list);
  else {
    const statement = list[edit.statementIndex];
    if (statement === undefined || !changed(statement, edit, list)) return undefined;
  }
  // A single statement that isn't in a list stays that way, unless the edit adds statements.
  const result = Array.isArray(statements) || list.length > 1 ? list : list[0];
  if (holder === undefined) return result;
  holder.Statement = result;
  return holder;
}

/** Sids are unique in a policy (IAM User Guide, "IAM JSON policy elements: Sid"). */
function add(statement: Json, list: Json[]): void {
  const taken = new Set(list.map(({ Sid }) => Sid));
  const { Sid: wanted } = statement;
  let sid = wanted;
  for (let number = 2; sid !== undefined && taken.has(sid); number++) sid = `${wanted}${number}`;
  list.push(sid === undefined ? statement : { ...statement, Sid: sid });
}

function changed(statement: Json, edit: Exclude<PolicyEdit, { edit: "add-statements" }>, list: Json[]): boolean {
  switch (edit.edit) {
    case "add-resources":
    case "add-not-resources": {
      const element = edit.edit === "add-resources" ? "Resource" : "NotResource";
      if (statement[element] === undefined) return false;
      statement[element] = joined(statement[element], edit.resources);
      return true;
    }
    case "add-regions":
      return changeValues(statement, edit, (values) => joined(values, edit.regions));
    case "exempt-principals":
      return changeValues(statement, edit, (values) => joined(values, edit.principals));
    case "remove-regions":
      return changeValues(statement, edit, (values) => {
        const left = listed(values).filter((value) => !edit.regions.includes(value));
        // An empty list would deny nothing.
        return left.length === 0 ? undefined : left.length === listed(values).length ? values : left;
      });
    case "exempt-inference-profiles":
      exempt(statement, edit.pattern);
      return true;
    case "carve-out-and-re-deny": {
      if (statement.NotAction === undefined) return false;
      const { NotAction, Sid, ...rest } = statement;
      const again: Json = {
        Sid: "DenyBedrockInvokeOutsideApprovedRegions",
        ...(copyOf(rest) as Json),
        Action: [...edit.actions],
      };
      exempt(again, edit.pattern);
      statement.NotAction = joined(NotAction, edit.actions);
      add(again, list);
      return true;
    }
  }
}

function changeValues(
  { Condition }: Json,
  { operator, key }: { operator: string; key: string },
  change: (values: unknown) => unknown,
): boolean {
  const keys = (Condition as Record<string, Json> | undefined)?.[operator];
  const values = keys?.[key] === undefined ? undefined : change(keys[key]);
  if (keys === undefined || values === undefined) return false;
  keys[key] = values;
  return true;
}

/**
 * A Deny applies only if every condition matches. An additional condition that doesn't match these profiles exempts
 * them.
 */
function exempt(statement: Json, pattern: string): void {
  const condition = (statement.Condition ?? {}) as Record<string, Json>;
  const keys = condition.ArnNotLike ?? {};
  const key = Object.keys(keys).find((name) => name.toLowerCase() === PROFILE_KEY.toLowerCase()) ?? PROFILE_KEY;
  condition.ArnNotLike = { ...keys, [key]: keys[key] === undefined ? pattern : joined(keys[key], [pattern]) };
  statement.Condition = condition;
}

/** Copies through JSON. If two statements share an object in memory, only one of them is then changed. */
const copyOf = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

const listed = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
/** Returns the value unchanged if it already contains all of the new values. */
const joined = (value: unknown, more: readonly string[]): unknown => {
  const values = listed(value);
  const missing = [...new Set(more)].filter((each) => !values.includes(each));
  return missing.length === 0 ? value : [...values, ...missing];
};

/** Returns the differences between two JSON documents as a JSON Patch (RFC 6902). */
export function diffJson(before: unknown, after: unknown, path = ""): JsonPatch[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key): JsonPatch[] => {
      const at = `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (!Object.hasOwn(after, key)) return [{ op: "remove", path: at }];
      if (!Object.hasOwn(before, key)) return [{ op: "add", path: at, value: after[key] }];
      return diffJson(before[key], after[key], at);
    });
  }
  return [{ op: "replace", path, value: after }];
}

/**
 * Compares two lists by their longest common subsequence. Items that are in both lists aren't changed. An item that was
 * replaced in its place is compared further. All other items are removed or added.
 */
function diffLists(before: unknown[], after: unknown[], path: string): JsonPatch[] {
  const patches: JsonPatch[] = [];
  let at = 0;
  for (const { removed, added, kept } of gapsIn(before, after)) {
    const inPlace = Math.min(removed.length, added.length);
    for (let index = 0; index < inPlace; index++)
      patches.push(...diffJson(removed[index], added[index], `${path}/${at + index}`));
    at += inPlace;
    for (let extra = removed.length - 1; extra >= inPlace; extra--)
      patches.push({ op: "remove", path: `${path}/${at + extra - inPlace}` });
    for (const value of added.slice(inPlace)) {
      patches.push({ op: "add", path: kept === 0 ? `${path}/-` : `${path}/${at}`, value });
      at += 1;
    }
    at += kept;
  }
  return patches;
}

/**
 * Returns the items between those that both lists have, and how many shared items follow. No shared items follow the
 * last gap.
 */
function gapsIn(before: unknown[], after: unknown[]): { removed: unknown[]; added: unknown[]; kept: number }[] {
  const [old, now] = [before, after].map((items) => items.map((item) => JSON.stringify(item))) as [string[], string[]];
  // The common beginning and end don't need a table. They are nearly all of a policy.
  let begin = 0;
  while (begin < old.length && begin < now.length && old[begin] === now[begin]) begin++;
  let end = 0;
  while (end < old.length - begin && end < now.length - begin && old.at(-1 - end) === now.at(-1 - end)) end++;
  const [rows, columns] = [old.length - end - begin, now.length - end - begin];
  const table = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  const common = (row: number, column: number) => table[row]?.[column] ?? 0;
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const isSame = old[begin + row] === now[begin + column];
      const longest = isSame
        ? common(row + 1, column + 1) + 1
        : Math.max(common(row + 1, column), common(row, column + 1));
      (table[row] as Uint16Array)[column] = longest;
    }
  }
  const gaps = [{ removed: [] as unknown[], added: [] as unknown[], kept: begin }];
  let gap = { removed: [] as unknown[], added: [] as unknown[], kept: 0 };
  for (let row = 0, column = 0; row < rows || column < columns; ) {
    const isSame = row < rows && column < columns && old[begin + row] === now[begin + column];
    if (isSame) {
      gaps.push({ ...gap, kept: 1 });
      gap = { removed: [], added: [], kept: 0 };
      row++;
      column++;
    } else if (column >= columns || (row < rows && common(row + 1, column) >= common(row, column + 1))) {
      gap.removed.push(before[begin + row++]);
    } else gap.added.push(after[begin + column++]);
  }
  return [...gaps, { ...gap, kept: end }];
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
