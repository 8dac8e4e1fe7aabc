// The SDK's whole surface. A name that is exported below replaces the SDK's own. An application that imports a name of
// the SDK from here gets every value below in its bundle, so what error handling doesn't need is in `offline.ts`.
export * from "@aws-sdk/client-bedrock-runtime";

// The drop-in client.

export {
  BedrockRuntime,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type Diagnosing,
  withResilience,
} from "./client.js";

// The options of the client.

export type { ControlPlaneClient } from "./aws/clients.js";
export type { DiagnosisOptions, OrganizationOptions, ProbeOptions, SimulationOptions } from "./diagnose/options.js";
export type { FallbackOptions } from "./fallback/options.js";
export type { ResilienceOptions } from "./options.js";
export type { PolicySet } from "./policy/evaluation/sealed.js";
export type { CatalogData } from "./resolve/catalog-format.js";
export type { BareModels, ResolveOptions } from "./resolve/options.js";
export type { KeyValueStore } from "./resolve/shared-store.js";
export type { RetryOptions } from "./retry/options.js";
export type { ResilienceLogger, TelemetryOptions } from "./telemetry/options.js";

// What a denied call throws, and what a fallback adds to an output.

export { diagnosisOf } from "./error/diagnosis-of.js";
export { DiagnosedError, isDiagnosedError } from "./error.js";
export {
  type Consideration,
  type FallbackReport,
  fallbackOf,
  type NotTried,
  type PassedOver,
  type Target,
} from "./fallback/report.js";

// A diagnosis.

export type { AuthorizationLeg, DenyKind, LegStage, PolicyType } from "./authorization.js";
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
  SimulatedDecision,
  UnfinishedSearch,
} from "./diagnosis.js";
export type { ConditionReport, Decision, NearMiss, StatementRef, Unknown } from "./policy/evaluation/evaluate.js";
export type { PolicyInput, ServiceControlLevel } from "./policy/evaluation/layers.js";
export type { JsonPatch } from "./policy/remedies/diff.js";
export type { PolicyEdit, PolicyStatement } from "./policy/remedies/edit.js";
export type { Opening } from "./policy/remedies/guards.js";
export type { PlacedEdit } from "./policy/remedies/search.js";
export type { Principal } from "./principal.js";
export type { RecordedCall } from "./refusal/cloudtrail.js";
export type { RefusalKind } from "./refusal/kinds.js";
export type { ParsedRefusal } from "./refusal/parse.js";
export type { DiagnosisEvent, FallbackEvent, RefusalEvent } from "./telemetry/events.js";

// Questions without a call of a client.

export type { Preflight } from "./explain/preflight.js";
export type { ResolveWith } from "./lookup.js";
export { diagnose, resolveInferenceProfile } from "./on-demand.js";
export type { PreflightOptions, PreflightQuestion, RecordedDenialQuestion } from "./question.js";
export type { LookupFailure, LookupFailureReason } from "./resolve/lookup-failure.js";
export type { InferenceProfile, ProfileModel } from "./resolve/profile-source.js";
export type { ProfileLookup } from "./resolve/resolve.js";
