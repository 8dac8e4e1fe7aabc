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

/**
 * Every rule, in the order of the findings about one statement. Findings of the document parser have the code
 * `document-invalid`.
 */
export const RULES: readonly Rule[] = [
  allowsNothing,
  operationIsNoAction,
  invalidActionPrefix,
  unknownAction,
  actionWithoutResourceType,
  streamingActionMissing,
  onlyStreamingAction,
  profileArnWithoutAccount,
  accountInModelArn,
  profileIdAsModel,
  wrongConditionKey,
  wildcardInExactMatch,
  forAllValuesMatchesAbsentKey,
  profileConditionOnProfile,
  unspecifiedOnProfile,
  profileNotAllowed,
  modelsNotAllowed,
  destinationNotAllowed,
  regionConditionOnDestinations,
  regionDenyCutsDestinations,
  unspecifiedNotApproved,
  denyListLeavesRegionsOpen,
  exemptsAllOfBedrock,
  exemptsDirectCalls,
  exemptInvokeNotDeniedAgain,
  globalServicesDenied,
  mantleLeftOpen,
  negatedConditionDeniesProfiles,
  exemptsAnyProfile,
  exemptionCoversModelsOnly,
  exemptionMatchesNothing,
  exemptionOfOneProfile,
  applicationProfilesNotExempt,
  applicationProfilesDenied,
  approvedModelsDenyProfiles,
  globalBlockMissesApplicationProfiles,
  legNotAllowed,
];
