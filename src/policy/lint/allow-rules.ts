import { asciiLower } from "../../ascii.js";
import { INVOKE_ACTIONS } from "../../authorization.js";
import { defined } from "../../defined.js";
import { type EvaluationContext, evaluateLeg } from "../evaluation/evaluate.js";
import { callerOf } from "../evaluation/request.js";
import { arnMatches } from "../language/wildcard.js";
import { callsFor, type ProbeCall } from "./calls.js";
import { needsKey } from "./condition-rules.js";
import type { LintSeverity } from "./finding.js";
import { ANY_ACCOUNT, GEOGRAPHIES, INVOKE, type Probe, probeOfLeg } from "./probes.js";
import type { Find, LintReport, Rule } from "./rule.js";
import { applies, isAllowed, type LintStatement, type LintSubject, mayBeAllowed, namesProfile } from "./subject.js";

/**
 * A permissions boundary limits permissions, and an endpoint policy replaces a default that allows everything. Without
 * an Allow, either of them allows nothing.
 */
export const allowsNothing: Rule = {
  code: "allows-nothing",
  severity: "error",
  find: ({ type, statements, allows }) => {
    const needsAllow = type === "permissions-boundary" || type === "vpc-endpoint-policy";
    const [first] = statements;
    const isKnown = statements.every(({ effect }) => effect !== undefined);
    if (!needsAllow || first === undefined || !isKnown || allows.length > 0) return [];
    return [{ path: first.path.replace(/\[0\]$/, ""), values: [type] }];
  },
};

/** Model families that have no inference profiles, according to the bundled catalog. */
const WITHOUT_PROFILES = /^(ai21\.|amazon\.(titan|rerank)|cohere\.(command|rerank|embed-english|embed-multilingual))/;

/**
 * No statement in the document allows a profile, so only direct calls are allowed. If it lists full model IDs, that is
 * intended, unless another part shows that profiles are used.
 */
export const profileNotAllowed: Rule = {
  code: "profile-not-allowed",
  severity: "warning",
  find: (subject) =>
    perAction(subject, (action, allows) => {
      if (allows.some(({ canBe }) => canBe.profile) || isDirectCall(subject)) return [];
      const about = allows.filter(({ resource }) => resource?.texts.some(mayHaveProfile));
      const [statement] = about;
      if (statement?.resource === undefined) return [];
      const texts = about.flatMap(({ resource }) => resource?.texts.filter(mayHaveProfile) ?? []);
      const severity = severityWithoutProfiles(about, texts);
      if (severity === "info" && !texts.some(isWide)) return [];
      return [{ severity, path: statement.resource.path, values: [action, ...texts.slice(0, SHOWN)], statement }];
    }),
};

/** Returns true if the call that the document is tested with doesn't use a profile. */
const isDirectCall = ({ legs }: LintSubject) => legs.length > 0 && legs.every(({ stage }) => stage === "model");

/** The maximum number of ARNs in a sentence. */
const SHOWN = 3;

const mayHaveProfile = (text: string) => {
  const id = /:foundation-model\/(.*)$/.exec(text)?.[1];
  return id !== undefined && !WITHOUT_PROFILES.test(id);
};

/** Returns true if a pattern covers more than one model or more than one Region. */
const isWide = (text: string) => /[*?]/.test(text);

/**
 * A condition on the profile, the Region-less model, or models in several destination Regions show that profiles are
 * used.
 */
function severityWithoutProfiles(statements: readonly LintStatement[], texts: readonly string[]): LintSeverity {
  if (statements.some(({ profiles }) => profiles.some(needsKey))) return "warning";
  const regions = new Set(texts.map((text) => text.split(":")[3] ?? ""));
  const isGeographic = GEOGRAPHIES.some(({ sources, always }) =>
    sources.some((source) => {
      const destinations = always(source);
      return destinations.length > 1 && destinations.every((region) => regions.has(region));
    }),
  );
  return regions.has("") || isGeographic ? "warning" : "info";
}

