import { partitionOfRegion } from "../../arn.js";
import { type AuthorizationLeg, type PolicyType, PROFILE_KEY, REGION_KEY } from "../../authorization.js";
import { matchStatement } from "../evaluation/statement.js";
import type { Condition } from "../language/condition/condition.js";
import type { PolicyDocument, Statement } from "../language/document.js";
import type { Outcome } from "../language/outcome.js";
import { actionMatches, globMatches } from "../language/wildcard.js";
import { ANY_ACCOUNT, INVOKE, isProbed, PARTITIONS, PROBED_REGIONS, type Probe, requestFor } from "./probes.js";

/** A statement with the information that the rules need. */
export interface LintStatement extends Statement {
  /**
   * The statement without its Principal, and with only the conditions that are about the request itself. Conditions on
   * the caller, tags, and networks are left out. If it matches a probe, the statement applies to that request for every
   * caller that the statement is about.
   */
  onProbes: Statement;
  /** The conditions on `aws:RequestedRegion`. */
  regions: readonly Condition[];
  /** The conditions on `bedrock:InferenceProfileArn`. */
  profiles: readonly Condition[];
  /** The invoke actions that the statement covers, in lower case. */
  invokes: readonly string[];
  /** The kinds of resources that the statement can apply to, according to its patterns. */
  canBe: { profile: boolean; model: boolean };
}

/** A policy document, prepared for the rules. */
export interface LintSubject {
  type: PolicyType;
  statements: readonly LintStatement[];
  allows: readonly LintStatement[];
  denies: readonly LintStatement[];
  /** The partitions of its ARNs and Regions. */
  partitions: readonly [string, ...string[]];
  /** The account in its ARNs. */
  account: string;
  legs: readonly AuthorizationLeg[];
  /**
   * Returns the Deny statements that apply or may apply to a probe, at most two. Two are enough to find one other than
   * the statement itself.
   */
  denying(probe: Probe): readonly LintStatement[];
}

export function subjectOf(
  { statements: read }: PolicyDocument,
  type: PolicyType,
  legs: readonly AuthorizationLeg[],
): LintSubject {
  const statements = read.map(lintStatement);
  const denies = statements.filter(({ effect }) => effect === "Deny");
  const known = new Map<string, readonly LintStatement[]>();
  const denying = (probe: Probe) => {
    const key = `${probe.action} ${probe.resource} ${probe.region} ${probe.profileArn}`;
    let found = known.get(key);
    if (found === undefined) {
      found = firstTwo(denies, (statement) => applies(statement, probe) !== "no match");
      known.set(key, found);
    }
    return found;
  };
  return {
    type,
    statements,
    allows: statements.filter(({ effect }) => effect === "Allow"),
    denies,
    partitions: partitionsOf(statements),
    account: policyAccount(statements),
    legs,
    denying,
  };
}

function lintStatement(statement: Statement): LintStatement {
  const { principal: _, conditions, ...rest } = statement;
  const about = (key: string) => conditions.filter((condition) => condition.key.toLowerCase() === key);
  return {
    ...statement,
    onProbes: { ...rest, conditions: conditions.filter(({ key }) => isProbed(key.toLowerCase())) },
    regions: about(REGION_KEY),
    profiles: about(PROFILE_KEY),
    invokes: INVOKE.filter((action) => covers(statement, action)),
    canBe: { profile: canBeProfile(statement), model: canBeModel(statement) },
  };
}

function firstTwo<T>(items: readonly T[], wanted: (item: T) => boolean): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length < 2 && wanted(item)) found.push(item);
  }
  return found;
}

/** Returns true if a statement covers an action. The action must be in lower case. */
export const covers = ({ action }: Statement, name: string): boolean =>
  action !== undefined && action.patterns.some((glob) => actionMatches(glob, name)) !== action.not;

/** Returns whether a statement applies to a probe, for every caller that the statement is about. */
export function applies(statement: LintStatement, probe: Probe): Outcome {
  const { invokes, action, canBe } = statement;
  // Most statements of a long document are about something else. This check excludes them at almost no cost.
  if (action !== undefined && isInvoke(probe.action) && !invokes.includes(probe.action)) return "no match";
  if (!canBe.profile && probe.resource.includes(":inference-profile/")) return "no match";
  if (!canBe.model && probe.resource.includes(":foundation-model/")) return "no match";
  return matchStatement(statement.onProbes, requestFor(probe));
}

const isInvoke = (action: string) => action === INVOKE[0] || action === INVOKE[1];

/** Returns true if an Allow applies to a probe, for every caller that the statement is about. */
export const isAllowed = ({ allows }: LintSubject, probe: Probe): boolean =>
  allows.some((statement) => applies(statement, probe) === "match");

