// Pure functions. They need neither the SDK nor Node.js, and make no calls. A bundle contains only those that are used.

// Verdicts of evaluateAccess.
export type {
  Confidence,
  DecidingPolicy,
  Evidence,
  EvidenceSource,
  Finding,
  LegVerdict,
  LikelyVerdict,
} from "./diagnose/evidence.js";
// A diagnosis, as a report and as data for a log.
export type { Diagnosis, Remedy } from "./explain/diagnosis.js";
// Policies.
export { type AccessQuestion, evaluateAccess } from "./explain/evaluate-access.js";
export { type DiagnosisFormat, formatDiagnosis } from "./explain/format/format-diagnosis.js";
export { type LintFinding, lintPolicy } from "./explain/lint-policy.js";
export type { Preflight } from "./explain/preflight.js";
export type { ConditionReport, Decision, NearMiss, StatementRef, Unknown } from "./policy/evaluate.js";
export { type PolicySetInput, policySet } from "./policy/knowledge.js";
export type { AccessPolicies, PolicyInput, ServiceControlLevel } from "./policy/layers.js";
export type { LintCode, LintOptions, LintSeverity } from "./policy/lint.js";
export type { PolicySet } from "./policy/sealed.js";
export type { Principal } from "./principal.js";
// A denial message.
export type { RecordedCall } from "./refusal/cloudtrail.js";
export { type DenyKind, type PolicyType, REFUSAL_KINDS, type RefusalKind } from "./refusal/kinds.js";
export { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
// A request and its authorization legs.
export { type CatalogProfile, inferenceProfile } from "./resolve/inference-profile.js";
export { type AuthorizationLeg, authorizationLegs, type LegStage, type LegsRequest } from "./resolve/legs.js";
export { type ModelReference, parseModelId } from "./resolve/model-id.js";
export type { InferenceProfile, ProfileModel } from "./resolve/profile-source.js";
export {
  type SerializedDiagnosis,
  type SerializedError,
  type SerializeOptions,
  serializeDiagnosedError,
} from "./telemetry/serialize-error.js";
