import type { BedrockClient, BedrockClientConfig } from "@aws-sdk/client-bedrock";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type { ControlPlaneClient } from "../options.js";

/** What is worth a second try within one lookup: it passes by itself. A denial does not. */
const PASSING: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "InternalServerException",
  "ServiceUnavailableException",
  "TimeoutError",
  "ECONNRESET",
  "EPIPE",
]);

type OwnClient = { client: BedrockClient; sharesHandler: boolean };

/**
 * The control plane, asked on behalf of one runtime client. The SDK's client is loaded and constructed with the first
 * question to its Region. It is ours to destroy; one that the application gave is not.
 */
export class ControlPlane {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  readonly #given: ControlPlaneClient | undefined;
  readonly #own = new Map<string, Promise<OwnClient>>();

  constructor(config: BedrockRuntimeClientResolvedConfig, given: ControlPlaneClient | undefined) {
    this.#config = config;
    this.#given = given;
  }

  /**
   * Asks, with two more tries a few hundred milliseconds apart, until the signal ends it. The application's own client
   * retries by its own settings.
   */
  async ask(command: unknown, signal: AbortSignal, region: string): Promise<unknown> {
    const source = await this.#config.region();
    // The application's client is of one Region: the source Region's.
    if (this.#given && region === source) return this.#given.send(command, { abortSignal: signal });
    const { default: pRetry } = await import("p-retry");
    const client = await this.#clientIn(region);
    return pRetry(() => (client as ControlPlaneClient).send(command, { abortSignal: signal }), {
      retries: 2,
      minTimeout: 100,
      maxTimeout: 400,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => PASSING.has(error.name) || PASSING.has((error as NodeJS.ErrnoException).code ?? ""),
    });
  }

  destroy(): void {
    for (const own of this.#own.values()) {
      own
        .then(({ client, sharesHandler }) => {
          // A handler that is the application's is closed by the application.
          if (!sharesHandler) client.destroy();
        })
        .catch(() => {});
    }
    this.#own.clear();
  }

  async #clientIn(region: string): Promise<BedrockClient> {
    const own = this.#own.get(region) ?? construct(this.#config, region);
    this.#own.set(region, own);
    return (await own).client;
  }
}

async function construct(config: BedrockRuntimeClientResolvedConfig, region: string): Promise<OwnClient> {
  const { BedrockClient } = await import("@aws-sdk/client-bedrock");
  const { requestHandler } = config;
  // The runtime's default handler speaks HTTP/2 to the runtime endpoint; one that the application set for a proxy or its
  // own agents is HTTP/1.1 or its own kind, and the way out for the control plane too.
  const protocol = (requestHandler as { metadata?: { handlerProtocol?: string } }).metadata?.handlerProtocol;
  const sharesHandler = protocol !== "h2";
  const shared = {
    region,
    credentials: config.credentials,
    token: config.token,
    authSchemePreference: config.authSchemePreference,
    useDualstackEndpoint: config.useDualstackEndpoint,
    useFipsEndpoint: config.useFipsEndpoint,
    ...(await endpointOf(config)),
    ...(sharesHandler ? { requestHandler } : {}),
    // One layer retries: the lookup's own loop, which ends with the diagnosis.
    maxAttempts: 1,
  };
  const given = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  return { client: new BedrockClient(given as BedrockClientConfig), sharesHandler };
}

/**
 * The control plane's own endpoint setting goes first (AWS SDKs and Tools Reference Guide, "Service-specific
 * endpoints"). An endpoint outside AWS (a gateway, a test server) is asked itself: an application that pinned one is never
 * led past it. A runtime endpoint of AWS has no control plane behind it, so there the Region's own is asked.
 */
async function endpointOf(config: BedrockRuntimeClientResolvedConfig): Promise<Partial<BedrockClientConfig>> {
  if (process.env.AWS_ENDPOINT_URL_BEDROCK || config.endpoint === undefined) return {};
  const endpoint = await config.endpoint();
  if (!/\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws|amazonaws\.eu)$/.test(endpoint.hostname)) return { endpoint };
  return endpoint.hostname.includes("-fips.") ? { useFipsEndpoint: true } : {};
}
