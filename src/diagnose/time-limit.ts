import { DeadlineError } from "../resolve/waiting.js";

/** How long a diagnosis may take, and the signal that can end it. */
export interface GatherLimits {
  /** The time for all lookups together, in milliseconds. 0 makes no lookups. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  now: () => number;
}

/** Why a diagnosis ended before its sources returned. */
export type CutReason = "deadline" | "aborted";

/** Why the owner of a signal ended a diagnosis. */
export const cutReason = ({ reason }: AbortSignal): CutReason =>
  reason instanceof DeadlineError ? "deadline" : "aborted";

/** The network's share of the deadline. The rest leaves time for the bundled catalog. */
const networkShare = (timeoutMs: number) => timeoutMs - Math.min(100, timeoutMs * 0.1);

/** The share of the network's time for a lookup that others depend on. */
const AWAITED_SHARE = 0.5;

/** The deadline of one diagnosis. Ends early if the caller aborts. */
export class TimeLimit {
  readonly #network = new AbortController();
  readonly #awaited = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#cutBy(this.#signal ? cutReason(this.#signal) : "aborted");
  #end = () => {};
  #cut: CutReason | undefined;
  /** Resolves when the time is over or the caller has aborted. */
  readonly over: Promise<void>;

  constructor({ timeoutMs, signal }: GatherLimits) {
    this.#signal = signal;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    const network = networkShare(timeoutMs);
    this.#timers.push(
      setTimeout(() => this.#awaited.abort(late()), network * AWAITED_SHARE),
      setTimeout(() => this.#endNetwork(late()), network),
      setTimeout(() => this.#cutBy("deadline"), timeoutMs),
    );
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Why the diagnosis ended early. Undefined while it hasn't. */
  get cut(): CutReason | undefined {
    return this.#cut;
  }

  /** The signal of a lookup. One that others wait for ends earlier. */
  signalOf(isAwaited: boolean): AbortSignal {
    return (isAwaited ? this.#awaited : this.#network).signal;
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  /** @param reason a lookup that exceeded the deadline is remembered. One that was aborted isn't */
  #endNetwork(reason?: DeadlineError): void {
    this.#awaited.abort(reason);
    this.#network.abort(reason);
  }

  #cutBy(reason: CutReason): void {
    this.#cut ??= reason;
    this.#endNetwork(reason === "deadline" ? late() : undefined);
    this.#end();
  }
}

const late = () => new DeadlineError("The diagnosis's deadline is over.");
