import {
  actionWithoutResourceType,
  invalidActionPrefix,
  onlyStreamingAction,
  operationIsNoAction,
  streamingActionMissing,
  unknownAction,
} from "./action-rules.js";
import {
  allowsNothing,
  destinationNotAllowed,
  legNotAllowed,
  modelsNotAllowed,
  profileNotAllowed,
  regionConditionOnDestinations,
} from "./allow-rules.js";
import { accountInModelArn, profileArnWithoutAccount, profileIdAsModel } from "./arn-rules.js";
import {
  forAllValuesMatchesAbsentKey,
  profileConditionOnProfile,
  unspecifiedOnProfile,
  wildcardInExactMatch,
  wrongConditionKey,
} from "./condition-rules.js";
import {
  applicationProfilesDenied,
  applicationProfilesNotExempt,
  approvedModelsDenyProfiles,
  exemptionCoversModelsOnly,
  exemptionMatchesNothing,
  exemptionOfOneProfile,
  exemptsAnyProfile,
  globalBlockMissesApplicationProfiles,
  negatedConditionDeniesProfiles,
} from "./exemption-rules.js";
import type { LintCode } from "./finding.js";
import {
  denyListLeavesRegionsOpen,
  exemptInvokeNotDeniedAgain,
  exemptsAllOfBedrock,
  exemptsDirectCalls,
  globalServicesDenied,
  mantleLeftOpen,
  regionDenyCutsDestinations,
  unspecifiedNotApproved,
} from "./region-deny-rules.js";
import type { Rule } from "./rule.js";

/** Every rule, by the code of its findings. Findings of the document parser have the code `document-invalid`. */
export const RULES: Readonly<Record<Exclude<LintCode, "document-invalid">, Rule>> = {
  "allows-nothing": allowsNothing,
  "operation-is-no-action": operationIsNoAction,
  "invalid-action-prefix": invalidActionPrefix,
  "unknown-action": unknownAction,
  "action-without-resource-type": actionWithoutResourceType,
  "streaming-action-missing": streamingActionMissing,
  "only-streaming-action": onlyStreamingAction,
  "profile-arn-without-account": profileArnWithoutAccount,
  "account-in-model-arn": accountInModelArn,
  "profile-id-as-model": profileIdAsModel,
  "wrong-condition-key": wrongConditionKey,
  "wildcard-in-exact-match": wildcardInExactMatch,
  "for-all-values-matches-absent-key": forAllValuesMatchesAbsentKey,
  "profile-condition-on-profile": profileConditionOnProfile,
  "unspecified-on-profile": unspecifiedOnProfile,
  "profile-not-allowed": profileNotAllowed,
  "models-not-allowed": modelsNotAllowed,
  "destination-not-allowed": destinationNotAllowed,
  "region-condition-on-destinations": regionConditionOnDestinations,
  "region-deny-cuts-destinations": regionDenyCutsDestinations,
  "unspecified-not-approved": unspecifiedNotApproved,
  "deny-list-leaves-regions-open": denyListLeavesRegionsOpen,
  "exempts-all-of-bedrock": exemptsAllOfBedrock,
  "exempts-direct-calls": exemptsDirectCalls,
  "exempt-invoke-not-denied-again": exemptInvokeNotDeniedAgain,
  "global-services-denied": globalServicesDenied,
  "mantle-left-open": mantleLeftOpen,
  "negated-condition-denies-profiles": negatedConditionDeniesProfiles,
  "exempts-any-profile": exemptsAnyProfile,
  "exemption-covers-models-only": exemptionCoversModelsOnly,
  "exemption-matches-nothing": exemptionMatchesNothing,
  "exemption-of-one-profile": exemptionOfOneProfile,
  "application-profiles-not-exempt": applicationProfilesNotExempt,
  "application-profiles-denied": applicationProfilesDenied,
  "approved-models-deny-profiles": approvedModelsDenyProfiles,
  "global-block-misses-application-profiles": globalBlockMissesApplicationProfiles,
  "leg-not-allowed": legNotAllowed,
};
