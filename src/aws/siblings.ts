import type { BedrockRuntimeClientConfig, BedrockRuntimeClient as Client } from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";

/** Sends a command, like the SDK's `send`. */
export type SendCommand = (command: unknown, options?: unknown) => Promise<unknown>;

/**
 * Returns a client for another Region with the same settings, credentials, request handler, and custom middleware. It
 * shares the handler and holds no other open resources, so it doesn't need to be destroyed.
 */
export async function siblingIn(region: string, client: Client): Promise<SendCommand> {
  // Passes the strategy itself because the SDK doesn't accept a provider here. The retry budget stays shared.
  return siblingWith({ region, retryStrategy: await client.config.retryStrategy() }, client);
}

/** Returns a function that sends each command once, without retries, in the client's own Region. */
export async function sendingOnce(client: Client): Promise<SendCommand> {
  return siblingWith({ maxAttempts: 1, retryMode: "standard", retryStrategy: undefined }, client);
}

function siblingWith(own: object, client: Client): SendCommand {
  const settings: object = { ...client.config, ...own };
  const sibling = new BedrockRuntimeClient(settings as BedrockRuntimeClientConfig);
  sibling.middlewareStack.use({ applyToStack: (stack) => ownMiddleware(client, sibling).applyToStack(stack) });
  return sibling.send.bind(sibling) as SendCommand;
}

/**
 * Returns true if the application or its environment sends all requests to one address. No other Region can then be
 * reached.
 */
export async function isEndpointPinned(client: Client): Promise<boolean> {
  const { endpoint, ignoreConfiguredEndpointUrls, serviceConfiguredEndpoint } = client.config as EndpointSettings;
  if (endpoint !== undefined) return true;
  if (ignoreConfiguredEndpointUrls) return false;
  // The SDK reads AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_BEDROCK_RUNTIME, and endpoint_url with each call.
  return (await serviceConfiguredEndpoint?.()) !== undefined;
}

/** The endpoint settings as the SDK resolves them. Its type declarations don't include these fields. */
interface EndpointSettings {
  endpoint?: unknown;
  ignoreConfiguredEndpointUrls?: boolean;
  serviceConfiguredEndpoint?: () => Promise<unknown>;
}

/** Returns the middleware that the application added: every name that a new SDK client doesn't have. */
function ownMiddleware(client: Client, plain: Client) {
  const own = client.middlewareStack.clone();
  // The SDK identifies middleware as "name - step" or "name (a.k.a. aliases) - step".
  for (const entry of plain.middlewareStack.identify()) own.remove(entry.split(" ", 1)[0] ?? "");
  return own;
}
