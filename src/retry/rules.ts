import type { Failed } from "../call/call.js";
import { isAboutRouting } from "../refusal/routing.js";
import { fieldOf } from "../refusal/wrapped.js";
import type { RetrySettings } from "./options.js";

/** A kind of failure that the SDK doesn't retry, and how it is retried here. */
export interface RetryRule {
  appliesTo(failure: Failed): boolean;
  /** How many retries of this kind a call may have; 0 if the rule is off. */
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

/** The first rule that applies counts. For all other failures the SDK's own strategy is the only one. */
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
    // INVARIANT: the credentials of a call are refreshed once. If others have also expired, a third set isn't better.
    mostRetries: ({ expiredCredentials }) => (expiredCredentials ? 1 : 0),
    windowMs: ({ timeoutMs }) => timeoutMs,
    waitsFor: "other credentials",
  },
  {
    // A changed policy takes effect after a while. A denial of routing isn't retried: only a fallback helps.
    appliesTo: ({ refusal, sent }) => refusal?.kind === "iam-denied" && !isAboutRouting(refusal, sent.sourceRegion),
    mostRetries: ({ propagation }) => (propagation > 0 ? Number.POSITIVE_INFINITY : 0),
    windowMs: ({ propagation }) => propagation,
    waitsFor: "back-off",
  },
];
