import { UNSPECIFIED_REGION } from "../arn.js";
import type { PolicyType } from "../refusal/kinds.js";
import type { AuthorizationLeg } from "../resolve/legs.js";
import bedrock from "./bedrock-actions.data.json" with { type: "json" };
import { type Condition, isNegated, readOperator } from "./condition/condition.js";
import { type DocumentFinding, parsePolicy, type Statement } from "./document.js";
import { evaluateLeg } from "./evaluate.js";
import { callerOf } from "./request.js";
import { actionMatches, arnMatches, globMatches } from "./wildcard.js";

/** What can be wrong or risky in a policy for calls through inference profiles. */
export type LintCode =
  | "document-invalid"
  | "operation-is-no-action"
  | "unknown-action"
  | "streaming-action-missing"
  | "profile-arn-without-account"
  | "wrong-condition-key"
  | "profile-condition-on-profile"
  | "region-condition-on-destinations"
  | "deny-list-leaves-regions-open"
  | "unspecified-not-approved"
  | "exempts-all-of-bedrock"
  | "exempts-direct-calls"
  | "global-services-denied"
  | "exempts-any-profile"
  | "exemption-covers-models-only"
  | "exemption-matches-nothing"
  | "exemption-of-one-profile"
  | "application-profiles-not-exempt"
  | "application-profiles-denied"
  | "approved-models-deny-profiles"
  | "global-block-misses-application-profiles"
  | "leg-not-allowed";

/** `error`: it does not do what it says. `warning`: it opens or blocks more than it seems to. `info`: worth knowing. */
export type LintSeverity = "error" | "warning" | "info";

/** One finding, as data. */
export interface BareLintFinding {
  code: LintCode;
  severity: LintSeverity;
  /** JSON path in the document. */
  path: string;
  statementIndex?: number;
  sid?: string;
  /** What stands there, or what is meant by it. */
  values: string[];
  /** Of a document that AWS would not take. */
  problem?: DocumentFinding["code"];
}

/** Every IAM action of Bedrock, in lower case; read with the first question. */
let actions: readonly string[] | undefined;
function knownActions(): readonly string[] {
  actions ??= bedrock.actions.split(" ").map((name) => `bedrock:${name}`.toLowerCase());
  return actions;
}

const INVOKE = ["bedrock:invokemodel", "bedrock:invokemodelwithresponsestream"] as const;

/** Names that stand in advice and in AWS's own pages, and are no IAM actions (Service Authorization Reference, "Amazon Bedrock"). */
const OPERATIONS: ReadonlySet<string> = new Set(
  "converse conversestream startasyncinvoke invokemodelwithbidirectionalstream useinferenceprofile"
    .split(" ")
    .map((name) => `bedrock:${name}`),
);

const REGION_KEY = "aws:requestedregion";
const PROFILE_KEY = "bedrock:inferenceprofilearn";
const MODEL_ARN = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v1:0";
const profileArn = (geography: string) =>
  `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${geography}.anthropic.claude-v1:0`;
const APPLICATION_ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6";

/** What a lint is asked besides the document. */
export interface LintOptions {
  /** @default "identity-based-policy"; a policy that denies by Region is read the same as either kind */
  type?: PolicyType;
  /** A call's legs: an Allow that covers some of them and misses others is a finding then. */
  legs?: readonly AuthorizationLeg[];
}

/**
 * Looks a policy through for what fails or surprises with inference profiles.
 *
 * @throws TypeError where it is no policy document at all
 */
export function lintDocument(
  document: unknown,
  { type = "identity-based-policy", legs = [] }: LintOptions,
): BareLintFinding[] {
  const policy = parsePolicy(document, type);
  const findings: BareLintFinding[] = policy.findings.map(({ code, path, value }) => ({
    code: "document-invalid",
    severity: "error",
    path,
    values: value === undefined ? [] : [value],
    problem: code,
  }));
  for (const statement of policy.statements) {
    const place = { statementIndex: statement.index, ...(statement.sid === undefined ? {} : { sid: statement.sid }) };
    const found = RULES.flatMap((rule) => rule(statement));
    findings.push(...found.map(({ code, severity, path, values }) => ({ code, severity, path, ...place, values })));
  }
  findings.push(...streamingMissing(policy.statements), ...legsMissed(policy, type, legs));
  return findings;
}

