import type { Confidence, DecidingPolicy, PolicyChange, RemedyActor, RemedyBreadth } from "../diagnosis.js";
import type { ConditionReport } from "../policy/evaluation/evaluate.js";
import type { Opening } from "../policy/remedies/guards.js";
import type { PlacedEdit } from "../policy/remedies/search.js";
import type { ConditionCode } from "./deciding-conditions.js";

/** Remedies that exist only as edits of provided policies. */
export type EditCode = "narrow-region-deny-list" | "edit-several-policies" | "exempt-profile-and-approve-source";

export type RemedyCode =
  | EditCode
  | ConditionCode
  | "exempt-in-control-tower"
  | "replace-aws-managed-policy"
  | "use-geographic-profile"
  | "use-approved-source-region"
  | "exempt-inference-profiles"
  | "carve-out-and-re-deny"
  | "approve-regions"
  | "approve-unspecified"
  | "allow-at-every-scp-level"
  | "allow-in-policy"
  | "change-denying-policy"
  | "rotate-compromised-key"
  | "use-own-account-profile"
  | "find-the-policy"
  | "allow-the-action"
  | "enable-model-access"
  | "subscribe-once"
  | "wait-for-subscription"
  | "add-payment-instrument"
  | "submit-use-case-form"
  | "use-another-model"
  | "call-through-profile"
  | "correct-model-id"
  | "call-foundation-model"
  | "look-up-prompt"
  | "fix-credentials"
  | "refresh-credentials"
  | "contact-support"
  | "open-account-case"
  | "contact-aws-sales"
  | "wait-for-verification"
  | "check-prompt-permissions"
  | "accept-model-agreement"
  | "call-again"
  | "replace-api-key"
  | "synchronize-clock"
  | "share-guardrail"
  | "set-data-retention"
  | "ask-reseller"
  | "look-in-cloudtrail";

/** A remedy before its sentences are added: its code, who carries it out, how broad it is, and the policy text. */
export interface ProposedRemedy {
  code: RemedyCode;
  who: RemedyActor;
  breadth: RemedyBreadth;
  confidence: Confidence;
  policy?: PolicyChange;
  /** The condition that the remedy is about. */
  condition?: ConditionReport;
  edits?: PlacedEdit[];
  /** The edits as a unified diff. */
  diff?: string;
  opens?: Opening[];
  verified?: boolean;
  /**
   * The policy that the remedy changes, and the action and resource that this policy blocks. By default, those of the
   * denial.
   */
  about?: { policy: DecidingPolicy; resource?: string | undefined; action?: string | undefined };
}

/** From least to most. */
export const BREADTH: readonly RemedyBreadth[] = ["nothing", "this-profile", "geography", "regions", "account"];
