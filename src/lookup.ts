import type * as sdk from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient as SdkBedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { compose, resilienceOf } from "./compose.js";
import { orElse, within } from "./deadline.js";
import { parseModelId } from "./resolve/model-id.js";
import type { ProfileLookup } from "./resolve/resolve.js";
import { resolveOptions } from "./resolve-options.js";

/** Where {@link resolveInferenceProfile} asks: as a client that is there already, or in a Region with default credentials. */
export type ResolveWith = { client: sdk.BedrockRuntimeClient } | { region: string };

/**
 * Looks up the inference profile behind a `modelId` as seen from the source Region: GetInferenceProfile, else the
 * bundled catalog. Never rejects for what AWS answers: the result says what is known, from where, and why no more is.
 *
 * @param modelId a profile's id or ARN; for any other kind of model the result is `via: "none"`
 * @param with a client, whose Region, credentials and cache are used, or a Region
 * @param options `timeoutMs`, 2000 by default; `abortSignal` ends the lookup at once
 * @throws TypeError when `with` names neither
 */
export async function resolveInferenceProfile(
  modelId: string,
  where: ResolveWith,
  options: { timeoutMs?: number; abortSignal?: AbortSignal } = {},
): Promise<ProfileLookup> {
  const resolved = resolveOptions({ diagnosis: { timeoutMs: options.timeoutMs ?? 2_000 } });
  const { client, isOwn } = clientAt(where, "resolveInferenceProfile");
  const shared = resilienceOf(client);
  const resilience = shared ?? compose(client, resolved);
  const lookUp = async (ends: AbortSignal) => {
    const ports = await resilience.ports();
    const sourceRegion = await orElse(resilience.sourceRegion(), ends, undefined);
    // A provider of the Region may hang.
    if (sourceRegion === undefined) {
      const failure = { reason: "timeout", at: new Date().toISOString() } as const;
      return { via: "none", cached: false, failure } satisfies ProfileLookup;
    }
    return ports.resolveProfile(parseModelId(modelId), sourceRegion, ends);
  };
  try {
    return await within(resolved.diagnosis.timeoutMs, options.abortSignal, lookUp);
  } finally {
    if (!shared) resilience.destroy();
    if (isOwn) client.destroy();
  }
}

export function clientAt(where: ResolveWith, called: string): { client: sdk.BedrockRuntimeClient; isOwn: boolean } {
  if ("client" in where && isClient(where.client)) {
    return { client: where.client, isOwn: false };
  }
  if ("region" in where && typeof where.region === "string") {
    return { client: new SdkBedrockRuntimeClient({ region: where.region }), isOwn: true };
  }
  throw new TypeError(`${called} needs { client } or { region: "us-east-1" }.`);
}

/** Code without types may pass anything. */
export function isClient(value: sdk.BedrockRuntimeClient | undefined): boolean {
  return typeof value?.send === "function" && value.config !== undefined;
}