type Found = Pick<BareLintFinding, "code" | "severity" | "path" | "values">;
type Rule = (statement: Statement) => Found[];

const found = (code: LintCode, severity: LintSeverity, path: string, values: readonly string[] = []): Found[] => [
  { code, severity, path, values: [...values] },
];

const conditionsOn = ({ conditions }: Statement, key: string): Condition[] =>
  conditions.filter((condition) => condition.key.toLowerCase() === key);

/** Whether an action of Bedrock's is one that the statement is about. */
const covers = ({ action }: Statement, name: string): boolean =>
  action !== undefined && action.patterns.some((glob) => actionMatches(glob, name)) !== action.not;

const coversInvoke = (statement: Statement) => INVOKE.some((name) => covers(statement, name));

const resourceMatches = ({ resource }: Statement, arn: string): boolean =>
  resource !== undefined && resource.texts.some((text) => arnMatches(text, arn)) !== resource.not;

const unknownActions: Rule = ({ action }) => {
  if (action === undefined) return [];
  return action.patterns.flatMap((glob, at): Found[] => {
    if (!glob.startsWith("bedrock:")) return [];
    const text = action.texts[at] ?? glob;
    if (OPERATIONS.has(glob)) return found("operation-is-no-action", "error", action.path, [text]);
    return knownActions().some((name) => globMatches(glob, name))
      ? []
      : found("unknown-action", "warning", action.path, [text]);
  });
};

/** A profile's ARN holds the caller's account, also a system-defined one's (Service Authorization Reference, "Amazon Bedrock"). */
const profileWithoutAccount: Rule = (statement) => {
  const isWrong = (text: string) => /^arn:[^:]*:bedrock:[^:]*::(application-)?inference-profile\//.test(text);
  const inResource = statement.resource?.texts.filter(isWrong) ?? [];
  const inConditions = conditionsOn(statement, PROFILE_KEY).flatMap((condition) => {
    const wrong = condition.values.filter(isWrong);
    return wrong.length > 0 ? found("profile-arn-without-account", "error", condition.path, wrong) : [];
  });
  return inResource.length > 0
    ? [
        ...found("profile-arn-without-account", "error", statement.resource?.path ?? statement.path, inResource),
        ...inConditions,
      ]
    : inConditions;
};

const wrongKey: Rule = (statement) =>
  conditionsOn(statement, "aws:inferenceprofilearn").flatMap(({ path, key }) =>
    found("wrong-condition-key", "error", path, [key]),
  );

/** The key is absent when the profile itself is evaluated: what wants it there never matches. */
const conditionOnProfile: Rule = (statement) => {
  if (statement.effect !== "Allow" || !coversInvoke(statement)) return [];
  const aboutProfiles =
    resourceMatches(statement, profileArn("us")) || (statement.resource?.texts ?? []).some(isProfileText);
  if (!aboutProfiles) return [];
  return conditionsOn(statement, PROFILE_KEY).flatMap((condition) =>
    wantsKey(condition) ? found("profile-condition-on-profile", "error", condition.path, condition.values) : [],
  );
};

const isProfileText = (text: string) => text.includes("inference-profile/");

/** Whether a condition cannot match where its key is absent. */
const wantsKey = (condition: Condition) => condition.evaluate({ get: () => null }) === "no match";

/** One Region in an Allow of models, where destinations have Regions of their own. */
const regionOnDestinations: Rule = (statement) => {
  if (statement.effect !== "Allow" || !coversInvoke(statement)) return [];
  const { resource } = statement;
  const several =
    resource?.texts.some((text) => text === "*" || /:bedrock:[^:]*\*[^:]*:/.test(text)) ||
    (resource?.texts.length ?? 0) > 1;
  if (!several || !resourceMatches(statement, MODEL_ARN)) return [];
  return conditionsOn(statement, REGION_KEY).flatMap((condition) =>
    !isNegated(condition.operator) && condition.values.length === 1
      ? found("region-condition-on-destinations", "warning", condition.path, condition.values)
      : [],
  );
};