/**
 * A profile is allowed without its models. The call requires both (Amazon Bedrock User Guide, "Prerequisites for
 * inference profiles").
 */
export const modelsNotAllowed: Rule = {
  code: "models-not-allowed",
  severity: "warning",
  find: (subject) =>
    perAction(subject, (action, allows) => {
      if (allows.some(({ canBe }) => canBe.model)) return [];
      const statement = allows.find(({ resource }) => resource?.texts.some(namesProfile));
      if (statement?.resource === undefined) return [];
      const isByName = statement.action?.patterns.some((glob) => glob.startsWith("bedrock:invokemodel")) ?? false;
      const texts = statement.resource.texts.filter(namesProfile).slice(0, SHOWN);
      return [
        {
          severity: isByName ? "warning" : "info",
          path: statement.resource.path,
          values: [action, ...texts],
          statement,
        },
      ];
    }),
};

/** Runs a check for both invoke actions. If both have the same finding, it's reported once. */
function perAction(
  { allows }: LintSubject,
  check: (action: string, allows: readonly LintStatement[]) => LintReport[],
): LintReport[] {
  const reports = INVOKE_ACTIONS.flatMap((name) => {
    const action = asciiLower(name);
    const covering = allows.filter(({ invokes, resource }) => invokes.includes(action) && resource !== undefined);
    return check(name, covering);
  });
  return reports.filter(({ path }, at) => reports.findIndex((other) => other.path === path) === at);
}

/** A call for which some requests are allowed and one isn't. */
interface Gap {
  call: ProbeCall;
  missing: readonly Probe[];
  /** The Allow that applies to the source Region's model. */
  statement: LintStatement;
  /** True if the statement would apply without its condition on the Region. */
  isByCondition: boolean;
}

/** The gaps of a document, which three rules share. */
const gapsBySubject = new WeakMap<LintSubject, Gap[]>();

function gapsOf(subject: LintSubject): Gap[] {
  const gaps = gapsBySubject.get(subject) ?? findGaps(subject);
  gapsBySubject.set(subject, gaps);
  return gaps;
}

/** Returns the calls whose profile and source Region's model are allowed, but not all of their destination Regions. */
function findGaps(subject: LintSubject): Gap[] {
  if (subject.legs.length > 0) return [];
  // If no statement distinguishes the two actions, only one of them is tested.
  const isOneEnough = subject.allows.every(({ invokes }) => invokes.length !== 1);
  const actions = isOneEnough ? INVOKE.slice(0, 1) : INVOKE;
  return actions
    .flatMap((action) => callsFor(subject, action))
    .flatMap((call): Gap[] => {
      if (!isAllowed(subject, call.profile)) return [];
      const statement = subject.allows.find((one) => applies(one, call.sourceModel) === "match");
      const missing = statement === undefined ? [] : call.always.filter((probe) => !mayBeAllowed(subject, probe));
      const [first] = missing;
      if (statement === undefined || first === undefined) return [];
      const limiting = subject.allows.find((one) => one.regions.length > 0 && appliesInAnyRegion(one, first));
      return [{ call, missing, statement: limiting ?? statement, isByCondition: limiting !== undefined }];
    });
}

function appliesInAnyRegion(statement: LintStatement, probe: Probe): boolean {
  const conditions = statement.onProbes.conditions.filter((condition) => !statement.regions.includes(condition));
  return applies({ ...statement, onProbes: { ...statement.onProbes, conditions } }, probe) === "match";
}

/** The Allow statement lacks a model in a destination Region, or the Region-less model. */
export const destinationNotAllowed: Rule = {
  code: "destination-not-allowed",
  severity: "warning",
  find: (subject) =>
    onePerCall(
      gapsOf(subject).filter(({ call, isByCondition }) => !isByCondition && (call.isNamed || call.prefix !== "global")),
      ({ resource, path }) => resource?.path ?? path,
      ({ call }) => (call.prefix === "global" ? "error" : "warning"),
      missingModels,
    ),
};

