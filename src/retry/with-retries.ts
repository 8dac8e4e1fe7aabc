import { isAboutRouting } from "../fallback/candidates.js";
import { pause, settled } from "../pause.js";
import { parseCallError } from "../refusal/parse.js";
import { fieldOf } from "../refusal/wrapped.js";

/** The shortest and the longest pause that the back-off makes, in milliseconds. */
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** How long new credentials are waited for, in milliseconds. */
const LONGEST_REFRESH_MS = 5_000;

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
 * `$metadata`. A pause that would outlast the deadline is not begun: the failure is thrown at once.
 *
 * @param first what the first attempt ended with
 */
export async function retriedAfter<T>(first: Failure, attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const { rules, signal } = context;
  const left = { modelTimeout: rules.modelTimeout, modelError: rules.modelError, expiredCredentials: 1 };
  const firstFailure = Date.now();
  const tally = new Tally(first.error);
  let pauses = 0;

  /** Waits for what the next attempt needs; false if there is none. */
  const isReady = async ({ error, begun }: Failure): Promise<boolean> => {
    const kind = kindOf(error, context);
    if (kind === undefined || (kind !== "propagation" && left[kind]-- <= 0)) return false;
    const deadline = firstFailure + (kind === "propagation" ? rules.propagation : rules.timeoutMs);
    const timeLeft = deadline - Date.now();
    if (kind === "expiredCredentials") {
      const isRefreshed = await settled(() => context.refresh(begun), Math.min(LONGEST_REFRESH_MS, timeLeft), signal);
      return isRefreshed === true || signal?.aborted === true;
    }
    const delay = Math.max(retryAfter(error), backOff(pauses++));
    if (delay > timeLeft) return false;
    await pause(delay, signal);
    return Date.now() <= deadline;
  };

  let last = first;
  for (;;) {
    if (signal?.aborted || !(await isReady(last))) throw tally.onto(last.error);
    // Ended while waiting: the SDK itself says so, in its own words; no request leaves.
    if (signal?.aborted) return attempt();
    const begun = Date.now();
    const outcome = await tally.of(attempt);
    if ("output" in outcome) return tally.onto(outcome.output);
    last = { error: outcome.error, begun };
  }
}

/** Twice as long each time, and drawn at random, so that calls that failed together don't come back together. */
function backOff(pauses: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.round((1 + Math.random()) * SHORTEST_PAUSE_MS * 2 ** pauses));
}

type RetryKind = "modelTimeout" | "modelError" | "expiredCredentials" | "propagation";

/** What kind of outer retry an error calls for under these rules; undefined for what the SDK retries, and for all else. */
function kindOf(error: unknown, { rules, sourceRegion }: RetryContext): RetryKind | undefined {
  const name = fieldOf(error, "name");
  if (name === "ModelTimeoutException") return rules.modelTimeout > 0 ? "modelTimeout" : undefined;
  if (name === "ModelErrorException") return rules.modelError > 0 ? "modelError" : undefined;
  const refusal = parseCallError(error);
  if (refusal?.kind === "expired-credentials") return rules.expiredCredentials ? "expiredCredentials" : undefined;
  const passes = refusal?.kind === "iam-denied" && !isAboutRouting(refusal, sourceRegion);
  return passes && rules.propagation > 0 ? "propagation" : undefined;
}

/** The service's Retry-After, in milliseconds: seconds or a date (RFC 9110, section 10.2.3). 0 where there is none. */
function retryAfter(error: unknown): number {
  const header = fieldOf(fieldOf(fieldOf(error, "$response"), "headers"), "retry-after");
  if (typeof header !== "string") return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000;
  return ms > 0 ? ms : 0;
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
    const metadata = fieldOf(result, "$metadata");
    this.#attempts += numberIn(metadata, "attempts") ?? 1;
    this.#delay += numberIn(metadata, "totalRetryDelay") ?? 0;
    this.#failedAt = Date.now();
    this.#calls += 1;
  }

  /** Writes the sums where they can be written; a single call's numbers are the SDK's and stay. */
  onto<T>(result: T): T {
    const metadata = fieldOf(result, "$metadata");
    if (typeof metadata !== "object" || metadata === null || this.#calls === 1) return result;
    try {
      Reflect.set(metadata, "attempts", this.#attempts);
      Reflect.set(metadata, "totalRetryDelay", this.#delay);
    } catch {
      // A setter of someone else's: the call's own result counts.
    }
    return result;
  }
}

function numberIn(metadata: unknown, key: string): number | undefined {
  const value = fieldOf(metadata, key);
  return typeof value === "number" ? value : undefined;
}