const regionDenies: Rule = (statement) => {
  if (statement.effect !== "Deny") return [];
  return conditionsOn(statement, REGION_KEY).flatMap((condition): Found[] => {
    const { path, values } = condition;
    if (!readOperator(condition.operator).base.startsWith("String")) return [];
    if (!isNegated(condition.operator)) {
      const open = values.includes(UNSPECIFIED_REGION) ? [] : [UNSPECIFIED_REGION];
      const isGlobalBlock = values.length === 1 && values[0] === UNSPECIFIED_REGION;
      return isGlobalBlock ? [] : found("deny-list-leaves-regions-open", "warning", path, open);
    }
    const spares = conditionsOn(statement, PROFILE_KEY).some((exemption) => exempts(exemption, profileArn("global")));
    const opensGlobal = values.some((value) => globMatches(value, UNSPECIFIED_REGION)) || spares;
    return coversInvoke(statement) && !opensGlobal ? found("unspecified-not-approved", "info", path, values) : [];
  });
};

/** What a Deny with NotAction lets through in the Regions that it denies. */
const notActionExemptions: Rule = (statement) => {
  const { action, effect } = statement;
  const regions = conditionsOn(statement, REGION_KEY);
  if (effect !== "Deny" || !action?.not || regions.length === 0) return [];
  const result: Found[] = [];
  const all = action.patterns.filter(
    (glob) => actionMatches(glob, "bedrock:createagent") && actionMatches(glob, INVOKE[0]),
  );
  if (all.length > 0) result.push(...found("exempts-all-of-bedrock", "warning", action.path, all));
  else {
    const wide = action.texts.filter((text) => /^bedrock:invoke\*$/i.test(text));
    if (wide.length > 0) result.push(...found("exempts-direct-calls", "warning", action.path, wide));
  }
  const denied = regions.filter(({ operator, values }) => !isNegated(operator) && values.includes("us-east-1"));
  const sparesGlobal = action.patterns.some((glob) => actionMatches(glob, "iam:createrole"));
  if (denied.length > 0 && !sparesGlobal)
    result.push(...found("global-services-denied", "warning", action.path, ["iam", "sts", "organizations"]));
  return result;
};

/** Whether a condition of a Deny does not match, so that the call passes, for a profile. */
const exempts = (condition: Condition, arn: string) =>
  condition.evaluate({ get: (key) => (key === PROFILE_KEY ? [arn] : undefined) }) === "no match";

/** Exemptions of inference profiles in a Deny: whom they spare, and whom not. */
const exemptions: Rule = (statement) => {
  if (statement.effect !== "Deny" || !coversInvoke(statement)) return [];
  const onProfiles = conditionsOn(statement, PROFILE_KEY);
  const result: Found[] = [];
  for (const condition of onProfiles) {
    const { path, values, operator } = condition;
    const isNull = readOperator(operator).base === "Null";
    if (isNull && values.includes("false")) continue;
    if (!isNull && !isNegated(operator)) continue;
    const sparesAny =
      exempts(condition, profileArn("global")) &&
      exempts(condition, profileArn("us")) &&
      exempts(condition, profileArn("eu"));
    if (sparesAny) result.push(...found("exempts-any-profile", "warning", path, values));
    const isOnModels = !resourceMatches(statement, profileArn("us")) && resourceMatches(statement, MODEL_ARN);
    if (isOnModels)
      result.push(
        ...found(
          "exemption-covers-models-only",
          "warning",
          statement.resource?.path ?? path,
          statement.resource?.texts,
        ),
      );
    if (isNull || sparesAny) continue;
    const dead = values.filter(
      (value) => /inference-profile\/[a-z-]+\.?$/.test(value) && !value.includes("application-"),
    );
    if (dead.length > 0) result.push(...found("exemption-matches-nothing", "error", path, dead));
    const single = values.filter((value) => /inference-profile\/[^*?]+\.[^*?]+$/.test(value));
    if (single.length > 0) result.push(...found("exemption-of-one-profile", "info", path, single));
    const mustExist = onProfiles.some(
      (other) => readOperator(other.operator).base === "Null" && other.values.includes("false"),
    );
    const isNamed = values.some((value) => value.includes(":application-inference-profile/"));
    if (!isNamed && !exempts(condition, APPLICATION_ARN)) {
      result.push(
        ...found(
          mustExist ? "application-profiles-denied" : "application-profiles-not-exempt",
          mustExist ? "warning" : "info",
          path,
          values,
        ),
      );
    }
  }
  return result;
};

