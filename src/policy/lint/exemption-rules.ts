import { REGION_KEY } from "../../authorization.js";
import { type Condition, isNegated } from "../language/condition/condition.js";
import { globMatches } from "../language/wildcard.js";
import { exemptProfile, exempts, isExemption, isNull } from "./exemption.js";
import {
  applicationArn,
  GLOBAL_PARTITION,
  globalProbe,
  INVOKE_MODEL,
  NEW_GEOGRAPHY,
  NEW_REGION,
  type Probe,
  probeModelArn,
  profileArn,
} from "./probes.js";
import { eachInvokeDeny, type Find, type LintReport, type Rule, report } from "./rule.js";
import {
  applies,
  canBeProfile,
  hasPlaceholder,
  isDeniedElsewhere,
  type LintStatement,
  type LintSubject,
  namesModel,
  regionCoveredBy,
} from "./subject.js";

/** Applies a check to every exemption of inference profiles in a Deny. */
const eachExemption = (
  check: (condition: Condition, statement: LintStatement, subject: LintSubject) => LintReport[],
): Find =>
  eachInvokeDeny((statement, subject) =>
    statement.profiles.filter(isExemption).flatMap((condition) => check(condition, statement, subject)),
  );

const exemptsAny = (condition: Condition, { partitions }: LintSubject) =>
  exempts(condition, profileArn(partitions[0], NEW_GEOGRAPHY));

/** The key is absent when the profile itself is evaluated, so a negated condition matches there and denies it. */
export const negatedConditionDeniesProfiles: Rule = {
  code: "negated-condition-denies-profiles",
  severity: "error",
  find: eachExemption((condition, statement, subject) => {
    const { regions, invokes } = statement;
    // With a condition on the Region, the profile is denied only in Regions from which calls aren't allowed to start.
    // This is the recommended form.
    if (regions.length > 0) return [];
    const exempt = exemptProfile(condition, subject);
    if (exempt === undefined) return [];
    const [action = INVOKE_MODEL] = invokes;
    const { arn, region, partition } = exempt;
    const model = { action, resource: probeModelArn(partition, region), region, profileArn: arn };
    const isTrap =
      applies(statement, { action, resource: arn, region }) === "match" && applies(statement, model) === "no match";
    return isTrap ? report(condition.path, condition.values) : [];
  }),
};

/** Every profile is exempt, and no other statement denies global routing or other geographies. */
export const exemptsAnyProfile: Rule = {
  code: "exempts-any-profile",
  severity: "warning",
  find: eachExemption((condition, statement, subject) => {
    if (!exemptsAny(condition, subject)) return [];
    const { partitions, account } = subject;
    const [partition] = partitions;
    const [action = INVOKE_MODEL] = statement.invokes;
    const region = regionCoveredBy(statement) ?? NEW_REGION;
    const other = profileArn(partition, NEW_GEOGRAPHY, { account });
    const elsewhere: Probe = { action, resource: probeModelArn(partition, region), region, profileArn: other };
    const globally = globalProbe(action, partition, profileArn(partition, "global", { account }));
    const open = [
      ...(partition === GLOBAL_PARTITION && !isDeniedElsewhere(subject, statement, globally) ? ["global"] : []),
      ...(isDeniedElsewhere(subject, statement, elsewhere) ? [] : ["other"]),
    ];
    return open.length > 0 ? report(condition.path, open) : [];
  }),
};

/** The Deny covers models but not profiles, so calls can start in Regions that aren't approved. */
export const exemptionCoversModelsOnly: Rule = {
  code: "exemption-covers-models-only",
  severity: "warning",
  find: eachExemption((condition, statement, subject) => {
    const { resource, invokes, canBe } = statement;
    if (canBe.profile || !canBe.model) return [];
    if (!isNull(condition) && condition.values.every((value) => startsWhereApproved(value, statement))) return [];
    const [action = INVOKE_MODEL] = invokes;
    const region = regionCoveredBy(statement) ?? NEW_REGION;
    const start = { action, resource: profileArn(subject.partitions[0], "us", { region }), region };
    if (isDeniedElsewhere(subject, statement, start)) return [];
    return report(resource?.path ?? condition.path, resource?.texts ?? []);
  }),
};

/**
 * Returns true if calls through these profiles start in only one Region, in which the statement doesn't deny models
 * because of the Region.
 */
function startsWhereApproved(pattern: string, { regions, resource }: LintStatement): boolean {
  const [, , , region = "*"] = pattern.split(":");
  if (/[*?$]/.test(region)) return false;
  const isThere = (text: string) => globMatches(text.split(":")[3] ?? "*", region);
  if (resource !== undefined && !resource.not && !resource.texts.some(isThere)) return true;
  const context = { get: (key: string) => (key === REGION_KEY ? [region] : undefined) };
  return regions.length === 0 || regions.some((condition) => condition.evaluate(context) === "no match");
}

