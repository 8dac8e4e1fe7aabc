import { lazily } from "../lazy.js";
import { parseCallError } from "../refusal/parse.js";
import { isAboutRouting } from "./fallback.js";
import { pause } from "./pause.js";

const loadRetry = lazily(() => import("p-retry"));

/** How often, and for how long; part of the resolved options. */
export interface RetryRules {
  readonly expiredCredentials: boolean;
  readonly modelTimeout: number;
  readonly modelError: number;
  readonly propagation: number;
  readonly timeoutMs: number;
}

export interface RetryContext {
  rules: RetryRules;
  sourceRegion: string;
  signal: AbortSignal | undefined;
  /** Refreshes the credentials that a call begun at this time went out with; true where others came of it. */
  refresh(begun: number): Promise<boolean>;
}

/** A failed attempt, and when it began: milliseconds since the epoch. */
export interface Failure {
  error: unknown;
  begun: number;
}

type Outcome<T> = { output: T } | { error: unknown };

/** Runs an attempt, and others after it for failures that are the outer layer's. */
export async function retried<T>(attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const begun = Date.now();
  try {
    return await attempt();
  } catch (error) {
    return retriedAfter({ error, begun }, attempt, context);
  }
}

/**
 * The one loop around the SDK's own, for failures that the SDK's strategies do not retry (AWS SDKs and Tools Reference
 * Guide, "Retry behavior"): each is retried by exactly one of the two. Attempts and delays of both are added up in
 * `$metadata`.
 *
 * @param first what the first attempt ended with
 */
export async function retriedAfter<T>(first: Failure, attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const { rules, signal } = context;
  const kind = signal?.aborted ? undefined : kindOf(first.error, context);
  if (kind === undefined) throw first.error;
  const left = { modelTimeout: rules.modelTimeout, modelError: rules.modelError, expiredCredentials: 1 };
  const firstFailure = Date.now();
  const tally = new Tally(first.error);
  const waiting = new AbortController();
  let last = { ...first, kind };
  let isFirst = true;
  let isWaiting = false;
  const abort = () => isWaiting && waiting.abort();
  signal?.addEventListener("abort", abort);

  /** Throws what is worth another try, and hands everything else out, also what is no Error. */
  const once = async (): Promise<Outcome<T>> => {
    isWaiting = false;
    if (!isFirst) {
      if (Date.now() > deadlineOf(last.kind)) return last;
      const begun = Date.now();
      const outcome = await tally.of(attempt);
      if ("output" in outcome) return outcome;
      const next = signal?.aborted ? undefined : kindOf(outcome.error, context);
      if (next === undefined) return outcome;
      last = { error: outcome.error, begun, kind: next };
    }
    isFirst = false;
    if (!(last.error instanceof Error) || !(await isWorthwhile(last))) return last;
    isWaiting = true;
    if (signal?.aborted) waiting.abort();
    throw last.error;
  };

  const deadlineOf = (kind: RetryKind) => firstFailure + (kind === "propagation" ? rules.propagation : rules.timeoutMs);

  const isWorthwhile = async ({ error, kind, begun }: typeof last): Promise<boolean> => {
    if (kind === "expiredCredentials") return left[kind]-- > 0 && (await unlessAborted(context.refresh(begun), signal));
    if (kind !== "propagation" && left[kind]-- <= 0) return false;
    const asked = retryAfter(error);
    if (Date.now() + asked > deadlineOf(kind)) return false;
    await pause(asked, signal);
    return true;
  };

  const { default: pRetry } = (await loadRetry()) ?? {};
  // Without the loop, the call ends with its own error.
  if (pRetry === undefined) throw first.error;
  try {
    const outcome = await pRetry(once, {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 200,
      maxTimeout: 10_000,
      randomize: true,
      signal: waiting.signal,
      // Fresh credentials are used at once.
      shouldConsumeRetry: () => last.kind !== "expiredCredentials",
    });
    if ("output" in outcome) return tally.onto(outcome.output);
    throw tally.onto(outcome.error);
  } catch (error) {
    // Ended while waiting: the SDK itself says so, in its own words; no request leaves.
    if (waiting.signal.aborted && signal?.aborted) return attempt();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

type RetryKind = "modelTimeout" | "modelError" | "expiredCredentials" | "propagation";

/** What kind of outer retry an error calls for under these rules; undefined for what the SDK retries, and for all else. */
function kindOf(error: unknown, { rules, sourceRegion }: RetryContext): RetryKind | undefined {
  const { name } = (error ?? {}) as { name?: unknown };
  if (name === "ModelTimeoutException") return rules.modelTimeout > 0 ? "modelTimeout" : undefined;
  if (name === "ModelErrorException") return rules.modelError > 0 ? "modelError" : undefined;
  const refusal = parseCallError(error);
  if (refusal?.kind === "expired-credentials") return rules.expiredCredentials ? "expiredCredentials" : undefined;
  const passes = refusal?.kind === "iam-denied" && !isAboutRouting(refusal, sourceRegion);
  return passes && rules.propagation > 0 ? "propagation" : undefined;
}

/** The service's Retry-After, in milliseconds: seconds or a date (RFC 9110, section 10.2.3). 0 where there is none. */
function retryAfter(error: unknown): number {
  const { $response } = error as { $response?: { headers?: Record<string, string> } };
  const header = $response?.headers?.["retry-after"];
  if (header === undefined) return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000;
  return ms > 0 ? ms : 0;
}

/** The promise's word; true on abort, where the next attempt ends the call in the SDK's own words. */
function unlessAborted(promise: Promise<boolean>, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => resolve(true);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

interface Metadata {
  attempts?: number;
  totalRetryDelay?: number;
}

/** Attempts and delays of every call that went out, for the `$metadata` of the one that is handed on. */
class Tally {
  #attempts = 0;
  #delay = 0;
  #failedAt = 0;
  #calls = 0;

  constructor(first: unknown) {
    this.add(first);
  }

  async of<T>(attempt: () => Promise<T>): Promise<Outcome<T>> {
    this.#delay += Date.now() - this.#failedAt;
    try {
      const output = await attempt();
      this.add(output);
      return { output };
    } catch (error) {
      this.add(error);
      return { error };
    }
  }

  /** Counts one call's own attempts and delay. */
  add(result: unknown): void {
    const { attempts, totalRetryDelay } = metadataOf(result) ?? {};
    this.#attempts += attempts ?? 1;
    this.#delay += totalRetryDelay ?? 0;
    this.#failedAt = Date.now();
    this.#calls += 1;
  }

  /** Writes the sums; a single call's numbers are the SDK's and stay. */
  onto<T>(result: T): T {
    const metadata = metadataOf(result);
    if (metadata && this.#calls > 1) {
      metadata.attempts = this.#attempts;
      metadata.totalRetryDelay = this.#delay;
    }
    return result;
  }
}

function metadataOf(result: unknown): Metadata | undefined {
  return (result as { $metadata?: Metadata } | undefined)?.$metadata;
}