/** An approved-models list by NotResource denies what is no model: the profile as well. */
const approvedModels: Rule = (statement) => {
  const { effect, resource } = statement;
  if (effect !== "Deny" || !resource?.not || !coversInvoke(statement)) return [];
  const modelsOnly = resource.texts.every((text) => text.includes(":foundation-model/"));
  return modelsOnly ? found("approved-models-deny-profiles", "error", resource.path, resource.texts) : [];
};

/** A block of global profiles by their names: an application inference profile copied from one has another name. */
const globalBlock: Rule = (statement) => {
  if (statement.effect !== "Deny" || !coversInvoke(statement)) return [];
  return conditionsOn(statement, PROFILE_KEY).flatMap((condition) => {
    const byName =
      !isNegated(condition.operator) && condition.values.some((value) => value.includes("inference-profile/global."));
    return byName ? found("global-block-misses-application-profiles", "info", condition.path, condition.values) : [];
  });
};

const RULES: readonly Rule[] = [
  unknownActions,
  profileWithoutAccount,
  wrongKey,
  conditionOnProfile,
  regionOnDestinations,
  regionDenies,
  notActionExemptions,
  exemptions,
  approvedModels,
  globalBlock,
];

/** One of the two invoke actions without the other: allowed, streams fail; denied, streams pass. */
function streamingMissing(statements: readonly Statement[]): BareLintFinding[] {
  return (["Allow", "Deny"] as const).flatMap((effect) => {
    const about = statements.filter((statement) => statement.effect === effect && !statement.action?.not);
    const [one, other] = INVOKE.map((name) => about.filter((statement) => covers(statement, name)));
    const [statement] = one ?? [];
    if (statement?.action === undefined || (other ?? []).length > 0) return [];
    const { index, sid, action } = statement;
    const place = { path: action.path, statementIndex: index, ...(sid === undefined ? {} : { sid }) };
    return [{ code: "streaming-action-missing" as const, severity: "warning" as const, ...place, values: [effect] }];
  });
}

/** Of a call that the policy allows in part: the legs that nothing in it allows. */
function legsMissed(
  policy: ReturnType<typeof parsePolicy>,
  type: PolicyType,
  legs: readonly AuthorizationLeg[],
): BareLintFinding[] {
  const layer = { type, policies: [{ name: "policy", document: policy }], given: true };
  const caller = callerOf("arn:aws:iam::111122223333:role/lint");
  const known = { caller, context: new Map(), unknownContext: "unknown" as const, otherRoleArns: [] };
  const evaluations = legs.map((leg) => evaluateLeg([layer], leg, known));
  if (!evaluations.some(({ verdict }) => verdict === "allowed")) return [];
  return evaluations
    .filter(({ verdict, decidedBy }) => verdict === "blocked" && decidedBy?.denyKind === "implicit")
    .map(({ leg, nearMisses: [nearest] = [] }) => ({
      code: "leg-not-allowed",
      severity: "error",
      path: nearest?.path ?? "$.Statement",
      ...(nearest ? { statementIndex: nearest.statementIndex } : {}),
      ...(nearest?.sid === undefined ? {} : { sid: nearest.sid }),
      values: [leg.action, leg.resource],
    }));
}