/** The pattern is `inference-profile/us` or `inference-profile/us.`, without the wildcard. */
export const exemptionMatchesNothing: Rule = {
  code: "exemption-matches-nothing",
  severity: "error",
  find: eachExemption((condition, _, subject) => {
    const dead = condition.values.filter(
      (value) => /[:/]inference-profile\/[a-z-]+\.?$/.test(value) && !exemptsAny(condition, subject),
    );
    return dead.length > 0 ? report(condition.path, dead) : [];
  }),
};

export const exemptionOfOneProfile: Rule = {
  code: "exemption-of-one-profile",
  severity: "info",
  find: eachExemption((condition, _, subject) => {
    if (isNull(condition) || exemptsAny(condition, subject)) return [];
    const single = condition.values.filter(
      (value) => /:inference-profile\/[^*?]+\.[^*?]+$/.test(value) && !isOfCall(value, subject),
    );
    return single.length > 0 ? report(condition.path, single) : [];
  }),
};

/** Returns true if the provided call uses this profile. */
const isOfCall = (arn: string, { legs }: LintSubject) =>
  legs.some(({ inferenceProfileArn }) => inferenceProfileArn === arn);

/**
 * With `Null: false`, only calls through profiles are denied. Calls through application inference profiles are then all
 * denied.
 */
const isKeyRequired = ({ profiles }: LintStatement) =>
  profiles.some((other) => isNull(other) && other.values.includes("false"));

/**
 * Finds exemptions of system-defined profiles only. The ARN of an application inference profile matches none of their
 * values.
 */
const eachWithoutApplicationProfiles = (isWanted: (statement: LintStatement, subject: LintSubject) => boolean): Find =>
  eachExemption((condition, statement, subject) => {
    if (isNull(condition) || exemptsAny(condition, subject)) return [];
    const isNamed = condition.values.some((value) => value.includes(":application-inference-profile/"));
    if (isNamed || exempts(condition, applicationArn(subject.partitions[0]))) return [];
    return isWanted(statement, subject) ? report(condition.path, condition.values) : [];
  });

/**
 * The ARN of an application inference profile doesn't show where it routes to. If the statement denies global routing,
 * or may deny it, such a profile is intentionally not exempt. If a call is provided, only the profile of that call is
 * checked.
 */
export const applicationProfilesNotExempt: Rule = {
  code: "application-profiles-not-exempt",
  severity: "info",
  find: eachWithoutApplicationProfiles((statement, subject) => {
    const { legs, partitions } = subject;
    const isAboutApplication = legs.some(({ inferenceProfileArn: arn }) =>
      arn?.includes(":application-inference-profile/"),
    );
    if (isKeyRequired(statement) || (legs.length > 0 && !isAboutApplication)) return false;
    const [action = INVOKE_MODEL] = statement.invokes;
    const [partition] = partitions;
    const globally = globalProbe(action, partition, applicationArn(partition));
    const isUnknown = statement.regions.some(hasPlaceholder);
    return isAboutApplication || (!isUnknown && applies(statement, globally) === "no match");
  }),
};

export const applicationProfilesDenied: Rule = {
  code: "application-profiles-denied",
  severity: "warning",
  find: eachWithoutApplicationProfiles(isKeyRequired),
};

/** `NotResource` lists only models. The profile isn't one of them, so it's denied. */
export const approvedModelsDenyProfiles: Rule = {
  code: "approved-models-deny-profiles",
  severity: "error",
  find: eachInvokeDeny((statement, { partitions: [partition], account }) => {
    const { resource, invokes } = statement;
    if (resource === undefined || !resource.not || !resource.texts.some(namesModel)) return [];
    const [action = INVOKE_MODEL] = invokes;
    const region = regionCoveredBy(statement);
    if (region === undefined) return [];
    const exceptions = { ...statement, resource: { ...resource, not: false } };
    const profile = { action, resource: profileArn(partition, "us", { region, account }), region };
    const isTrap = !canBeProfile(exceptions) && applies(statement, profile) === "match";
    return isTrap ? report(resource.path, resource.texts) : [];
  }),
};

/** An application inference profile that was copied from a global profile has an ARN without `global.`. */
export const globalBlockMissesApplicationProfiles: Rule = {
  code: "global-block-misses-application-profiles",
  severity: "info",
  find: eachInvokeDeny((statement, subject) => {
    const [action = INVOKE_MODEL] = statement.invokes;
    const [partition] = subject.partitions;
    if (isDeniedElsewhere(subject, statement, globalProbe(action, partition, applicationArn(partition)))) return [];
    return statement.profiles.flatMap(({ operator, path, values }) => {
      const isByName = !isNegated(operator) && values.some((value) => value.includes("inference-profile/global."));
      return isByName ? report(path, values) : [];
    });
  }),
};
