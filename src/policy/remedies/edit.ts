import { PROFILE_KEY, PROFILE_KEY_NAME } from "../../authorization.js";

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

type Json = Record<string, unknown>;

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
      statement[element] = joinedValues(statement[element], edit.resources);
      return true;
    }
    case "add-regions":
      return changeValues(statement, edit, (values) => joinedValues(values, edit.regions));
    case "exempt-principals":
      return changeValues(statement, edit, (values) => joinedValues(values, edit.principals));
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
      statement.NotAction = joinedValues(NotAction, edit.actions);
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
  const key = Object.keys(keys).find((name) => name.toLowerCase() === PROFILE_KEY) ?? PROFILE_KEY_NAME;
  condition.ArnNotLike = { ...keys, [key]: keys[key] === undefined ? pattern : joinedValues(keys[key], [pattern]) };
  statement.Condition = condition;
}

/** Copies through JSON. If two statements share an object in memory, only one of them is then changed. */
const copyOf = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

const listed = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
/** Returns the value unchanged if it already contains all of the new values. */
const joinedValues = (value: unknown, more: readonly string[]): unknown => {
  const values = listed(value);
  const missing = [...new Set(more)].filter((each) => !values.includes(each));
  return missing.length === 0 ? value : [...values, ...missing];
};
