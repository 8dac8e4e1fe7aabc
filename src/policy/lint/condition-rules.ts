import { UNSPECIFIED_REGION } from "../../arn.js";
import { type Condition, isNegated, readOperator } from "../language/condition/condition.js";
import { profileInstance } from "./calls.js";
import { type Probe, profileArn, regionOfPartition } from "./probes.js";
import { eachInvokeAllow, eachStatement, type Rule, report } from "./rule.js";
import { applies, isAboutBedrock, type LintStatement, type LintSubject, namesProfile } from "./subject.js";

export const wrongConditionKey: Rule = {
  code: "wrong-condition-key",
  severity: "error",
  find: eachStatement(({ conditions }) =>
    conditions
      .filter(({ key }) => key.toLowerCase() === "aws:inferenceprofilearn")
      .flatMap(({ path, key }) => report(path, [key])),
  ),
};

const EXACT = new Set(["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]);

/**
 * In exact matches, `*` is a literal character. The documented form for a literal is `${*}` (IAM User Guide, "Condition
 * operators").
 */
export const wildcardInExactMatch: Rule = {
  code: "wildcard-in-exact-match",
  severity: "error",
  find: eachStatement((statement) => {
    if (!isAboutBedrock(statement)) return [];
    return statement.conditions.flatMap(({ operator, path, values }) => {
      if (!EXACT.has(readOperator(operator).base)) return [];
      const wrong = values.filter((value) => value.replace(/\$\{[^}]*\}/g, "").includes("*"));
      return wrong.length > 0 ? report(path, [operator, ...wrong]) : [];
    });
  }),
};

/** Keys that are in every request (IAM User Guide, "AWS global condition context keys"). */
const KEYS_OF_EVERY_REQUEST = new Set(
  "requestedregion principalarn principalaccount principaltype currenttime epochtime viaawsservice userid useragent securetransport resourceaccount"
    .split(" ")
    .map((key) => `aws:${key}`),
);
/** For these keys, the intention is "only these tags", and a request without tags may be allowed. */
const TAGS = /^aws:(tagkeys$|requesttag\/)/;

/** `ForAllValues` matches if the key is absent (IAM User Guide, "Set operators for multivalued context keys"). */
export const forAllValuesMatchesAbsentKey: Rule = {
  code: "for-all-values-matches-absent-key",
  severity: "warning",
  find: eachStatement((statement) => {
    if (!isAboutBedrock(statement)) return [];
    const { effect, conditions } = statement;
    const isRequired = (key: string) =>
      conditions.some(
        (other) => other.key.toLowerCase() === key && readOperator(other.operator).base === "Null" && isFalse(other),
      );
    return conditions.flatMap(({ operator, key, path }) => {
      const { set, ifExists } = readOperator(operator);
      const lower = key.toLowerCase();
      // A negated operator matches an absent key anyway. With IfExists, that match is explicitly requested.
      if (set !== "ForAllValues" || ifExists || isNegated(operator)) return [];
      if (KEYS_OF_EVERY_REQUEST.has(lower) || TAGS.test(lower) || isRequired(lower)) return [];
      return report(path, [operator, key, effect ?? ""]);
    });
  }),
};

const isFalse = ({ values }: Condition) => values.every((value) => value.toLowerCase() === "false");

/** Returns true for a condition that doesn't match if its key is absent. */
export const needsKey = (condition: Condition): boolean => condition.evaluate({ get: () => null }) === "no match";

const needsProfileKey = ({ profiles }: LintStatement) => profiles.some(needsKey);

/** If there are more Allow statements about profiles than this, the two rules below don't compare every pair. */
const MOST_STATEMENTS_COMPARED = 50;

/**
 * The key is absent when the profile itself is evaluated, so a condition that requires it never matches the profile.
 */
export const profileConditionOnProfile: Rule = {
  code: "profile-condition-on-profile",
  severity: "error",
  find: (subject) => {
    const others = profileAllows(subject).filter((statement) => !needsProfileKey(statement));
    if (others.length > MOST_STATEMENTS_COMPARED) return [];
    const check = eachInvokeAllow((statement) => {
      const { profiles, resource, invokes } = statement;
      if (!needsProfileKey(statement) || !statement.canBe.profile || resource === undefined) return [];
      const named = resource.texts.filter(namesProfile);
      const areAllowed = named.every((text) => isAllowedBy(others, probeOf(text, subject, invokes)));
      if (others.length > 0 && areAllowed) return [];
      return profiles.filter(needsKey).flatMap(({ path, values }) => report(path, values));
    });
    return check(subject);
  },
};

/**
 * The profile is evaluated in the source Region. Only the Region-less model has `unspecified` (Amazon Bedrock User
 * Guide, "Global cross-Region inference").
 */
export const unspecifiedOnProfile: Rule = {
  code: "unspecified-on-profile",
  severity: "error",
  find: (subject) => {
    const others = profileAllows(subject);
    if (others.length > MOST_STATEMENTS_COMPARED) return [];
    const check = eachInvokeAllow((statement) => {
      const { regions, resource, invokes } = statement;
      const unspecified = regions.find(
        ({ operator, values }) => !isNegated(operator) && values.every((value) => value === UNSPECIFIED_REGION),
      );
      if (unspecified === undefined || resource === undefined || resource.not) return [];
      const dead = resource.texts.filter((text) => {
        const probe = probeOf(text, subject, invokes);
        if (probe === undefined) return false;
        const wouldApply = applies(statement, { ...probe, region: UNSPECIFIED_REGION }) === "match";
        return wouldApply && !isAllowedBy(others, probe);
      });
      return dead.length > 0 ? report(unspecified.path, dead) : [];
    });
    return check(subject);
  },
};

const profileAllows = ({ allows }: LintSubject) =>
  allows.filter((statement) => statement.invokes.length > 0 && statement.canBe.profile);

/** A profile that can't be tested counts as allowed, so that the rules don't report it. */
const isAllowedBy = (statements: readonly LintStatement[], probe: Probe | undefined) =>
  probe === undefined || statements.some((statement) => applies(statement, probe) !== "no match");

/** Returns the request that evaluates a profile that a pattern matches. */
function probeOf(text: string, subject: LintSubject, [action = ""]: readonly string[]): Probe | undefined {
  const named = profileInstance(text, subject);
  if (named === undefined) return undefined;
  const { partition, prefix = "us", region = regionOfPartition(partition), account, model } = named;
  return { action, resource: profileArn(partition, prefix, { region, account, model }), region };
}
