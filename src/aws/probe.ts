import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { actionOf } from "../authorization.js";
import type { DiagnosedCall } from "../diagnose/diagnosed-call.js";
import type { NotApplicable } from "../diagnosis.js";
import { NotApplicableError } from "../resolve/lookup-failure.js";
import { assertWanted } from "../resolve/waiting.js";
import { ifWanted } from "./if-wanted.js";
import type { SendCommand } from "./siblings.js";
import { SourceCache } from "./source-cache.js";

/**
 * How long a response is cached, and the minimum time between two probes, in milliseconds. CloudTrail alarms often
 * react to several such errors per minute.
 */
const PROBE_CACHE_MS = 60_000;
const INTERVAL_MS = 20_000;

/**
 * Sends a request without content. It's authorized like any other request, but the model can't process it. At most one
 * probe per call and minute is sent.
 */
export class Prober {
  readonly #sender: () => Promise<SendCommand>;
  readonly #responses = new SourceCache<unknown>({ ttlMs: PROBE_CACHE_MS, failureTtlMs: 0 });
  #last = Number.NEGATIVE_INFINITY;

  /** @param sender returns a function that sends each command as one request, without retries */
  constructor(sender: () => Promise<SendCommand>) {
    this.#sender = sender;
  }

  /**
   * Returns Bedrock's response or error.
   *
   * @param scope identifies the set of credentials. A result for one set doesn't apply to another
   * @throws NotApplicableError if another probe was sent less than a minute ago
   */
  async probe(
    { operation, modelId, sourceRegion }: DiagnosedCall,
    scope: string,
    signal: AbortSignal,
  ): Promise<unknown> {
    const isStream = actionOf(operation) === "bedrock:InvokeModelWithResponseStream";
    const lookUp = async (flight: AbortSignal) => {
      // Converse requires the same permissions as InvokeModel, and its empty request is the same for every model.
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
    return this.#responses.get(JSON.stringify([isStream, modelId, sourceRegion, scope]), lookUp, signal);
  }

  destroy(): void {
    this.#responses.clear();
  }
}
