/** One statement of an IAM policy or service control policy. */
export interface PolicyStatement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  /** Only in policies that stand on a resource, such as a VPC endpoint's. */
  Principal?: string;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** One change of a policy document, typed, so that it can be applied, evaluated again and shown. */
export type PolicyEdit =
  /** Adds resources to a statement's Resource. */
  | { edit: "add-resources"; statementIndex: number; resources: string[] }
  /** Adds Regions to the approved ones of a Deny: the values of a negated operator. */
  | { edit: "add-regions"; statementIndex: number; operator: string; key: string; regions: string[] }
  /** Takes Regions out of the denied ones: the values of an operator that is not negated. */
  | { edit: "remove-regions"; statementIndex: number; operator: string; key: string; regions: string[] }
  /** Lets calls through inference profiles of this pattern past a Deny. */
  | { edit: "exempt-inference-profiles"; statementIndex: number; pattern: string }
  /** Takes actions out of a Deny with NotAction, and denies them again in a statement of their own with that exemption. */
  | { edit: "carve-out-and-re-deny"; statementIndex: number; actions: string[]; pattern: string }
  | { edit: "add-statements"; statements: PolicyStatement[] };

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatch = { op: "add" | "replace"; path: string; value: unknown } | { op: "remove"; path: string };

type Json = Record<string, unknown>;

const PROFILE_KEY = "bedrock:InferenceProfileArn";

/**
 * Applies an edit to a document as `parsePolicy` has read it. The document given is not changed.
 *
 * @returns undefined where the edit does not fit the document
 */
export function applyEdit(json: unknown, edit: PolicyEdit): unknown {
  const document = copyOf(json);
  const holder =
    Array.isArray(document) || !Object.hasOwn(document as Json, "Statement") ? undefined : (document as Json);
  const statements = holder === undefined ? document : holder.Statement;
  const list = (Array.isArray(statements) ? statements : [statements]) as Json[];
  if (edit.edit === "add-statements") list.push(...(copyOf(edit.statements) as Json[]));
  else {
    const statement = list[edit.statementIndex];
    if (statement === undefined || !changed(statement, edit, list)) return undefined;
  }
  // One statement in no list stays so, unless there are more now.
  const result = Array.isArray(statements) || list.length > 1 ? list : list[0];
  if (holder === undefined) return result;
  holder.Statement = result;
  return holder;
}

function changed(statement: Json, edit: Exclude<PolicyEdit, { edit: "add-statements" }>, list: Json[]): boolean {
  switch (edit.edit) {
    case "add-resources":
      if (statement.Resource === undefined) return false;
      statement.Resource = joined(statement.Resource, edit.resources);
      return true;
    case "add-regions":
    case "remove-regions": {
      const keys = (statement.Condition as Record<string, Json> | undefined)?.[edit.operator];
      if (keys?.[edit.key] === undefined) return false;
      const values = listed(keys[edit.key]);
      const left = values.filter((value) => !edit.regions.includes(value));
      if (edit.edit === "remove-regions" && left.length === 0) return false;
      keys[edit.key] = edit.edit === "add-regions" ? joined(values, edit.regions) : left;
      return true;
    }
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
      list.push(again);
      return true;
    }
  }
}

/** A Deny applies where every condition matches: one more, that does not match these profiles, spares them. */
function exempt(statement: Json, pattern: string): void {
  const condition = (statement.Condition ?? {}) as Record<string, Json>;
  const keys = condition.ArnNotLike ?? {};
  const key = Object.keys(keys).find((name) => name.toLowerCase() === PROFILE_KEY.toLowerCase()) ?? PROFILE_KEY;
  condition.ArnNotLike = { ...keys, [key]: keys[key] === undefined ? pattern : joined(keys[key], [pattern]) };
  statement.Condition = condition;
}

/** By JSON, so that what two statements share in memory is changed in one of them only. */
const copyOf = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

const listed = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
const joined = (value: unknown, more: readonly string[]): string[] => [...new Set([...listed(value), ...more])];

/** What changed between two JSON documents, as a JSON Patch (RFC 6902). */
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

/** Index by index; what is longer is added at the end, or removed from the end. */
function diffLists(before: unknown[], after: unknown[], path: string): JsonPatch[] {
  const common = Math.min(before.length, after.length);
  const patches = before.slice(0, common).flatMap((item, at) => diffJson(item, after[at], `${path}/${at}`));
  for (const value of after.slice(common)) patches.push({ op: "add", path: `${path}/-`, value });
  for (let at = before.length - 1; at >= common; at--) patches.push({ op: "remove", path: `${path}/${at}` });
  return patches;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
