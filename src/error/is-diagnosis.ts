import { POLICY_TYPES } from "../authorization.js";
import type { Diagnosis } from "../diagnosis.js";
import { REFUSAL_KINDS } from "../refusal/kinds.js";

type IsValid = (value: unknown) => boolean;

const isString: IsValid = (value) => typeof value === "string";
const isBoolean: IsValid = (value) => typeof value === "boolean";
const oneOfCheck =
  (...values: readonly unknown[]): IsValid =>
  (value) =>
    values.includes(value);
const optionalCheck =
  (check: IsValid): IsValid =>
  (value) =>
    value === undefined || check(value);
const everyItem =
  (check: IsValid): IsValid =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Record<string, IsValid>): IsValid =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([key, check]) => check((value as Record<string, unknown>)[key]));

const confidence = oneOfCheck("certain", "likely", "possible");

const leg = shape({
  leg: shape({ stage: isString, action: optionalCheck(isString), region: isString, resource: isString }),
  verdict: oneOfCheck("allowed", "blocked", "unknown"),
  because: isString,
  evidence: everyItem(isString),
  decidedBy: optionalCheck(
    shape({
      policyType: oneOfCheck(...POLICY_TYPES),
      policyName: optionalCheck(isString),
      policyArn: optionalCheck(isString),
      level: optionalCheck(isString),
      sid: optionalCheck(isString),
    }),
  ),
  likely: optionalCheck(shape({ verdict: oneOfCheck("allowed", "blocked"), source: isString })),
  contradictedBy: optionalCheck(everyItem(isString)),
});

const policy = shape({
  type: oneOfCheck(...POLICY_TYPES),
  denyKind: optionalCheck(oneOfCheck("explicit", "implicit")),
  arn: optionalCheck(isString),
  id: optionalCheck(isString),
  name: optionalCheck(isString),
  level: optionalCheck(isString),
  statement: optionalCheck(shape({ path: isString, sid: optionalCheck(isString) })),
});

const remedy = shape({
  code: isString,
  who: oneOfCheck("application-developer", "account-administrator", "organization-administrator"),
  title: isString,
  steps: everyItem(isString),
  links: everyItem(isString),
  confidence,
  verified: isBoolean,
  policy: optionalCheck(shape({ change: isString })),
  edits: optionalCheck(everyItem(shape({}))),
  diff: optionalCheck(isString),
});

const diagnosisShape = shape({
  kind: oneOfCheck(...REFUSAL_KINDS),
  refusal: shape({ raw: isString, kind: isString }),
  summary: isString,
  operation: isString,
  action: optionalCheck(isString),
  modelId: isString,
  sourceRegion: isString,
  blockedRegions: everyItem(isString),
  principal: optionalCheck(shape({ arn: isString })),
  policy: optionalCheck(policy),
  legs: everyItem(leg),
  leftOut: optionalCheck(everyItem(isString)),
  alternatives: everyItem(shape({ profileId: isString })),
  evidence: everyItem(shape({ source: isString, finding: shape({ code: isString }), says: isString, at: isString })),
  remedies: everyItem(remedy),
  fallback: optionalCheck(
    shape({ considered: everyItem(shape({ modelId: isString, region: isString, outcome: isString })) }),
  ),
  confidence,
  complete: isBoolean,
});

/** Whether untrusted data has the form of a diagnosis, as far as needed to read and print it. Never throws. */
export function isDiagnosis(value: unknown): value is Diagnosis {
  try {
    return diagnosisShape(value);
  } catch {
    return false;
  }
}
