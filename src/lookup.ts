import type * as sdk from "@aws-sdk/client-bedrock-runtime";
import { BedrockRuntimeClient as SdkBedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { abortSignal, milliseconds, settings } from "./check.js";
import { compose, isClient, type Resilience, resilienceOf } from "./compose.js";
import { orElse, within } from "./deadline.js";
import { type ResolvedOptions, resolveOptions } from "./options.js";
import { parseModelId } from "./resolve/model-id.js";
import type { ProfileLookup } from "./resolve/resolve.js";

/**
 * How {@link resolveInferenceProfile} makes its lookup: with an existing client, or in a Region with default
 * credentials.
 */
export type ResolveWith = { client: sdk.BedrockRuntimeClient } | { region: string };

/**
 * Looks up the inference profile behind a `modelId` as seen from the source Region. It calls GetInferenceProfile. If
 * that fails, it uses the bundled catalog. Never rejects because of a response from AWS. The result contains what is
 * known, its source, and why more isn't known.
 *
 * @param modelId a profile's ID or ARN. For any other kind of model, the result is `via: "none"`
 * @param with a client, whose Region, credentials, and cache are used, or a Region
 * @param options `timeoutMs`, 2000 by default. `abortSignal` ends the lookup at once
 * @throws TypeError if `with` contains neither
 */
export async function resolveInferenceProfile(
  modelId: string,
  where: ResolveWith,
  options: { timeoutMs?: number; abortSignal?: AbortSignal } = {},
): Promise<ProfileLookup> {
  const limits = settings(options, "resolveInferenceProfile", {
    timeoutMs: milliseconds(2_000, 60_000),
    abortSignal: abortSignal(),
  });
  const { client, isOwn } = clientAt(where, "resolveInferenceProfile");
  const shared = resilienceOf(client);
  const resilience = shared ?? compose(client, resolveOptions());
  const lookUp = async (ends: AbortSignal) => {
    const ports = await resilience.ports();
    const sourceRegion = await orElse(resilience.sourceRegion(), ends, undefined);
    // A provider of the Region may never settle.
    if (sourceRegion === undefined) {
      const failure = { reason: "timeout", at: new Date().toISOString() } as const;
      return { via: "none", cached: false, failure } satisfies ProfileLookup;
    }
    return ports.resolveProfile(parseModelId(modelId), sourceRegion, ends);
  };
  try {
    return await within(limits.timeoutMs, limits.abortSignal, lookUp);
  } finally {
    if (!shared) resilience.destroy();
    if (isOwn) client.destroy();
  }
}

/** The sources that a call of `diagnose` states, and the store. */
interface StatedSources {
  sources: Omit<ResolvedOptions["diagnosis"], "enabled" | "timeoutMs">;
  store: ResolvedOptions["store"];
}

/** Runs `work` with the stated client and sources, and then destroys everything that was created for it. */
export async function withStatedSources<T>(
  where: ResolveWith,
  { sources, store }: StatedSources,
  work: (resilience: Resilience) => Promise<T>,
): Promise<T> {
  const { client, isOwn } = clientAt(where, "diagnose");
  const defaults = resolveOptions();
  const resilience = compose(client, { ...defaults, diagnosis: { ...defaults.diagnosis, ...sources }, store });
  try {
    return await work(resilience);
  } finally {
    resilience.destroy();
    if (isOwn) client.destroy();
  }
}

function clientAt(where: ResolveWith, called: string): { client: sdk.BedrockRuntimeClient; isOwn: boolean } {
  if ("client" in where && isClient(where.client)) {
    return { client: where.client, isOwn: false };
  }
  if ("region" in where && typeof where.region === "string") {
    return { client: new SdkBedrockRuntimeClient({ region: where.region }), isOwn: true };
  }
  throw new TypeError(`${called} needs { client } or { region: "us-east-1" }.`);
}