/** Returns the pattern that allows the source Region's model, for each missing Region. */
function missingModels({ call, missing, statement: { resource } }: Gap): string[] {
  const pattern = resource?.not
    ? undefined
    : resource?.texts.find((text) => arnMatches(text, call.sourceModel.resource));
  const parts = (pattern ?? call.sourceModel.resource).split(":");
  return missing.map((probe) => {
    const [, , , region = ""] = probe.resource.split(":");
    return [...parts.slice(0, 3), region, "", ...parts.slice(5)].join(":");
  });
}

/**
 * A condition on the Region in an Allow excludes a destination Region, or it excludes `unspecified` although the
 * document contains a global profile.
 */
export const regionConditionOnDestinations: Rule = {
  code: "region-condition-on-destinations",
  severity: "warning",
  find: (subject) =>
    onePerCall(
      gapsOf(subject).filter((gap) => gap.isByCondition && !isAboutGlobalOnly(gap)),
      ({ regions: [condition], path }) => condition?.path ?? path,
      () => "warning",
      ({ missing }) => missing.map(({ region }) => region),
    ),
};

/** Returns true for a gap of global profiles in a document that doesn't contain any. */
const isAboutGlobalOnly = ({ call }: Gap) => call.prefix === "global" && !call.isNamed;

/** The list of Regions in an Allow lacks only `unspecified`. */
export const unspecifiedNotInAllow: Find = (subject) => {
  const gaps = gapsOf(subject).filter(({ isByCondition }) => isByCondition);
  if (!gaps.every(isAboutGlobalOnly)) return [];
  const statements = new Set(gaps.map(({ statement }) => statement));
  return [...statements].flatMap((statement) =>
    statement.regions
      .slice(0, 1)
      .map(({ path, values }): LintReport => ({ severity: "info", path, values, statement })),
  );
};

/** Returns one report for each statement and geography. */
function onePerCall(
  gaps: readonly Gap[],
  pathOf: (statement: LintStatement) => string,
  severityOf: (gap: Gap) => LintSeverity,
  valuesOf: (gap: Gap) => string[],
): LintReport[] {
  const reports = new Map<string, LintReport>();
  for (const gap of gaps) {
    const { statement, call } = gap;
    const path = pathOf(statement);
    const key = `${path} ${call.prefix}`;
    if (reports.has(key)) continue;
    const values = [call.prefix, call.source, ...valuesOf(gap)];
    reports.set(key, { severity: severityOf(gap), path, values, statement });
  }
  return [...reports.values()];
}

/** For the provided call, reports the legs that nothing allows, if other legs are allowed. */
export const legNotAllowed: Rule = {
  code: "leg-not-allowed",
  severity: "error",
  find: (subject) => {
    const { legs, type, statements } = subject;
    const probes = legs.map(probeOfLeg);
    if (!probes.some((probe) => isAllowed(subject, probe))) return [];
    const document = { json: undefined, statements, findings: [] };
    const layer = { type, policies: [{ name: "policy", document }], provided: true };
    return legs.flatMap((leg, at): LintReport[] => {
      const probe = probes[at];
      if (probe === undefined || mayBeAllowed(subject, probe)) return [];
      const [nearest] = evaluateLeg([layer], leg, KNOWN_CONTEXT).nearMisses ?? [];
      const statement = statements.find(({ index }) => index === nearest?.statementIndex);
      const path = nearest?.path ?? "$.Statement";
      return [defined({ path, values: [leg.action, leg.resource], statement })];
    });
  },
};

const KNOWN_CONTEXT: EvaluationContext = {
  caller: callerOf(`arn:aws:iam::${ANY_ACCOUNT}:role/Lint`),
  context: new Map(),
  unknownContext: "unknown",
  otherRoleArns: [],
};
