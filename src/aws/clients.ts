import type { BedrockClient, BedrockClientConfig } from "@aws-sdk/client-bedrock";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import { exportsOf, isMissing, keyed, lazily, once } from "../lazy.js";
import type { ControlPlaneClient } from "../options.js";
import { NotInstalledError, NotLoadedError } from "../resolve/lookup-failure.js";
import { assertWanted } from "../resolve/waiting.js";
import { ifWanted } from "./if-wanted.js";

/** What is worth a second try within one lookup: it passes by itself. A denial does not. */
const PASSING: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "InternalServerException",
  "ServiceUnavailableException",
  "TimeoutError",
  "ECONNRESET",
  "EPIPE",
]);

/** The SDK's client of the control plane, loaded with the first question. */
export const loadBedrock = optional("@aws-sdk/client-bedrock", async () => {
  try {
    return await import("@aws-sdk/client-bedrock");
  } catch (error) {
    throw unusable("@aws-sdk/client-bedrock", error);
  }
});
const loadRetry = lazily(() => import("p-retry"));

/**
 * A package of the SDK that the application may install; loaded with the first question.
 *
 * @param load an `await import()` in `try`, with the name written out. Only in this form does a bundler find the package, and
 *   also build if it isn't installed
 * @returns loads the package, and throws a NotInstalledError or a NotLoadedError, also if it lacks one of the names
 */
export function optional<T extends object>(
  packageName: string,
  load: () => Promise<T>,
): (...names: (string & keyof T)[]) => Promise<T> {
  const loaded = once(load);
  return async (...names) => {
    const found = exportsOf(await loaded());
    const missingExport = names.find((name) => found[name] === undefined);
    if (missingExport !== undefined) throw new NotLoadedError(packageName, { missingExport });
    return found;
  };
}

/** Why a package can't be used: it isn't installed, or loading it failed. */
export function unusable(packageName: string, error: unknown): Error {
  return isMissing(error, packageName)
    ? new NotInstalledError(packageName)
    : new NotLoadedError(packageName, { error });
}

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
  async ask(asked: object, signal: AbortSignal, region: string): Promise<unknown> {
    const command = ifWanted(asked, signal);
    const source = await this.#config.region();
    // The application's client is of one Region: the source Region's.
    if (this.#given && region === source) return this.#given.send(command, { abortSignal: signal });
    const client = await this.#clientIn(region);
    return patiently(() => (client as ControlPlaneClient).send(command, { abortSignal: signal }), signal);
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
    return (await keyed(this.#own, region, () => construct(this.#config, region))).client;
  }
}

/** Two more tries a few hundred milliseconds apart, for what passes by itself. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const { default: pRetry } = (await loadRetry()) ?? {};
  const askIfWanted = () => {
    assertWanted(signal);
    return ask();
  };
  if (pRetry === undefined) return askIfWanted();
  return pRetry(askIfWanted, {
    retries: 2,
    minTimeout: 100,
    maxTimeout: 400,
    randomize: true,
    signal,
    // Whoever waits keeps the process alive.
    unref: true,
    shouldRetry: ({ error }) => PASSING.has(error.name) || PASSING.has((error as NodeJS.ErrnoException).code ?? ""),
  });
}

async function construct(config: BedrockRuntimeClientResolvedConfig, region: string): Promise<OwnClient> {
  const { BedrockClient } = await loadBedrock("BedrockClient");
  const { sharesHandler, settings } = await settingsLike(config, region, "BEDROCK");
  const { token, authSchemePreference } = config;
  // A setting that is undefined would hide the client's own default.
  const auth = Object.entries({ token, authSchemePreference }).filter(([, value]) => value !== undefined);
  const client = new BedrockClient({ ...settings, ...Object.fromEntries(auth) } as BedrockClientConfig);
  return { client, sharesHandler };
}

/**
 * The settings of a client that asks another service on behalf of a runtime client: its credentials, handler and endpoint
 * where they fit.
 *
 * @param service as in the environment variable AWS_ENDPOINT_URL_…
 */
export async function settingsLike(config: BedrockRuntimeClientResolvedConfig, region: string, service: string) {
  const { requestHandler } = config;
  // The runtime's default handler speaks HTTP/2 to the runtime endpoint; one that the application set for a proxy or its
  // own agents is HTTP/1.1 or its own kind, and the way out for other services too.
  const protocol = (requestHandler as { metadata?: { handlerProtocol?: string } }).metadata?.handlerProtocol;
  const sharesHandler = protocol !== "h2";
  const shared = {
    region,
    credentials: config.credentials,
    useDualstackEndpoint: config.useDualstackEndpoint,
    useFipsEndpoint: config.useFipsEndpoint,
    ...(await endpointOf(config, service)),
    ...(sharesHandler ? { requestHandler } : {}),
    // One layer retries: the lookup's own loop, which ends with the diagnosis.
    maxAttempts: 1,
  };
  const settings = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  return { settings, sharesHandler };
}

/**
 * The service's own endpoint setting goes first (AWS SDKs and Tools Reference Guide, "Service-specific
 * endpoints"). An endpoint outside AWS (a gateway, a test server) is asked itself: an application that pinned one is never
 * led past it. A runtime endpoint of AWS has no other service behind it, so there the Region's own is asked.
 */
async function endpointOf(
  config: BedrockRuntimeClientResolvedConfig,
  service: string,
): Promise<Partial<BedrockClientConfig>> {
  if (process.env[`AWS_ENDPOINT_URL_${service}`] || config.endpoint === undefined) return {};
  const endpoint = await config.endpoint();
  if (!/\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws|amazonaws\.eu)$/.test(endpoint.hostname)) return { endpoint };
  return endpoint.hostname.includes("-fips.") ? { useFipsEndpoint: true } : {};
}
