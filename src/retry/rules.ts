import type { Failed } from "../call/call.js";
import { isAboutRouting } from "../refusal/routing.js";
import { fieldOf } from "../refusal/wrapped.js";
import type { RetrySettings } from "./options.js";

/** A kind of failure that the SDK doesn't retry, and how it is retried. */
export interface RetryRule {
  appliesTo(failure: Failed): boolean;
  /** How many retries of this kind a call may have. 0 if the rule is off. */
  mostRetries(settings: RetrySettings): number;
  /** How long after the first failure a retry may begin, in milliseconds. */
  windowMs(settings: RetrySettings): number;
  /** What a retry waits for. */
  waitsFor: "back-off" | "other credentials";
}

const isNamed =
  (name: string) =>
  ({ error }: Failed) =>
    fieldOf(error, "name") === name;

/** The first rule that applies counts. All other failures are handled only by the SDK's own strategy. */
export const RETRY_RULES: readonly RetryRule[] = [
  {
    appliesTo: isNamed("ModelTimeoutException"),
    mostRetries: ({ modelTimeout }) => modelTimeout,
    windowMs: ({ timeoutMs }) => timeoutMs,
    waitsFor: "back-off",
  },
  {
    appliesTo: isNamed("ModelErrorException"),
    mostRetries: ({ modelError }) => modelError,
    windowMs: ({ timeoutMs }) => timeoutMs,
    waitsFor: "back-off",
  },
  {
    appliesTo: ({ refusal }) => refusal?.kind === "expired-credentials",
    // INVARIANT: the credentials of a call are refreshed once. If the new ones have also expired, another refresh
    // doesn't help.
    mostRetries: ({ expiredCredentials }) => (expiredCredentials ? 1 : 0),
    windowMs: ({ timeoutMs }) => timeoutMs,
    waitsFor: "other credentials",
  },
  {
    // A policy change takes effect after some time. A denial of routing isn't retried, because only a fallback helps.
    appliesTo: ({ refusal, sent }) => refusal?.kind === "iam-denied" && !isAboutRouting(refusal, sent.sourceRegion),
    mostRetries: ({ propagation }) => (propagation > 0 ? Number.POSITIVE_INFINITY : 0),
    windowMs: ({ propagation }) => propagation,
    waitsFor: "back-off",
  },
];
