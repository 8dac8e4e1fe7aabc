/** A model or an inference profile, called in one Region. */
export interface Target {
  modelId: string;
  region: string;
}

/** Why no fallback was tried for a denied call. */
export type NotTried =
  /** The `modelId` isn't an inference profile, so nothing was routed. */
  | "not-a-profile"
  /** Bidirectional streams and asynchronous jobs aren't sent again. */
  | "operation-not-replayable"
  /** The request's body is a stream, which can be read only once. */
  | "body-not-replayable"
  /** The denial isn't about a destination Region or global routing. Another call would also be denied. */
  | "not-about-routing"
  /** The denied model and Region aren't among the profile's, so this isn't a denial of the call's routing. */
  | "not-this-profile"
  /** The profile's models couldn't be determined, and the application lists no other model that could be called. */
  | "profile-unresolved"
  /** A VPC endpoint policy denied the call. The library doesn't circumvent the network's own policy. */
  | "vpc-endpoint-policy"
  /** No candidate is left that can be called. `considered` contains the reason for each one. */
  | "no-candidate";

/** Why a candidate was skipped. */
export type PassedOver =
  /** The model can only be called through an inference profile there. */
  | "profile-only"
  | "end-of-life"
  /** The model doesn't exist in this Region. */
  | "not-found"
  /** Neither GetFoundationModel nor the bundled catalog shows whether it can be called. */
  | "unknown"
  /** The application, or its environment, sends all requests to one endpoint, so no other Region can be reached. */
  | "endpoint-pinned"
  /** The call was just denied in this Region. */
  | "blocked-region"
  /** The call's guardrail exists only in the source Region. */
  | "guardrail-elsewhere"
  /** The settings of the client for this Region weren't available before the diagnosis deadline. */
  | "client-not-ready";

/** One candidate, and its outcome. */
export interface Consideration extends Target {
  /** `not-tried`: it could be called, but the search ended first. */
  outcome: "answered" | "denied" | "failed" | "passed-over" | "not-tried";
  /** Why it was skipped. */
  reason?: PassedOver;
  /** The `name` of the error that it failed with. */
  errorName?: string;
  /** The source that determined whether the model can be called there. */
  knownFrom?: "api" | "bundled-catalog";
  /** When GetFoundationModel answered (ISO 8601), or the date of the catalog. The catalog may not contain the model. */
  asOf?: string;
  /** The model's lifecycle status if it isn't ACTIVE, such as `LEGACY`. */
  lifecycle?: string;
}

/** What happened to a call that was sent, or could have been sent, to another target. Plain data. */
export interface FallbackReport {
  /**
   * `routing-denied`: AWS denied a destination. `profile-only-model`: `resolve.bareModels` sent a bare model ID
   * through a profile.
   */
  reason: "routing-denied" | "profile-only-model";
  /** The target that the application requested. */
  requested: Target;
  /** The target that answered. Absent if none did. */
  used?: Target;
  /** The reason in one sentence: the summary of the denial. */
  why: string;
  /** Why no fallback was tried. Absent if one was. */
  notTried?: NotTried;
  /** True if the denial was known from an earlier call, so the call wasn't sent through the profile first. */
  remembered: boolean;
  /** Every candidate, in order. */
  considered: Consideration[];
  /** Fields of the request that were omitted, because a call without a profile can't contain them. */
  dropped: string[];
}

/** The report of a call that was denied, or would be denied. */
export function reportOf(call: { readonly requested: Target }, what: Partial<FallbackReport>): FallbackReport {
  const { requested } = call;
  return {
    reason: "routing-denied",
    requested,
    why: "",
    remembered: false,
    considered: [],
    dropped: [],
    ...what,
  };
}

/** Set on outputs. `Symbol.for` makes it the same symbol in all copies of this package. */
const REPORT = Symbol.for("resilient-bedrock.fallback");

/**
 * Returns the report of the call behind an output. Undefined if the call was sent exactly as the application wrote it.
 *
 * @param output what `send`, or a method of the aggregated client, returned
 */
export function fallbackOf(output: unknown): FallbackReport | undefined {
  if (typeof output !== "object" || output === null) return undefined;
  return (output as Record<symbol, FallbackReport | undefined>)[REPORT];
}

/** Adds the report to the output as a property that isn't enumerable. */
export function reported<T>(output: T, report: FallbackReport): T {
  if (typeof output === "object" && output !== null && Object.isExtensible(output)) {
    Object.defineProperty(output, REPORT, { configurable: true, enumerable: false, value: report });
  }
  return output;
}
