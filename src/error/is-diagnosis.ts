import { POLICY_TYPES } from "../authorization.js";
import type { Diagnosis } from "../diagnosis.js";
import { REFUSAL_KINDS } from "../refusal/kinds.js";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Record<string, Check>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([key, check]) => check((value as Record<string, unknown>)[key]));

const confidence = oneOf("certain", "likely", "possible");

const leg = shape({
  leg: shape({ stage: text, action: optional(text), region: text, resource: text }),
  verdict: oneOf("allowed", "blocked", "unknown"),
  because: text,
  evidence: listOf(text),
  decidedBy: optional(
    shape({
      policyType: oneOf(...POLICY_TYPES),
      policyName: optional(text),
      policyArn: optional(text),
      level: optional(text),
      sid: optional(text),
    }),
  ),
  likely: optional(shape({ verdict: oneOf("allowed", "blocked"), source: text })),
  contradictedBy: optional(listOf(text)),
});

const policy = shape({
  type: oneOf(...POLICY_TYPES),
  denyKind: optional(oneOf("explicit", "implicit")),
  arn: optional(text),
  id: optional(text),
  name: optional(text),
  level: optional(text),
  statement: optional(shape({ path: text, sid: optional(text) })),
});

const remedy = shape({
  code: text,
  who: oneOf("application-developer", "account-administrator", "organization-administrator"),
  title: text,
  steps: listOf(text),
  links: listOf(text),
  confidence,
  verified: flag,
  policy: optional(shape({ change: text })),
  edits: optional(listOf(shape({}))),
  diff: optional(text),
});

const diagnosis = shape({
  kind: oneOf(...REFUSAL_KINDS),
  refusal: shape({ raw: text, kind: text }),
  summary: text,
  operation: text,
  action: optional(text),
  modelId: text,
  sourceRegion: text,
  blockedRegions: listOf(text),
  principal: optional(shape({ arn: text })),
  policy: optional(policy),
  legs: listOf(leg),
  leftOut: optional(listOf(text)),
  alternatives: listOf(shape({ profileId: text })),
  evidence: listOf(shape({ source: text, finding: shape({ code: text }), says: text, at: text })),
  remedies: listOf(remedy),
  fallback: optional(shape({ considered: listOf(shape({ modelId: text, region: text, outcome: text })) })),
  confidence,
  complete: flag,
});

/** Whether untrusted data has the form of a diagnosis, as far as needed to read and print it. Never throws. */
export function isDiagnosis(value: unknown): value is Diagnosis {
  try {
    return diagnosis(value);
  } catch {
    return false;
  }
}
