import { isModelLeg, type PolicyType, REGION_KEY } from "../authorization.js";
import type { BareVerdict, RemedyActor } from "../diagnosis.js";
import type { ConditionReport } from "../policy/evaluation/evaluate.js";
import { OWNER } from "./owner.js";

/** A condition of a Deny, other than a Region. */
export type ConditionCode =
  | "approve-profile"
  | "approve-model"
  | "exempt-principal"
  | "set-principal-tag"
  | "use-mfa"
  | "use-approved-network"
  | "use-approved-guardrail"
  | "meet-condition";

/** A condition that decides, and who can meet it. */
export interface DecidingCondition {
  code: ConditionCode;
  who: RemedyActor;
  /** Absent if the statement's resource decides. */
  condition?: ConditionReport;
}

const isRegional = ({ key }: ConditionReport) => key.toLowerCase() === REGION_KEY;

/** Whether the statement is known, and denies this leg because of its Region. */
export const dependsOnRegion = ({ decidedBy, conditions }: BareVerdict): boolean =>
  decidedBy?.denyKind === "explicit" && conditions?.some(isRegional) === true;

/** Whether the statement is known, denies something other than the model, and doesn't depend on the Region. */
export function isAboutAnotherResource(blocked: readonly BareVerdict[]): boolean {
  const known = blocked.find(({ decidedBy }) => decidedBy?.statementIndex !== undefined);
  return known !== undefined && !isModelLeg(known.leg) && !known.conditions?.some(isRegional);
}

const BY_KEY: [key: RegExp, code: ConditionCode, who?: RemedyActor][] = [
  [/^bedrock:inferenceprofilearn$/, "approve-profile"],
  [/^bedrock:guardrailidentifier$/, "use-approved-guardrail", "application-developer"],
  [/^aws:principal(arn|type|account)$|^aws:user(name|id)$/, "exempt-principal"],
  [/^aws:principaltag\//, "set-principal-tag", "account-administrator"],
  [/^aws:multifactorauth/, "use-mfa", "application-developer"],
  [/^aws:(source(vpc|vpce|ip|vpcarn)|vpcsourceip|vpce.*)$/, "use-approved-network", "application-developer"],
];

/**
 * Returns the conditions of the denying statement. If one of them doesn't match, the statement doesn't apply. Empty if
 * the statement isn't known, or if it depends on the Region.
 */
export function decidingConditions(blocked: readonly BareVerdict[], type: PolicyType): DecidingCondition[] {
  const known = blocked.find(({ decidedBy }) => decidedBy?.statementIndex !== undefined);
  if (known === undefined) return [];
  const { conditions = [] } = known;
  if (conditions.some(isRegional)) return [];
  if (conditions.length === 0) return isModelLeg(known.leg) ? [{ code: "approve-model", who: OWNER[type] }] : [];
  return conditions.map((condition) => adviceOn(condition, type));
}

/**
 * Returns the conditions that keep the nearest Allow of every blocked leg from matching. Empty unless the application
 * can meet all of them, such as by sending a guardrail.
 */
export function unmetConditions(blocked: readonly BareVerdict[], type: PolicyType): DecidingCondition[] {
  const unmet = blocked.map(({ nearMisses: [nearest] = [] }) =>
    nearest?.but === "condition" ? (nearest.conditions ?? []).map((condition) => adviceOn(condition, type)) : [],
  );
  const canMeet = unmet.every((each) => each.length > 0 && each.every(({ who }) => who === "application-developer"));
  return canMeet ? (unmet[0] ?? []) : [];
}

function adviceOn(condition: ConditionReport, type: PolicyType): DecidingCondition {
  const [, code = "meet-condition", who = OWNER[type]] =
    BY_KEY.find(([key]) => key.test(condition.key.toLowerCase())) ?? [];
  return { code, who, condition };
}
