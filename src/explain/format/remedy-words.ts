import type { Conclusion } from "../../diagnosis.js";
import type { ConditionCode } from "../deciding-conditions.js";
import type { EditCode, ProposedRemedy, RemedyCode } from "../proposal.js";
import { ACCESS_REMEDIES } from "./access-remedy-words.js";
import { CALL_REMEDIES } from "./call-remedy-words.js";
import { CONDITION_CODES, conditionWords } from "./condition-words.js";
import { SCP } from "./doc-links.js";
import { editSteps, editTitle } from "./edit-words.js";
import { POLICY_REMEDIES } from "./policy-remedy-words.js";
import { completeListFirst, fromCatalog, type RemedyText, type WordRemedy } from "./remedy-parts.js";
import { TARGET_REMEDIES } from "./target-words.js";

/** Returns the text of a remedy: its title, its steps in order, and links to AWS's documentation. */
export function remedyWords(remedy: ProposedRemedy, conclusion: Conclusion): RemedyText {
  const { code, edits } = remedy;
  if (edits) {
    const links = isEditCode(code) || isConditionCode(code) ? [SCP] : WORDS[code](conclusion, remedy).links;
    return {
      title: editTitle(edits),
      steps: [...editSteps(remedy), ...completeListFirst(conclusion), ...fromCatalog(conclusion)],
      links,
    };
  }
  if (isConditionCode(code)) return conditionWords(code, conclusion, remedy.condition);
  return isEditCode(code) ? { title: code, steps: [], links: [] } : WORDS[code](conclusion, remedy);
}

const isEditCode = (code: RemedyCode): code is EditCode =>
  code === "narrow-region-deny-list" ||
  code === "edit-several-policies" ||
  code === "exempt-profile-and-approve-source";

const isConditionCode = (code: RemedyCode): code is ConditionCode => CONDITION_CODES.includes(code as ConditionCode);

const WORDS: Record<Exclude<RemedyCode, EditCode | ConditionCode>, WordRemedy> = {
  ...POLICY_REMEDIES,
  ...ACCESS_REMEDIES,
  ...CALL_REMEDIES,
  ...TARGET_REMEDIES,
};
