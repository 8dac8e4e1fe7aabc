import type { Call, SdkCall } from "../call/call.js";
import type { Diagnosis } from "../diagnosis.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { SharedStore } from "../resolve/shared-store.js";
import type { FallbackReport } from "./report.js";
import type { ProfileLookups } from "./through-profile.js";

/** The I/O that a fallback needs. Each function may fail or hang. */
export interface FallbackPorts extends Omit<ProfileLookups, "catalog"> {
  /** Shares denied profiles with other processes. Absent if they aren't shared. */
  store?: (() => Promise<SharedStore | undefined>) | undefined;
  /** Identifies a set of credentials. The result contains no secret. */
  credentialsScope(): Promise<string>;
  /** The ARN of the caller. */
  callerArn(signal: AbortSignal): Promise<string>;
  /** True if all requests go to one address, whatever the Region. */
  isEndpointPinned(): Promise<boolean>;
  /** Sends with the same settings in another Region. */
  sendIn(region: string): Promise<SdkCall>;
  /** Loads what a diagnosis needs. @returns undefined if it can't be loaded */
  diagnoser(): Promise<Diagnoser | undefined>;
  /** Publishes a denial that a fallback answered. */
  publishRefusal(refusal: ParsedRefusal, call: Call): void;
}

/** Diagnoses denials that a fallback answers. */
export interface Diagnoser {
  diagnose(refusal: ParsedRefusal, call: Call): Promise<Diagnosis>;
  /** Writes the log line and the trace event, and starts the application's callback. Never rejects. */
  announce(report: FallbackReport, diagnosis: Diagnosis): Promise<void>;
}

/** What the application allows, and how long it waits. */
export interface FallbackSettings {
  readonly models: Readonly<Record<string, string>>;
  readonly allowRegions: readonly string[];
  /** How long a denial is remembered, in milliseconds. */
  readonly remember: number;
  /** The diagnosis deadline, in milliseconds: everything together that a denial may add to a call. */
  readonly timeoutMs: number;
  /** The principal that the application's policies apply to. */
  readonly principalArn: string | undefined;
}
