import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import type { NotApplicable } from "../diagnose/evidence.js";
import type { RefusedCall } from "../diagnose/refused-call.js";
import { LookupCache, settled } from "../resolve/cache.js";
import { actionOf } from "../resolve/legs.js";
import { NotApplicableError } from "../resolve/lookup-failure.js";
import { assertWanted } from "../resolve/waiting.js";
import { ifWanted } from "./if-wanted.js";
import type { Send } from "./siblings.js";

/** How long an answer stands, and the shortest time between two probes, in milliseconds: rules that watch CloudTrail alert on several such errors a minute. */
const KEPT_MS = 60_000;
const INTERVAL_MS = 20_000;

/** Sends a request without content: authorized like any other, and of no use to the model. One per call and minute. */
export class Prober {
  readonly #sender: () => Promise<Send>;
  readonly #answers: LookupCache<unknown, unknown>;
  #last = Number.NEGATIVE_INFINITY;

  /** @param sender makes one request of each command */
  constructor(sender: () => Promise<Send>) {
    this.#sender = sender;
    const describe = (error: unknown) => error;
    const limits = { failureTtlMs: 0, timeoutMs: 30_000, maxEntries: 1_000, now: Date.now };
    this.#answers = new LookupCache({ ttlMs: KEPT_MS, ...limits, describe });
  }

  /**
   * How Bedrock answers: what it returns, or the error.
   *
   * @param scope tells one set of credentials from another: what one is told says nothing of another
   * @throws NotApplicableError where another probe was made just before
   */
  async probe({ operation, modelId, sourceRegion }: RefusedCall, scope: string, signal: AbortSignal): Promise<unknown> {
    const isStream = actionOf(operation) === "bedrock:InvokeModelWithResponseStream";
    const ask = async (flight: AbortSignal) => {
      // Converse needs the same permissions as InvokeModel, and its empty request is the same for every model.
      const command = new (isStream ? ConverseStreamCommand : ConverseCommand)({ modelId });
      const send = await this.#sender();
      assertWanted(flight, false);
      if (Date.now() - this.#last < INTERVAL_MS) throw new NotApplicableError<NotApplicable>("probed-just-now");
      this.#last = Date.now();
      return send(ifWanted(command, flight), { abortSignal: flight }).catch((error: unknown) => {
        flight.throwIfAborted();
        return error;
      });
    };
    return settled(await this.#answers.get(JSON.stringify([isStream, modelId, sourceRegion, scope]), ask, signal));
  }

  destroy(): void {
    this.#answers.clear();
  }
}
