import type { AuthorizationLeg, PolicyType } from "../../authorization.js";
import type { DocumentFinding } from "../language/document.js";

/** The code of a problem or risk in a policy for calls through inference profiles. */
export type LintCode =
  | "document-invalid"
  | "allows-nothing"
  | "operation-is-no-action"
  | "invalid-action-prefix"
  | "unknown-action"
  | "action-without-resource-type"
  | "streaming-action-missing"
  | "only-streaming-action"
  | "profile-arn-without-account"
  | "account-in-model-arn"
  | "profile-id-as-model"
  | "wrong-condition-key"
  | "wildcard-in-exact-match"
  | "for-all-values-matches-absent-key"
  | "profile-condition-on-profile"
  | "unspecified-on-profile"
  | "profile-not-allowed"
  | "models-not-allowed"
  | "destination-not-allowed"
  | "region-condition-on-destinations"
  | "region-deny-cuts-destinations"
  | "unspecified-not-approved"
  | "deny-list-leaves-regions-open"
  | "exempts-all-of-bedrock"
  | "exempts-direct-calls"
  | "exempt-invoke-not-denied-again"
  | "global-services-denied"
  | "mantle-left-open"
  | "negated-condition-denies-profiles"
  | "exempts-any-profile"
  | "exemption-covers-models-only"
  | "exemption-matches-nothing"
  | "exemption-of-one-profile"
  | "application-profiles-not-exempt"
  | "application-profiles-denied"
  | "approved-models-deny-profiles"
  | "global-block-misses-application-profiles"
  | "leg-not-allowed";

/**
 * `error`: the policy doesn't have the effect that it appears to have. `warning`: it allows or denies more than it
 * appears to. `info`: useful to know, and often intended.
 */
export type LintSeverity = "error" | "warning" | "info";

/** One finding, as data. */
export interface BareLintFinding {
  code: LintCode;
  severity: LintSeverity;
  /** The JSON path in the document. */
  path: string;
  statementIndex?: number;
  sid?: string;
  /** The values that the finding is about. They are from the document or from the requests that it was tested with. */
  values: string[];
  /** The AWS partition of the document's ARNs and Regions. */
  partition: string;
  /** Why AWS would reject the document. Only for `document-invalid`. */
  problem?: DocumentFinding["code"];
}

/** The options of `lintPolicy`. */
export interface LintOptions {
  /**
   * The type of the policy. Some types require an Allow, and AWS completes ARNs only in some types.
   * @default "identity-based-policy"
   */
  type?: PolicyType;
  /**
   * The authorization legs of one call. If provided, the findings about destination Regions and exempt profiles are
   * about exactly these legs. Otherwise, they are about the usual destination Regions of each geography, and about any
   * profile.
   */
  legs?: readonly AuthorizationLeg[];
}
