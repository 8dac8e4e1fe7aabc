import type { RegionSetting } from "../diagnose/diagnosed-call.js";
import type { DiagnosisPorts } from "../diagnose/ports.js";
import type { ProfileLookups } from "../fallback/through-profile.js";
import type { ResolvedOptions } from "../options.js";
import type { SharedStore } from "../resolve/shared-store.js";
import type { SdkCall } from "./call.js";

/** The I/O on behalf of one client, apart from its own `send`. */
export interface Ports extends DiagnosisPorts, ProfileLookups {
  /** The store that is shared with other processes. Undefined if the application provides no store. */
  store: SharedStore | undefined;
  /** Identifies a set of credentials. The result contains no secret. */
  credentialsScope(): Promise<string>;
  /** True if calls are made with a Bedrock API key. */
  usesApiKey(): Promise<boolean>;
  /**
   * Refreshes the credentials if they are still those of calls started at this time.
   * @returns true if there are others
   */
  refreshCredentials(begun: number, signal?: AbortSignal): Promise<boolean>;
  /** True if all requests go to one address, whatever the Region. */
  isEndpointPinned(): Promise<boolean>;
  /** Sends with the same settings in another Region. */
  sendIn(region: string): Promise<SdkCall>;
  catalog(): Promise<Awaited<ReturnType<DiagnosisPorts["catalog"]>> & Awaited<ReturnType<ProfileLookups["catalog"]>>>;
}

/** What a client's calls need. The composition root provides it. */
export interface CallEnvironment {
  readonly options: ResolvedOptions;
  /** Returns the client's Region. Rejects if it has none. */
  sourceRegion(): Promise<string>;
  /** Which setting of the client a Region comes from. Undefined if it can't be determined. */
  regionFrom?(region: string): RegionSetting | undefined;
  /** Aborts when the client is destroyed, so that work in progress ends. */
  destroyed(): AbortSignal;
  /**
   * The ports. They are loaded with the first denial, or with the first call that needs them for an option that is on.
   */
  ports(): Promise<Ports>;
}
