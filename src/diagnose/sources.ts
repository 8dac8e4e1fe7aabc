import type { FailureFinding } from "./failure-finding.js";
import { type AlternativesFinding, alternatives } from "./sources/alternatives.js";
import { type ApplicationFinding, application } from "./sources/application.js";
import { type DataRetentionFinding, dataRetention } from "./sources/data-retention.js";
import { type IdentityFinding, type IdentityUnavailable, identity } from "./sources/identity.js";
import { type MessageFinding, message } from "./sources/message.js";
import { type ModelAccessFinding, modelAccess } from "./sources/model-access.js";
import { type OnDemandFinding, onDemand } from "./sources/on-demand.js";
import { type OrganizationFinding, organization } from "./sources/organization.js";
import { type PoliciesFinding, policies } from "./sources/policies.js";
import { type ProbeFinding, type ProbeUnavailable, probe, probeDenial } from "./sources/probe.js";
import { type ProfileFinding, profile } from "./sources/profile.js";
import { type PromptFinding, promptProfiles } from "./sources/prompt.js";
import { type SimulationFinding, type SimulationUnavailable, simulation } from "./sources/simulation.js";
import type { Source } from "./sources/source.js";
import { type SourceRegionsFinding, sourceRegions } from "./sources/source-regions.js";
import { type UseCaseFinding, useCase } from "./sources/use-case.js";

/**
 * What each source reports: a code and its arguments. `message`: the error message of the denial. `profile`: the
 * destination Regions of the inference profile. `foundation-model`: the account's access to the model, as the service
 * reports it. `policies`: the policy documents that the application provided. `identity`: the caller, from AWS STS and
 * IAM. `organization`: the service control policies from AWS Organizations. `simulation`: IAM's policy simulator.
 * `probe`: a request without content. `application`: what the application stated.
 */
interface Findings {
  message: MessageFinding;
  profile: ProfileFinding | SourceRegionsFinding | AlternativesFinding | PromptFinding;
  "foundation-model": OnDemandFinding | ModelAccessFinding | UseCaseFinding | DataRetentionFinding;
  policies: PoliciesFinding;
  identity: IdentityFinding;
  organization: OrganizationFinding;
  simulation: SimulationFinding;
  probe: ProbeFinding;
  application: ApplicationFinding;
}

/** Why a source can't determine anything about this caller, or may not be used. */
export type NotApplicable = IdentityUnavailable | SimulationUnavailable | ProbeUnavailable;

/** The source of a piece of evidence. */
export type EvidenceSource = keyof Findings;

/** What one source reports. `explain/format` converts it to sentences. */
export type Finding = Findings[EvidenceSource] | FailureFinding<NotApplicable>;

/**
 * The sources of evidence. The order is the precedence of their verdicts, and the order in which their lookups start.
 * The organization's policies are evaluated by `policies`.
 */
export const SOURCES: readonly Source<EvidenceSource, Finding>[] = [
  message,
  probeDenial,
  profile,
  sourceRegions,
  alternatives,
  onDemand,
  modelAccess,
  useCase,
  promptProfiles,
  dataRetention,
  application,
  identity,
  organization,
  policies,
  simulation,
  probe,
];
