import type { ServiceControlLevel } from "../policy/evaluation/layers.js";
import type { ModelLookup } from "../resolve/foundation-models.js";
import type { ModelReference } from "../resolve/model-id.js";
import type { ProfileCatalog } from "../resolve/profile-catalog.js";
import type { ProfileLookup } from "../resolve/resolve.js";
import type { DiagnosedCall } from "./diagnosed-call.js";
import type { SimulatedDecision, SimulationRequest } from "./sources/simulated.js";

/** Which of the ports the application opted in to. */
export interface OptedInPorts {
  simulate?: unknown;
  probe?: unknown;
  organization?: unknown;
}

/** The lookups of a diagnosis. Each may fail or hang, and `gather` turns that into evidence. */
export interface DiagnosisPorts {
  /** The inference profile behind a reference, as seen from the source Region. */
  resolveProfile(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup>;
  /** A foundation model, as it is offered in the source Region. */
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  /** The bundled catalog. Doesn't use the network. */
  catalog(): Promise<ProfileCatalog>;
  /** The account's access to a foundation model in the source Region. */
  modelAccess(modelId: string, sourceRegion: string, signal: AbortSignal): Promise<ModelAccess>;
  /** Whether the account has submitted the use case form for Anthropic's models. */
  isUseCaseFilled(sourceRegion: string, signal: AbortSignal): Promise<boolean>;
  /** The data retention mode of the account in a Region: `default`, `none`, or another mode of Bedrock. */
  dataRetentionMode(sourceRegion: string, signal: AbortSignal): Promise<string>;
  /** The ARN of the principal of the credentials. */
  callerArn(signal: AbortSignal): Promise<string>;
  /** An account's role. */
  role(roleName: string, accountId: string, signal: AbortSignal): Promise<Role>;
  /** The decisions of IAM's policy simulator, by resource. Present if the application opted in. */
  simulate?: ((request: SimulationRequest, signal: AbortSignal) => Promise<SimulatedDecision[]>) | undefined;
  /** Sends a request without content. Present if the application opted in. @returns the response or error */
  probe?: ((call: DiagnosedCall, signal: AbortSignal) => Promise<unknown>) | undefined;
  /** True if a probe may subscribe the account to a model. */
  mayProbeSubscribe?: boolean;
  /**
   * The service control policies that apply to an account. Present if the application provided credentials for them.
   */
  organization?:
    | ((accountId: string, partition: string, signal: AbortSignal) => Promise<OrganizationPolicies>)
    | undefined;
}

/** A role as IAM returns it. */
export interface Role {
  /** Includes the path. */
  arn: string;
  /** The unique ID, with which `aws:userid` of its sessions begins. */
  id?: string;
}

/** The account's access to a model, in the service's own values. A field is absent if the service doesn't return it. */
export interface ModelAccess {
  agreement?: string;
  authorization?: string;
  entitlement?: string;
  region?: string;
}

/** What AWS Organizations returns for one account. */
export interface OrganizationPolicies {
  /** The root first, the account last. */
  levels: ServiceControlLevel[];
  managementAccountId?: string;
}

/** The catalog's answers. */
