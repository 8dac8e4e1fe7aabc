import type { SendResult } from "../call/call.js";
import { fieldOf } from "../refusal/wrapped.js";

/** Adds up the attempts and delays of all results of one call, for the `$metadata` of the last one. */
export class Tally {
  #attempts = 0;
  #delay = 0;
  #failedAt = 0;
  #results = 0;

  constructor(first: SendResult) {
    this.add(first);
  }

  /** Counts the time since the last result as delay. */
  resume(): void {
    this.#delay += Date.now() - this.#failedAt;
  }

  /** Counts the attempts and the delay of one result. */
  add(result: SendResult): void {
    const metadata = fieldOf(resultOf(result), "$metadata");
    this.#attempts += numberIn(metadata, "attempts") ?? 1;
    this.#delay += numberIn(metadata, "totalRetryDelay") ?? 0;
    this.#failedAt = Date.now();
    this.#results += 1;
  }

  /**
   * Writes the sums into a result, if it can be written to. If there was only one result, the numbers are the SDK's
   * own.
   */
  onto(result: SendResult): SendResult {
    const metadata = fieldOf(resultOf(result), "$metadata");
    if (typeof metadata !== "object" || metadata === null || this.#results === 1) return result;
    try {
      Reflect.set(metadata, "attempts", this.#attempts);
      Reflect.set(metadata, "totalRetryDelay", this.#delay);
    } catch {
      // A setter of the application's own threw. The result is returned unchanged.
    }
    return result;
  }
}

const resultOf = (result: SendResult) => ("error" in result ? result.error : result.output);

function numberIn(metadata: unknown, key: string): number | undefined {
  const value = fieldOf(metadata, key);
  return typeof value === "number" ? value : undefined;
}