/** Returns true if an Allow applies or may apply to a probe. */
export const mayBeAllowed = ({ allows }: LintSubject, probe: Probe): boolean =>
  allows.some((statement) => applies(statement, probe) !== "no match");

/** Returns true if a Deny other than this statement applies or may apply to a probe. */
export const isDeniedElsewhere = (subject: LintSubject, statement: LintStatement, probe: Probe): boolean =>
  subject.denying(probe).some((other) => other !== statement);

/**
 * Returns a Region in which a statement's conditions on the Region match. If they match in a Region that no policy
 * contains, returns that one.
 */
export function regionCoveredBy(statement: LintStatement): string | undefined {
  if (!coveredRegions.has(statement)) coveredRegions.set(statement, findRegionCoveredBy(statement));
  return coveredRegions.get(statement);
}

const coveredRegions = new WeakMap<LintStatement, string | undefined>();
const REGION_CONTEXTS = PROBED_REGIONS.map((region) => {
  const value = [region];
  return { region, context: { get: (key: string) => (key === REGION_KEY ? value : undefined) } };
});

const findRegionCoveredBy = ({ regions }: LintStatement) =>
  REGION_CONTEXTS.find(({ context }) => regions.every((condition) => condition.evaluate(context) === "match"))?.region;

/** Returns the ARNs and ARN patterns of a statement, in its resources and in its conditions on the profile. */
const arnTexts = ({ resource, profiles }: LintStatement): string[] => [
  ...(resource?.texts ?? []),
  ...profiles.flatMap(({ values }) => values),
];

/**
 * Returns the partitions in the ARNs. If the ARNs contain none, returns the partitions of the Regions. A pattern such
 * as `arn:aws*:` doesn't specify a partition.
 */
function partitionsOf(statements: readonly LintStatement[]): [string, ...string[]] {
  const named = new Set<string>();
  const inRegions = new Set<string>();
  for (const statement of statements) {
    for (const text of arnTexts(statement)) {
      const partition = /^arn:([^:*?]*):/.exec(text)?.[1];
      if (partition !== undefined && PARTITIONS.includes(partition)) named.add(partition);
    }
    for (const { values } of statement.regions) {
      for (const value of values) if (/^[a-z]+(-[a-z]+)+-/.test(value)) inRegions.add(partitionOfRegion(value));
    }
  }
  const [first = "aws", ...rest] = named.size > 0 ? named : inRegions;
  return [first, ...rest];
}

function policyAccount(statements: readonly LintStatement[]): string {
  for (const statement of statements) {
    for (const text of arnTexts(statement)) {
      const account = /:bedrock:[^:]*:(\d{12}):/.exec(text)?.[1];
      if (account !== undefined) return account;
    }
  }
  return ANY_ACCOUNT;
}

/** Returns true if a resource pattern can match a resource of this kind, such as `inference-profile`. */
function canMatchArn(text: string, kind: string): boolean {
  const parts = text.split(":");
  if (parts.length < 6) return /[*?$]/.test(text) || text === "arn";
  if (!/[*?$]/.test(parts[2] ?? "") && parts[2] !== "bedrock") return false;
  const resource = parts.slice(5).join(":");
  const wild = resource.search(/[*?$]/);
  const head = wild < 0 ? resource : resource.slice(0, wild);
  return head.startsWith(`${kind}/`) || (wild >= 0 && `${kind}/`.startsWith(head));
}

const PROFILE_KINDS = ["inference-profile", "application-inference-profile"];

/** Returns true if a statement's resources can be inference profiles. */
export const canBeProfile = ({ resource }: Statement): boolean =>
  resource === undefined ||
  resource.not ||
  resource.texts.some((text) => PROFILE_KINDS.some((kind) => canMatchArn(text, kind)));

/** Returns true if a statement's resources can be foundation models. */
const canBeModel = ({ resource }: Statement): boolean =>
  resource === undefined || resource.not || resource.texts.some((text) => canMatchArn(text, "foundation-model"));

/** Returns true if a pattern specifies inference profiles, and doesn't only match everything. */
export const namesProfile = (text: string): boolean => text.includes("inference-profile/");
export const namesModel = (text: string): boolean => text.includes(":foundation-model/");

/** Returns true if the statement is about Bedrock: it contains a Bedrock action, or it covers an invocation. */
export const isAboutBedrock = (statement: LintStatement): boolean =>
  statement.invokes.length > 0 || (statement.action?.patterns.some((glob) => /^bedrock[a-z-]*:/.test(glob)) ?? false);

/** Returns true if the values of a Region condition include a placeholder, so that its Regions are unknown. */
export const hasPlaceholder = ({ values }: Condition): boolean => values.some((value) => /[<>{}]/.test(value));

/** Returns true if a value of a condition matches a text, including wildcards. */
export const includesValue = (values: readonly string[], text: string): boolean =>
  values.some((value) => globMatches(value, text));
