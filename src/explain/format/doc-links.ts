// Pages that remedies link to.

const USER_GUIDE = "https://docs.aws.amazon.com/bedrock/latest/userguide";
export const GEOGRAPHIC = `${USER_GUIDE}/geographic-cross-region-inference.html`;
export const GLOBAL = `${USER_GUIDE}/global-cross-region-inference.html`;
export const PROFILES = `${USER_GUIDE}/inference-profiles-support.html`;
export const MODEL_ACCESS = `${USER_GUIDE}/model-access.html`;
export const MODEL_LIFECYCLE = `${USER_GUIDE}/model-lifecycle.html`;
export const MODELS = `${USER_GUIDE}/models-supported.html`;
export const API_KEYS = `${USER_GUIDE}/api-keys-how.html`;
export const API_KEY_PERMISSIONS = `${USER_GUIDE}/api-keys-permissions.html`;
export const DATA_RETENTION = `${USER_GUIDE}/data-retention.html`;
export const COUNT_TOKENS = `${USER_GUIDE}/count-tokens.html`;
export const PROMPTS = `${USER_GUIDE}/prompt-management.html`;
export const CLOUDTRAIL = `${USER_GUIDE}/logging-using-cloudtrail.html`;
export const ENFORCED_GUARDRAILS =
  "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListEnforcedGuardrailsConfiguration.html";
export const ERRORS = `${USER_GUIDE}/troubleshooting-api-error-codes.html`;
export const REGION_DENY_EXAMPLES = "https://github.com/aws-samples/service-control-policy-examples";
export const REGION_DENY_CONTROL =
  "https://docs.aws.amazon.com/controltower/latest/controlreference/ou-region-deny.html";
export const ACCESS_DENIED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html";
export const SCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html";
export const QUARANTINE =
  "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html";
