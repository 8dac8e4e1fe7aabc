/** A model, or an inference profile, called in one Region. */
export interface Target {
  modelId: string;
  region: string;
}

/** Why no fallback was tried for a refused call. */
export type NotTried =
  /** The modelId names no inference profile, so nothing was routed. */
  | "not-a-profile"
  /** Streams that go both ways, and asynchronous jobs, are not sent again. */
  | "operation-not-replayable"
  /** The request's body is a stream, which can be read once. */
  | "body-not-replayable"
  /** The refusal is not about a destination Region or global routing: another call would meet it too. */
  | "not-about-routing"
  /** The denied model and Region aren't among the profile's, so this isn't a denial of the call's routing. */
  | "not-this-profile"
  /** The profile's models couldn't be determined, and the application lists no other model that could be called. */
  | "profile-unresolved"
  /** The network's own policy decided; a way around it is not ours to take. */
  | "vpc-endpoint-policy"
  /** No candidate is left that could be called; `considered` says why, one by one. */
  | "no-candidate";

/** Why a candidate was passed over. */
export type PassedOver =
  /** Only an inference profile can call the model there. */
  | "profile-only"
  | "end-of-life"
  /** The service knows no such model in this Region. */
  | "not-found"
  /** Neither GetFoundationModel nor the bundled catalog tells whether it can be called. */
  | "unknown"
  /** The application, or its environment, sends everything to one endpoint: no other Region is behind it. */
  | "endpoint-pinned"
  /** The very Region that was just refused. */
  | "blocked-region"
  /** The call's guardrail is in the source Region. */
  | "guardrail-elsewhere"
  /** The settings of the client for this Region weren't available before the diagnosis deadline. */
  | "client-not-ready";

/** One candidate, and what came of it. */
export interface Consideration extends Target {
  /** `not-tried`: it could be called, but something else ended the search before it. */
  outcome: "answered" | "refused" | "failed" | "passed-over" | "not-tried";
  /** Why it was passed over. */
  reason?: PassedOver;
  /** The `name` of the error it ended with. */
  errorName?: string;
  /** The source that determined whether the model can be called there. */
  knownFrom?: "api" | "bundled-catalog";
  /** When GetFoundationModel answered (ISO 8601), or the date of the catalog, which may also not contain the model. */
  asOf?: string;
  /** The model's lifecycle where it is not ACTIVE: `LEGACY`. */
  lifecycle?: string;
}

/** What happened to a call that went, or could have gone, another way than the application wrote. Plain data. */
export interface FallbackReport {
  /** `routing-refused`: a destination was refused. `profile-only-model`: `resolve.bareModels` sent a bare id through a profile. */
  reason: "routing-refused" | "profile-only-model";
  /** As the application wrote it. */
  requested: Target;
  /** What answered; absent where nothing did. */
  used?: Target;
  /** Why, in one sentence: the summary of the refusal. */
  why: string;
  /** Why nothing was tried; absent where something was. */
  notTried?: NotTried;
  /** True where the refusal was known from an earlier call, so that the profile was not asked first. */
  remembered: boolean;
  /** Every candidate, in order. */
  considered: Consideration[];
  /** Fields of the request that a call without a profile cannot carry, left out. */
  dropped: string[];
}

/** The report of a call that was denied, or would be. */
export function reportOf(call: { readonly requested: Target }, what: Partial<FallbackReport>): FallbackReport {
  const { requested } = call;
  return {
    reason: "routing-refused",
    requested,
    why: "",
    remembered: false,
    considered: [],
    dropped: [],
    ...what,
  };
}

/** Set on outputs; found across copies of this package. */
const REPORT = Symbol.for("resilient-bedrock.fallback");

/**
 * What happened to the call behind an output; undefined where it went out exactly as the application wrote it.
 *
 * @param output what `send`, or a method of the aggregated client, returned
 */
export function fallbackOf(output: unknown): FallbackReport | undefined {
  if (typeof output !== "object" || output === null) return undefined;
  return (output as Record<symbol, FallbackReport | undefined>)[REPORT];
}

/** Puts the report on the output, unseen by what lists the output's fields. */
export function reported<T>(output: T, report: FallbackReport): T {
  if (typeof output === "object" && output !== null && Object.isExtensible(output)) {
    Object.defineProperty(output, REPORT, { configurable: true, enumerable: false, value: report });
  }
  return output;
}
