import { catalogOf } from "../explain/format/catalog-text.js";
import type { FallbackSettings } from "../fallback/ports.js";
import { type ProfileRouting, throughProfile } from "../fallback/through-profile.js";
import { withFallback } from "../fallback/with-fallback.js";
import type { ResolvedOptions } from "../options.js";
import type { BareModels } from "../resolve/options.js";
import { type Retrying, retryAfter, withRetries } from "../retry/with-retries.js";
import { attempted } from "./attempt.js";
import type { Failed, Layer, Send, SendResult } from "./call.js";
import type { CallEnvironment } from "./context.js";
import { fallbackPortsOf, profileLookupsOf } from "./layer-ports.js";

// Loaded by import() with the first call of an application that opted in to a layer, or with the first expired
// credentials.

/**
 * Creates the pipeline of one client: the layers that are on, around the SDK's own `send`. The first layer is the
 * outermost. If no layer helps a denied call, it fails with the error of the application's own call.
 */
export function pipelineOf(context: CallEnvironment): Send {
  const { fallback, resolve, retry } = context.options;
  const layers = [
    resolve.bareModels && throughProfile(routingOf(resolve.bareModels, context)),
    fallback && withFallback(settingsOf(fallback, context.options), fallbackPortsOf(context)),
    isOn(retry) && withRetries(retryingOf(context)),
  ];
  return layers.filter(isLayer).reduceRight<Send>((next, layer) => layer(next), attempted);
}

/** Continues a call that was sent without layers and failed because its credentials had expired. */
export const afterExpiry = (failure: Failed, begun: number, context: CallEnvironment): Promise<SendResult> =>
  retryAfter({ failure, begun }, failure.sent, attempted, retryingOf(context));

const routingOf = (route: BareModels, context: CallEnvironment): ProfileRouting => ({
  route,
  lookups: profileLookupsOf(context),
  timeoutMs: context.options.diagnosis.timeoutMs,
  catalogOf,
});

const isLayer = (layer: Layer | false | undefined): layer is Layer => typeof layer === "function";

const isOn = ({ expiredCredentials, modelTimeout, modelError, propagation }: ResolvedOptions["retry"]) =>
  expiredCredentials || modelTimeout + modelError + propagation > 0;

const retryingOf = ({ options, ports }: CallEnvironment): Retrying => ({
  settings: options.retry,
  refresh: async (begun) => (await ports()).refreshCredentials(begun),
});

const settingsOf = (
  { models, allowRegions, remember }: NonNullable<ResolvedOptions["fallback"]>,
  { diagnosis }: ResolvedOptions,
): FallbackSettings => ({
  models,
  allowRegions,
  remember,
  timeoutMs: diagnosis.timeoutMs,
  principalArn: diagnosis.policies?.principalArn,
});
