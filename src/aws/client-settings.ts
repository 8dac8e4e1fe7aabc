import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import { defined } from "../defined.js";

/**
 * Returns the settings for a client that calls another service on behalf of a runtime client: its credentials, and its
 * handler and endpoint if they can be used for that service.
 *
 * @param service the service as it appears in the environment variable AWS_ENDPOINT_URL_…
 */
export async function settingsLike(config: BedrockRuntimeClientResolvedConfig, region: string, service: string) {
  const { requestHandler } = config;
  // The runtime client's default handler uses HTTP/2 and is for the runtime endpoint only. A handler that the
  // application set for a proxy or its own agents uses HTTP/1.1 or a custom protocol. It's also used for other
  // services.
  const protocol = (requestHandler as { metadata?: { handlerProtocol?: string } }).metadata?.handlerProtocol;
  const sharesHandler = protocol !== "h2";
  // A setting that is undefined would override the client's own default.
  const settings = defined({
    region,
    credentials: config.credentials,
    useDualstackEndpoint: config.useDualstackEndpoint,
    useFipsEndpoint: config.useFipsEndpoint,
    ...(await endpointOf(config, service)),
    requestHandler: sharesHandler ? requestHandler : undefined,
    // The SDK doesn't retry here. The lookup has its own retry loop, which ends with the diagnosis.
    maxAttempts: 1,
  });
  return { settings, sharesHandler };
}

/**
 * The service-specific endpoint setting takes precedence (AWS SDKs and Tools Reference Guide, "Service-specific
 * endpoints"). If the runtime endpoint is outside AWS (a gateway or a test server), it's used for this service too, so
 * that requests never bypass an endpoint that the application pinned. If the runtime endpoint belongs to AWS, it serves
 * no other service, so the Region's default endpoint is used.
 */
async function endpointOf(config: BedrockRuntimeClientResolvedConfig, service: string) {
  if (process.env[`AWS_ENDPOINT_URL_${service}`] || config.endpoint === undefined) return {};
  const endpoint = await config.endpoint();
  if (!/\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws|amazonaws\.eu)$/.test(endpoint.hostname)) return { endpoint };
  return endpoint.hostname.includes("-fips.") ? { useFipsEndpoint: true } : {};
}
