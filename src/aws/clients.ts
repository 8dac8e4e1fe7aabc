import type { BedrockClient, BedrockClientConfig } from "@aws-sdk/client-bedrock";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import { exportsOf, isMissing, keyed, lazily, once } from "../lazy.js";
import { NotInstalledError, NotLoadedError } from "../resolve/lookup-failure.js";
import { assertWanted } from "../resolve/waiting.js";
import { ifWanted } from "./if-wanted.js";

/** A control plane client that the application created: `new BedrockClient(…)` from `@aws-sdk/client-bedrock`. */
export interface ControlPlaneClient {
  // biome-ignore lint/suspicious/noExplicitAny: any version of the SDK's client fits, whatever its own command types are.
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
}

/** Failures that are retried within one lookup because they are temporary. A denial isn't retried. */
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

/** The SDK's control plane client. The package is loaded by the first request. */
export const loadBedrock = optional("@aws-sdk/client-bedrock", async () => {
  try {
    return await import("@aws-sdk/client-bedrock");
  } catch (error) {
    throw unusable("@aws-sdk/client-bedrock", error);
  }
});
const loadRetry = lazily(() => import("p-retry"));

/**
 * An SDK package that the application can install. It's loaded by the first request.
 *
 * @param load an `await import()` in `try`, with the package name as a literal. Only in this form can a bundler find
 * the package, and still build if it isn't installed
 * @returns a function that loads the package. It throws a NotInstalledError or a NotLoadedError, also if the package
 * lacks one of the required exports
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

/** Why a package can't be used: either it isn't installed, or loading it failed. */
export function unusable(packageName: string, error: unknown): Error {
  return isMissing(error, packageName)
    ? new NotInstalledError(packageName)
    : new NotLoadedError(packageName, { error });
}

type OwnClient = { client: BedrockClient; sharesHandler: boolean };

/**
 * Sends requests to the control plane on behalf of one runtime client. The SDK's client is loaded and constructed by
 * the first request to its Region. A client that this class constructs is destroyed with it. A client that the
 * application provided isn't.
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
   * Sends a request and retries it up to two times, a few hundred milliseconds apart, until the signal aborts. A client
   * that the application provided uses its own retry settings instead.
   */
  async ask(asked: object, signal: AbortSignal, region: string): Promise<unknown> {
    const command = ifWanted(asked, signal);
    const source = await this.#config.region();
    // A client that the application provided is used for the source Region only.
    if (this.#given && region === source) return this.#given.send(command, { abortSignal: signal });
    const client = await this.#clientIn(region);
    return patiently(() => (client as ControlPlaneClient).send(command, { abortSignal: signal }), signal);
  }

  destroy(): void {
    for (const own of this.#own.values()) {
      own
        .then(({ client, sharesHandler }) => {
          // If the handler belongs to the application, the application closes it.
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

/** Retries temporary failures up to two times, a few hundred milliseconds apart. */
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
    // This timer doesn't keep the process alive. The caller that waits for the result does.
    unref: true,
    shouldRetry: ({ error }) => PASSING.has(error.name) || PASSING.has((error as NodeJS.ErrnoException).code ?? ""),
  });
}

async function construct(config: BedrockRuntimeClientResolvedConfig, region: string): Promise<OwnClient> {
  const { BedrockClient } = await loadBedrock("BedrockClient");
  const { sharesHandler, settings } = await settingsLike(config, region, "BEDROCK");
  const { token, authSchemePreference } = config;
  // A setting that is undefined would override the client's own default.
  const auth = Object.entries({ token, authSchemePreference }).filter(([, value]) => value !== undefined);
  const client = new BedrockClient({ ...settings, ...Object.fromEntries(auth) } as BedrockClientConfig);
  return { client, sharesHandler };
}

/**
 * Returns the settings for a client that calls another service on behalf of a runtime client: its credentials, and its
 * handler and endpoint if they can be used for that service.
 *
 * @param service the service as it appears in the environment variable AWS_ENDPOINT_URL_…
 */
export async function settingsLike(config: BedrockRuntimeClientResolvedConfig, region: string, service: string) {
  const { requestHandler } = config;
  // The runtime client's default handler uses HTTP/2 and is for the runtime endpoint only. A handler that the
  // application set for a proxy or its own agents uses HTTP/1.1 or a custom protocol. It's also used for other services.
  const protocol = (requestHandler as { metadata?: { handlerProtocol?: string } }).metadata?.handlerProtocol;
  const sharesHandler = protocol !== "h2";
  const shared = {
    region,
    credentials: config.credentials,
    useDualstackEndpoint: config.useDualstackEndpoint,
    useFipsEndpoint: config.useFipsEndpoint,
    ...(await endpointOf(config, service)),
    ...(sharesHandler ? { requestHandler } : {}),
    // The SDK doesn't retry here. The lookup has its own retry loop, which ends with the diagnosis.
    maxAttempts: 1,
  };
  const settings = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  return { settings, sharesHandler };
}

/**
 * The service-specific endpoint setting takes precedence (AWS SDKs and Tools Reference Guide, "Service-specific
 * endpoints"). If the runtime endpoint is outside AWS (a gateway or a test server), it's used for this service too, so
 * that requests never bypass an endpoint that the application pinned. If the runtime endpoint belongs to AWS, it serves
 * no other service, so the Region's default endpoint is used.
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
