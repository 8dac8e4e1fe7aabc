// The SDK's whole surface. A name that is exported below replaces the SDK's own.
export * from "@aws-sdk/client-bedrock-runtime";

export type { AuthorizationLeg, DenyKind, LegStage, PolicyType } from "./authorization.js";
export type { ControlPlaneClient } from "./aws/clients.js";

// The drop-in client.
export {
  BedrockRuntime,
  BedrockRuntime as ResilientBedrockRuntime,
  BedrockRuntimeClient,
  BedrockRuntimeClient as ResilientBedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type Diagnosing,
  withResilience,
} from "./client.js";
export type {
  DiagnosisOptions,
  OrganizationOptions,
  ProbeOptions,
  SimulationOptions,
} from "./diagnose/options.js";
export type { SimulatedDecision } from "./diagnose/sources/simulated.js";
export type {
  AlternativeProfile,
  Confidence,
  DecidingPolicy,
  Diagnosis,
  Evidence,
  EvidenceSource,
  Finding,
  LeftOut,
  LegVerdict,
  LikelyVerdict,
  NotApplicable,
  PolicyChange,
  Remedy,
  RemedyActor,
  RemedyBreadth,
  UnfinishedSearch,
} from "./diagnosis.js";
// What a denied call throws.
export { diagnosisOf } from "./error/diagnosis-of.js";
export { DiagnosedError, isDiagnosedError } from "./error.js";
export { type AccessQuestion, evaluateAccess } from "./explain/evaluate-access.js";
export { type DiagnosisFormat, type FormatOptions, formatDiagnosis } from "./explain/format/format-diagnosis.js";
export { type LintFinding, lintPolicy } from "./explain/lint-policy.js";
export type { Preflight } from "./explain/preflight.js";
export type { FallbackOptions } from "./fallback/options.js";
export {
  type Consideration,
  type FallbackReport,
  fallbackOf,
  type NotTried,
  type PassedOver,
  type Target,
} from "./fallback/report.js";
export { type ResolveWith, resolveInferenceProfile } from "./lookup.js";
export type { ResilienceOptions } from "./options.js";
export type { ConditionReport, Decision, NearMiss, StatementRef, Unknown } from "./policy/evaluation/evaluate.js";
export type { AccessPolicies, PolicyInput, ServiceControlLevel } from "./policy/evaluation/layers.js";
export type { PolicyKnowledge } from "./policy/evaluation/policy-set.js";
export type { LintCode, LintOptions, LintSeverity } from "./policy/lint/lint.js";
export type { JsonPatch } from "./policy/remedies/diff.js";
export type { PolicyEdit, PolicyStatement } from "./policy/remedies/edit.js";
export type { Opening } from "./policy/remedies/guards.js";
export type { PlacedEdit } from "./policy/remedies/search.js";
export { diagnose } from "./preflight.js";
export type { Principal } from "./principal.js";
export type { PreflightOptions, PreflightQuestion, RecordedDenialQuestion } from "./question.js";
// Pure functions, for use without a client.
export type { RecordedCall } from "./refusal/cloudtrail.js";
export { REFUSAL_KINDS, type RefusalKind } from "./refusal/kinds.js";
export { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
export type { CatalogData } from "./resolve/catalog-format.js";
export { authorizationLegs } from "./resolve/legs.js";
export type { LookupFailure, LookupFailureReason } from "./resolve/lookup-failure.js";
export { type ModelReference, parseModelId } from "./resolve/model-id.js";
export type { BareModels, ResolveOptions } from "./resolve/options.js";
export type { InferenceProfile, ProfileModel } from "./resolve/profile-source.js";
export type { ProfileLookup } from "./resolve/resolve.js";
export type { KeyValueStore } from "./resolve/shared-store.js";
export type { RetryOptions } from "./retry/options.js";
export type { DiagnosisEvent, FallbackEvent, RefusalEvent } from "./telemetry/events.js";
export type { ResilienceLogger } from "./telemetry/options.js";
export {
  type SerializedDiagnosis,
  type SerializedError,
  type SerializeOptions,
  serializeDiagnosedError,
} from "./telemetry/serialize-error.js";
