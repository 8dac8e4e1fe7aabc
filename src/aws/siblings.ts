import type { BedrockRuntimeClientConfig, BedrockRuntimeClient as Client } from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";

/** Sends a command as the SDK's `send` does. */
export type Send = (command: unknown, options?: unknown) => Promise<unknown>;

/**
 * A client like another one, for another Region: the same settings, credentials, request handler and middleware of the
 * application's own. It shares the handler and holds nothing else open, so there is nothing to destroy.
 */
export async function siblingIn(region: string, client: Client): Promise<Send> {
  // The strategy itself and not its provider: the SDK takes no provider here, and the budget of retries stays one.
  return siblingWith({ region, retryStrategy: await client.config.retryStrategy() }, client);
}

/** The same in the client's own Region, but each command is one request and no more. */
export async function sendingOnce(client: Client): Promise<Send> {
  return siblingWith({ maxAttempts: 1, retryMode: "standard", retryStrategy: undefined }, client);
}

function siblingWith(own: object, client: Client): Send {
  const settings: object = { ...client.config, ...own };
  const sibling = new BedrockRuntimeClient(settings as BedrockRuntimeClientConfig);
  sibling.middlewareStack.use({ applyToStack: (stack) => ownMiddleware(client, sibling).applyToStack(stack) });
  return sibling.send.bind(sibling) as Send;
}

/** True where the application, or its environment, sends everything to one address: no other Region is behind it. */
export async function isEndpointPinned(client: Client): Promise<boolean> {
  const { endpoint, ignoreConfiguredEndpointUrls, serviceConfiguredEndpoint } = client.config as EndpointSettings;
  if (endpoint !== undefined) return true;
  if (ignoreConfiguredEndpointUrls) return false;
  // AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_BEDROCK_RUNTIME, endpoint_url: the SDK reads them with each call.
  return (await serviceConfiguredEndpoint?.()) !== undefined;
}

/** As the SDK resolves them; its declarations leave these out. */
interface EndpointSettings {
  endpoint?: unknown;
  ignoreConfiguredEndpointUrls?: boolean;
  serviceConfiguredEndpoint?: () => Promise<unknown>;
}

/** What the application added: all but the names that every client of the SDK has. */
function ownMiddleware(client: Client, plain: Client) {
  const own = client.middlewareStack.clone();
  // Told as "name - step" or "name (a.k.a. aliases) - step".
  for (const told of plain.middlewareStack.identify()) own.remove(told.split(" ", 1)[0] ?? "");
  return own;
}
