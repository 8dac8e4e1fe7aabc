import { lazily } from "../lazy.js";
import { assertWanted } from "../resolve/waiting.js";
import { ifWanted } from "./if-wanted.js";

/** A control plane client that the application created: `new BedrockClient(…)` from `@aws-sdk/client-bedrock`. */
export interface ControlPlaneClient {
  // biome-ignore lint/suspicious/noExplicitAny: any version of the SDK's client fits, whatever its command types are.
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
}

/** A client that this library created. */
export interface CreatedClient {
  client: ControlPlaneClient & { destroy?(): void };
  /** True if the client uses the request handler of the application, which then closes its connections. */
  sharesHandler: boolean;
}

/** A client that the application provided. */
export interface ProvidedClient {
  client: ControlPlaneClient;
  /** The only Region that it's used for. @default every Region */
  region?: () => Promise<string>;
}

/**
 * The SDK's clients for one service, on behalf of one runtime client. A client is either *provided* by the application,
 * or created by the first request to its Region. A created client either *shares* the application's request handler, or
 * is *owned*. Only owned clients are destroyed.
 */
export class SdkClients {
  readonly #create: (region: string) => Promise<CreatedClient>;
  readonly #provided: ProvidedClient | undefined;
  readonly #created = new Map<string, CreatedClient>();

  /** @param create creates a client for a Region, after loading the service's package */
  constructor(create: (region: string) => Promise<CreatedClient>, provided?: ProvidedClient) {
    this.#create = create;
    this.#provided = provided;
  }

  /**
   * Sends a request and retries it up to two times, a few hundred milliseconds apart, until the signal aborts. A client
   * that the application provided uses its own retry settings instead.
   *
   * @param signal the lookup's own signal
   * @param region omit it if the service has one client for all Regions
   */
  async send<Output>(command: object, signal: AbortSignal, region = ""): Promise<Output> {
    const attempt = await this.#attemptOf(command, signal, region);
    return attempt.isProvided ? attempt.send() : withConnectionRetries(attempt.send, signal);
  }

  /** Sends a request without a retry of this library. */
  async sendOnce<Output>(command: object, signal: AbortSignal, region = ""): Promise<Output> {
    return (await this.#attemptOf(command, signal, region)).send();
  }

  /** Returns the client of a Region that is created here. */
  async createdFor(region: string): Promise<ControlPlaneClient> {
    // A client is kept after it's created. A client that can't be created, or whose creation doesn't end, isn't kept.
    const created = this.#created.get(region) ?? (await this.#create(region));
    // If another request created a client in the meantime, that client is used. This one has no open connections yet.
    const kept = this.#created.get(region) ?? created;
    this.#created.set(region, kept);
    return kept.client;
  }

  /** Destroys the owned clients. They are created again if they are used again. */
  destroy(): void {
    for (const { client, sharesHandler } of this.#created.values()) if (!sharesHandler) client.destroy?.();
    this.#created.clear();
  }

  async #attemptOf(command: object, signal: AbortSignal, region: string) {
    const isProvided = await this.#isProvidedFor(region);
    const client = isProvided ? (this.#provided as ProvidedClient).client : await this.createdFor(region);
    const guarded = ifWanted(command, signal);
    const send = () => {
      assertWanted(signal);
      return client.send(guarded, { abortSignal: signal });
    };
    return { isProvided, send };
  }

  async #isProvidedFor(region: string): Promise<boolean> {
    const { region: only } = this.#provided ?? {};
    return this.#provided !== undefined && (only === undefined || (await only()) === region);
  }
}

/** Failures that are retried within one lookup because they are temporary. A denial isn't retried. */
const TEMPORARY: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "InternalServerException",
  "ServiceUnavailableException",
  "TimeoutError",
  "ECONNRESET",
  "EPIPE",
]);

const loadRetry = lazily(() => import("p-retry"));

/** Retries temporary failures up to two times, a few hundred milliseconds apart. */
async function withConnectionRetries<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const { default: pRetry } = (await loadRetry()) ?? {};
  if (pRetry === undefined) return send();
  return pRetry(send, {
    retries: 2,
    minTimeout: 100,
    maxTimeout: 400,
    randomize: true,
    signal,
    // This timer doesn't keep the process alive. The caller that waits for the result does.
    unref: true,
    shouldRetry: ({ error }) => TEMPORARY.has(error.name) || TEMPORARY.has((error as NodeJS.ErrnoException).code ?? ""),
  });
}
