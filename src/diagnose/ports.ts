import type { ServiceControlLevel } from "../policy/layers.js";
import type { ModelLookup } from "../resolve/foundation-models.js";
import type { ModelReference } from "../resolve/model-id.js";
import type { ProfileCatalog } from "../resolve/profile-catalog.js";
import type { ProfileLookup } from "../resolve/resolve.js";
import type { RefusedCall } from "./refused-call.js";
import type { SimulatedDecision, SimulationRequest } from "./simulation.js";

/** The reads that a diagnosis may ask for. Each may fail or hang: `gather` turns that into evidence. */
export interface DiagnosisPorts {
  /** The inference profile behind a reference, as seen from the source Region. */
  resolveProfile(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup>;
  /** A foundation model, as the source Region offers it. */
  resolveModel(modelId: string, region: string, signal?: AbortSignal): Promise<ModelLookup>;
  /** The bundled catalog; no network. */
  catalog(): Promise<ProfileCatalog>;
  /** The account's access to a foundation model in the source Region. */
  modelAccess(modelId: string, sourceRegion: string, signal: AbortSignal): Promise<ModelAccess>;
  /** Whether the account has filled out the use case form of Anthropic's models. */
  isUseCaseFilled(sourceRegion: string, signal: AbortSignal): Promise<boolean>;
  /** The data retention mode of the account in a Region: `default`, `none`, or another mode of Bedrock. */
  dataRetentionMode(sourceRegion: string, signal: AbortSignal): Promise<string>;
  /** The ARN of whoever the credentials belong to. */
  callerArn(signal: AbortSignal): Promise<string>;
  /** An account's role. */
  role(roleName: string, accountId: string, signal: AbortSignal): Promise<Role>;
  /** What IAM's policy simulator decides, resource by resource; there where the application opted in. */
  simulate?: ((request: SimulationRequest, signal: AbortSignal) => Promise<SimulatedDecision[]>) | undefined;
  /** A request without content; there where the application opted in. @returns how it was answered */
  probe?: ((call: RefusedCall, signal: AbortSignal) => Promise<unknown>) | undefined;
  /** True where a probe may be what subscribes the account to a model. */
  mayProbeSubscribe?: boolean;
  /** The service control policies above an account; there where the application gave credentials for it. */
  organization?:
    | ((accountId: string, partition: string, signal: AbortSignal) => Promise<OrganizationPolicies>)
    | undefined;
}

/** A role as IAM tells it. */
export interface Role {
  /** With its path. */
  arn: string;
  /** The unique id, which `aws:userid` of its sessions begins with. */
  id?: string;
}

/** What the service says of an account's access to a model, in its own words; absent where it does not say. */
export interface ModelAccess {
  agreement?: string;
  authorization?: string;
  entitlement?: string;
  region?: string;
}

/** What AWS Organizations says of one account. */
export interface OrganizationPolicies {
  /** The root first, the account last. */
  levels: ServiceControlLevel[];
  managementAccountId?: string;
}

/** What the catalog answers. */
