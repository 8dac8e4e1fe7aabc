import { type Condition, isNegated, readOperator } from "../language/condition/condition.js";
import { PROFILE_KEY } from "../language/condition-keys.js";
import { profileInstance } from "./calls.js";
import { applicationArn, profileArn } from "./probes.js";
import type { LintSubject } from "./subject.js";

/** Returns true for a condition that only tests whether its key is absent. */
export const isNull = ({ operator }: Condition): boolean => readOperator(operator).base === "Null";

/**
 * Returns true for a condition that exempts inference profiles from a Deny: it's negated, or it requires the key to be
 * absent.
 */
export const isExemption = (condition: Condition): boolean =>
  isNull(condition) ? condition.values.includes("true") : isNegated(condition.operator);

/** Returns true if a Deny's condition doesn't match for a profile, so that its calls are exempt. */
export const exempts = (condition: Condition, arn: string): boolean =>
  condition.evaluate({ get: (key) => (key === PROFILE_KEY ? [arn] : undefined) }) === "no match";

/** A profile, and the Region and partition from which it's called. */
export interface ExemptProfile {
  arn: string;
  region: string;
  partition: string;
}

/** Returns a profile that a condition exempts. */
export function exemptProfile(condition: Condition, subject: LintSubject): ExemptProfile | undefined {
  const [partition] = subject.partitions;
  const anyProfile = `arn:${partition}:bedrock:*:*:inference-profile/us.*`;
  const patterns = isNull(condition) ? [anyProfile] : condition.values;
  return patterns
    .flatMap((pattern) => [systemDefinedProfile(pattern, subject), applicationProfile(subject)])
    .find((profile) => profile !== undefined && exempts(condition, profile.arn));
}

/** Returns a system-defined profile that a pattern matches. */
function systemDefinedProfile(pattern: string, subject: LintSubject): ExemptProfile | undefined {
  const named = profileInstance(pattern, subject);
  if (named === undefined) return undefined;
  const { partition, prefix = "us", region = "us-east-1", account, model } = named;
  return { arn: profileArn(partition, prefix, { region, account, model }), region, partition };
}

function applicationProfile({ partitions: [partition], account }: LintSubject): ExemptProfile {
  return { arn: applicationArn(partition, account), region: "us-east-1", partition };
}
