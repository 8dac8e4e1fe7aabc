// Pure functions. They need neither the SDK nor Node.js, and make no calls. A bundle contains only those that are used.

// A request and its authorization legs.

export type { AuthorizationLeg, DenyKind, LegStage, PolicyType } from "./authorization.js";
// A diagnosis, as a report and as data for a log.

export type {
  Confidence,
  DecidingPolicy,
  Diagnosis,
  Evidence,
  EvidenceSource,
  Finding,
  LegVerdict,
  LikelyVerdict,
  Remedy,
} from "./diagnosis.js";
// Policies.

export { type AccessQuestion, evaluateAccess } from "./explain/evaluate-access.js";
export { type DiagnosisFormat, type FormatOptions, formatDiagnosis } from "./explain/format/format-diagnosis.js";
export { type LintFinding, lintPolicy } from "./explain/lint-policy.js";
export type { Preflight } from "./explain/preflight.js";
// A denial message.

export { explainRefusal, type RefusalDetails } from "./explain-refusal.js";
export type { ConditionReport, Decision, NearMiss, StatementRef, Unknown } from "./policy/evaluation/evaluate.js";
export type { AccessPolicies, PolicyInput, ServiceControlLevel } from "./policy/evaluation/layers.js";
export { type PolicySetInput, policySet } from "./policy/evaluation/policy-set.js";
export type { PolicySet } from "./policy/evaluation/sealed.js";
export type { LintCode, LintOptions, LintSeverity } from "./policy/lint/lint.js";
export type { Principal } from "./principal.js";
export type { RecordedCall } from "./refusal/cloudtrail.js";
export { REFUSAL_KINDS, type RefusalKind } from "./refusal/kinds.js";
export { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
export { type CatalogProfile, inferenceProfile } from "./resolve/inference-profile.js";
export { authorizationLegs, type LegsRequest } from "./resolve/legs.js";
export { type ModelReference, parseModelId } from "./resolve/model-id.js";
export type { InferenceProfile, ProfileModel } from "./resolve/profile-source.js";
export {
  type SerializedDiagnosis,
  type SerializedError,
  type SerializeOptions,
  serializeDiagnosedError,
} from "./telemetry/serialize-error.js";
