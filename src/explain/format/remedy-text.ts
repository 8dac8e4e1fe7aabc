import type { Conclusion } from "../../diagnosis.js";
import type { ConditionCode } from "../deciding-conditions.js";
import type { Decider } from "../deciding-policies.js";
import type { EditCode, ProposedRemedy, RemedyCode } from "../proposal.js";
import { ACCESS_REMEDIES } from "./access-remedies.js";
import { CALL_REMEDIES } from "./call-remedies.js";
import { CONDITION_CODES, conditionText } from "./condition-remedies.js";
import { SCP } from "./doc-links.js";
import { editSteps, editTitle } from "./edit-text.js";
import { POLICY_REMEDIES } from "./policy-remedies.js";
import { completeListFirst, fromCatalog, type RemedyText, type WriteRemedy } from "./remedy-parts.js";
import { TARGET_REMEDIES } from "./target-text.js";

/**
 * Returns the text of a remedy: its title, its steps in order, and links to AWS's documentation.
 *
 * @param deciders what denies the whole call. The conclusion may be about the remedy's policy only.
 */
export function remedyText(remedy: ProposedRemedy, conclusion: Conclusion, deciders: readonly Decider[]): RemedyText {
  const { code, edits } = remedy;
  if (edits) {
    const links = isEditCode(code) || isConditionCode(code) ? [SCP] : REMEDY_TEXTS[code](conclusion, remedy).links;
    return {
      title: editTitle(edits),
      steps: [...editSteps(remedy, deciders), ...completeListFirst(conclusion), ...fromCatalog(conclusion)],
      links,
    };
  }
  if (isConditionCode(code)) return conditionText(code, conclusion, remedy.condition);
  return isEditCode(code) ? { title: code, steps: [], links: [] } : REMEDY_TEXTS[code](conclusion, remedy);
}

const isEditCode = (code: RemedyCode): code is EditCode =>
  code === "narrow-region-deny-list" ||
  code === "edit-several-policies" ||
  code === "exempt-profile-and-approve-source";

const isConditionCode = (code: RemedyCode): code is ConditionCode => CONDITION_CODES.includes(code as ConditionCode);

const REMEDY_TEXTS: Record<Exclude<RemedyCode, EditCode | ConditionCode>, WriteRemedy> = {
  ...POLICY_REMEDIES,
  ...ACCESS_REMEDIES,
  ...CALL_REMEDIES,
  ...TARGET_REMEDIES,
};
