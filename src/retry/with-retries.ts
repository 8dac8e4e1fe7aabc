import type { Call, Failed, Layer, Send, SendResult } from "../call/call.js";
import { pause, settled } from "../pause.js";
import { fieldOf } from "../refusal/wrapped.js";
import type { RetrySettings } from "./options.js";
import { RETRY_RULES, type RetryRule } from "./rules.js";
import { Tally } from "./tally.js";

/** The shortest and the longest pause of the back-off, in milliseconds. */
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** The longest wait for new credentials, in milliseconds. */
const LONGEST_REFRESH_MS = 5_000;

/** How often and how calls are retried. */
export interface Retrying {
  settings: RetrySettings;
  /**
   * Refreshes the credentials of calls started at this time, in milliseconds since the epoch.
   * @returns true if there are others
   */
  refresh(begun: number): Promise<boolean>;
}

/** Retries a call after the failures that the SDK's own strategy doesn't retry. */
export function withRetries(retrying: Retrying): Layer {
  return (next) => async (call) => {
    const begun = Date.now();
    const result = await next(call);
    return "error" in result ? retryAfter({ failure: result, begun }, call, next, retrying) : result;
  };
}

/** A failed attempt, and when it began, in milliseconds since the epoch. */
interface Attempted {
  failure: Failed;
  begun: number;
}

/**
 * Continues a call whose first attempt failed. The SDK's strategies don't retry these failures (AWS SDKs and Tools
 * Reference Guide, "Retry behavior"), so each failure is retried by exactly one of the two. `$metadata` contains the
 * sums of the attempts and delays of both. If a pause would end after the rule's window, there is no retry.
 */
export async function retryAfter(first: Attempted, call: Call, next: Send, retrying: Retrying): Promise<SendResult> {
  const { signal } = call;
  const readiness = new Readiness(call, retrying);
  const tally = new Tally(first.failure);
  let last = first;
  for (;;) {
    const isOver = !call.isReplayable || signal?.aborted === true;
    if (isOver || !(await readiness.after(last))) return tally.onto(last.failure);
    // The signal aborted during the wait. The SDK reports that with its own error, and sends no request.
    if (signal?.aborted) return next(call);
    const begun = Date.now();
    tally.resume();
    const result = await next(call);
    tally.add(result);
    // INVARIANT: nothing is sent after an answer.
    if (!("error" in result)) return tally.onto(result);
    last = { failure: result, begun };
  }
}

/** When the next attempt of one call may begin. */
class Readiness {
  readonly #call: Call;
  readonly #retrying: Retrying;
  readonly #since = Date.now();
  readonly #retries = new Map<RetryRule, number>();
  #pauses = 0;

  constructor(call: Call, retrying: Retrying) {
    this.#call = call;
    this.#retrying = retrying;
  }

  /** Waits for what the next attempt needs. @returns false if there is no next attempt */
  async after({ failure, begun }: Attempted): Promise<boolean> {
    const { settings, refresh } = this.#retrying;
    const { signal } = this.#call;
    const rule = RETRY_RULES.find((each) => each.appliesTo(failure));
    if (rule === undefined || !this.#count(rule)) return false;
    const end = this.#since + rule.windowMs(settings);
    const left = end - Date.now();
    if (rule.waitsFor === "other credentials") {
      const isRefreshed = await settled(() => refresh(begun), Math.min(LONGEST_REFRESH_MS, left), signal);
      return isRefreshed === true || signal?.aborted === true;
    }
    const delay = Math.max(delayFrom(failure.error), backOff(this.#pauses++));
    if (delay > left) return false;
    await pause(delay, signal);
    return Date.now() <= end;
  }

  /** Counts a retry. @returns false if the rule allows no more */
  #count(rule: RetryRule): boolean {
    const retries = this.#retries.get(rule) ?? 0;
    this.#retries.set(rule, retries + 1);
    return retries < rule.mostRetries(this.#retrying.settings);
  }
}

/** The pause doubles each time. It is random, so calls that failed together aren't retried together. */
function backOff(pauses: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.round((1 + Math.random()) * SHORTEST_PAUSE_MS * 2 ** pauses));
}

/** The service's Retry-After in milliseconds, from seconds or a date (RFC 9110, section 10.2.3). 0 if there is none. */
function delayFrom(error: unknown): number {
  const header = fieldOf(fieldOf(fieldOf(error, "$response"), "headers"), "retry-after");
  if (typeof header !== "string") return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1_000;
  return ms > 0 ? ms : 0;
}
