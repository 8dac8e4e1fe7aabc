import type { BedrockClient, BedrockClientConfig } from "@aws-sdk/client-bedrock";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type { ControlPlaneClient } from "../options.js";

/**
 * The control plane, asked on behalf of one runtime client. The SDK's client is loaded and constructed with the first
 * question. It is ours to destroy; one that the application gave is not.
 */
export class ControlPlane {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  readonly #given: ControlPlaneClient | undefined;
  #own: Promise<{ client: BedrockClient; sharesHandler: boolean }> | undefined;

  constructor(config: BedrockRuntimeClientResolvedConfig, given: ControlPlaneClient | undefined) {
    this.#config = config;
    this.#given = given;
  }

  /** True where the client is ours, so that retrying is ours too: the application's client retries by its own settings. */
  get retriesAreOurs(): boolean {
    return this.#given === undefined;
  }

  async send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown> {
    if (this.#given) return this.#given.send(command, options);
    this.#own ??= construct(this.#config);
    const { client } = await this.#own;
    return (client as ControlPlaneClient).send(command, options);
  }

  destroy(): void {
    this.#own
      ?.then(({ client, sharesHandler }) => {
        // A handler that is the application's is closed by the application.
        if (!sharesHandler) client.destroy();
      })
      .catch(() => {});
    this.#own = undefined;
  }
}

async function construct(config: BedrockRuntimeClientResolvedConfig) {
  const { BedrockClient } = await import("@aws-sdk/client-bedrock");
  const { requestHandler } = config;
  // The runtime's default handler speaks HTTP/2 to the runtime endpoint; one that the application set for a proxy or its
  // own agents is HTTP/1.1 or its own kind, and the way out for the control plane too.
  const protocol = (requestHandler as { metadata?: { handlerProtocol?: string } }).metadata?.handlerProtocol;
  const sharesHandler = protocol !== "h2";
  const shared = {
    region: config.region,
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
