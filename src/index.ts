// The SDK's whole surface. A name that is exported below replaces the SDK's own. An application that imports a name of the
// SDK from here gets every value below in its bundle, so what error handling doesn't need is in `offline.ts`.
export * from "@aws-sdk/client-bedrock-runtime";

// The drop-in client.
export {
  BedrockRuntime,
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type Diagnosing,
  withResilience,
} from "./client.js";
// A diagnosis.
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
export type { SimulatedDecision } from "./diagnose/simulation.js";
// What a denied call throws, and what a fallback adds to an output.
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
export type { Preflight } from "./explain/preflight.js";
// The options of the client.
export type { BareModels, FallbackOptions } from "./fallback/options.js";
export {
  type Consideration,
  type FallbackReport,
  fallbackOf,
  type NotTried,
  type PassedOver,
  type Target,
} from "./fallback/report.js";
export type { ResolveWith } from "./lookup.js";
// Questions without a denied call.
export { diagnose, resolveInferenceProfile } from "./on-demand.js";
export type {
  ControlPlaneClient,
  DiagnosisOptions,
  OrganizationOptions,
  ProbeOptions,
  ResilienceLogger,
  ResilienceOptions,
  ResolveOptions,
  SimulationOptions,
} from "./options.js";
export type { JsonPatch, PolicyEdit, PolicyStatement } from "./policy/edit.js";
export type { ConditionReport, Decision, NearMiss, StatementRef, Unknown } from "./policy/evaluate.js";
export type { Opening } from "./policy/guards.js";
export type { PolicyInput, ServiceControlLevel } from "./policy/layers.js";
export type { PolicySet } from "./policy/sealed.js";
export type { PlacedEdit } from "./policy/search.js";
export type { PreflightOptions, PreflightQuestion } from "./preflight.js";
export type { Principal } from "./principal.js";
export type { RecordedCall } from "./refusal/cloudtrail.js";
export type { DenyKind, PolicyType, RefusalKind } from "./refusal/kinds.js";
export type { ParsedRefusal } from "./refusal/parse.js";
export type { CatalogData } from "./resolve/catalog-format.js";
export type { AuthorizationLeg, LegStage } from "./resolve/legs.js";
export type { LookupFailure, LookupFailureReason } from "./resolve/lookup-failure.js";
export type { InferenceProfile, ProfileModel } from "./resolve/profile-source.js";
export type { ProfileLookup } from "./resolve/resolve.js";
export type { KeyValueStore } from "./resolve/shared-store.js";
export type { RetryOptions } from "./retry/options.js";
export type { DiagnosisEvent, FallbackEvent, RefusalEvent } from "./telemetry/events.js";
