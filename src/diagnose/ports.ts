import type { ServiceControlLevel } from "../policy/layers.js";
import type { KnownProfile } from "../resolve/known-profiles.js";
import type { ModelReference } from "../resolve/model-id.js";
import type { ProfileLookup } from "../resolve/resolve.js";

/** The reads that a diagnosis may ask for. Each may fail or hang: `gather` turns that into evidence. */
export interface DiagnosisPorts {
  /** The inference profile behind a reference, as seen from the source Region. */
  resolveProfile(reference: ModelReference, sourceRegion: string, signal?: AbortSignal): Promise<ProfileLookup>;
  /** The bundled catalog; no network. */
  catalog(): Promise<ProfileCatalog>;
  /** The service control policies above an account; there where the application gave credentials for it. */
  organization?:
    | ((accountId: string, partition: string, signal: AbortSignal) => Promise<OrganizationPolicies>)
    | undefined;
}

/** What AWS Organizations says of one account. */
export interface OrganizationPolicies {
  /** The root first, the account last. */
  levels: ServiceControlLevel[];
  managementAccountId?: string;
}

/** What the bundled catalog answers. */
export interface ProfileCatalog {
  knownProfilesOf(modelId: string, sourceRegion: string): KnownProfile[];
  knownSourceRegions(profileId: string): string[];
  knownGeographies(sourceRegion: string): string[];
}
