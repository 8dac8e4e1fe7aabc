// The SDK's whole surface. A name that is exported below replaces the SDK's own.
export * from "@aws-sdk/client-bedrock-runtime";

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
  AlternativeProfile,
  Confidence,
  DecidingPolicy,
  Evidence,
  EvidenceSource,
  Finding,
  LegVerdict,
  LikelyVerdict,
  NotApplicable,
} from "./diagnose/evidence.js";

export type {
  DiagnosisOptions,
  OrganizationOptions,
  ProbeOptions,
  SimulationOptions,
} from "./diagnose/options.js";
export type { SimulatedDecision } from "./diagnose/simulation.js";

// What a denied call throws.
export { diagnosisOf } from "./error/diagnosis-of.js";
export { DiagnosedError, isDiagnosedError } from "./error.js";
export type {
  Diagnosis,
  LeftOut,
  PolicyChange,
  Remedy,
  RemedyActor,
  RemedyBreadth,
  UnfinishedSearch,
} from "./explain/diagnosis.js";
export { type AccessQuestion, evaluateAccess } from "./explain/evaluate-access.js";
export { type DiagnosisFormat, formatDiagnosis } from "./explain/format/format-diagnosis.js";
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
export type { JsonPatch, PolicyEdit, PolicyStatement } from "./policy/edit.js";
export type { ConditionReport, Decision, NearMiss, StatementRef, Unknown } from "./policy/evaluate.js";
export type { Opening } from "./policy/guards.js";
export type { PolicyKnowledge } from "./policy/knowledge.js";
export type { AccessPolicies, PolicyInput, ServiceControlLevel } from "./policy/layers.js";
export type { LintCode, LintOptions, LintSeverity } from "./policy/lint.js";
export type { PlacedEdit } from "./policy/search.js";
export type { PreflightOptions, PreflightQuestion } from "./preflight/options.js";
export { diagnose } from "./preflight.js";
export type { Principal } from "./principal.js";
// Pure functions, for use without a client.
export type { RecordedCall } from "./refusal/cloudtrail.js";
export { type DenyKind, type PolicyType, REFUSAL_KINDS, type RefusalKind } from "./refusal/kinds.js";
export { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
export type { CatalogData } from "./resolve/catalog-format.js";
export { type AuthorizationLeg, authorizationLegs, type LegStage } from "./resolve/legs.js";
export type { LookupFailure, LookupFailureReason } from "./resolve/lookup-failure.js";
export { type ModelReference, parseModelId } from "./resolve/model-id.js";
export type { BareModels, ResolveOptions } from "./resolve/options.js";
export type { InferenceProfile, ProfileModel } from "./resolve/profile-source.js";
export type { ProfileLookup } from "./resolve/resolve.js";
export type { KeyValueStore } from "./resolve/shared-store.js";
export type { RetryOptions } from "./retry/options.js";
export type { DiagnosisEvent, FallbackEvent, RefusalEvent } from "./telemetry/events.js";
export type { ResilienceLogger, TelemetryOptions } from "./telemetry/options.js";
export {
  type SerializedDiagnosis,
  type SerializedError,
  type SerializeOptions,
  serializeDiagnosedError,
} from "./telemetry/serialize-error.js";
