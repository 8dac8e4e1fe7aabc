import type { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import type { CallEnvironment, Ports } from "./call/context.js";
import { type ConfiguredRegion, regionSetting } from "./call/region-setting.js";
import { type Sender, sender } from "./call/send.js";
import { keyed } from "./lazy.js";
import type { ResolvedOptions } from "./options.js";

/** What belongs to one client. */
export interface Resilience extends CallEnvironment {
  readonly send: Sender;
  destroy(): void;
}

/**
 * The property in which a client keeps its resilience. It isn't enumerable, so the listed fields stay the SDK's. A
 * Proxy of the client, or an object made from it, also has the property.
 */
export const RESILIENCE = Symbol("resilient-bedrock.resilience");

/** Code without types may pass any value. */
export const isClient = (value: BedrockRuntimeClient | undefined): boolean =>
  typeof value?.send === "function" && value.config !== undefined;

export function resilienceOf(client: object): Resilience | undefined {
  return (client as { [RESILIENCE]?: Resilience })[RESILIENCE];
}

export function setResilience(client: object, value: Resilience): void {
  Object.defineProperty(client, RESILIENCE, { configurable: true, enumerable: false, writable: true, value });
}

/**
 * The composition root. It connects `aws/` to the calls of one client. What a diagnosis needs is loaded and created
 * with the first denial, and never before.
 *
 * @param configuredRegion the `region` of the client's configuration. Undefined if it isn't known
 */
export function compose(
  client: BedrockRuntimeClient,
  options: ResolvedOptions,
  configuredRegion?: ConfiguredRegion,
): Resilience {
  const made = new Map<"ports", Promise<Ports & { destroy(): void }>>();
  let life = new AbortController();
  const context: CallEnvironment = {
    options,
    destroyed: () => life.signal,
    sourceRegion: async () => client.config.region(),
    regionFrom: (region) => regionSetting(configuredRegion, region),
    ports: () => keyed(made, "ports", async () => (await import("./aws/ports.js")).portsOf(client, options)),
  };
  return {
    ...context,
    send: sender(context),
    destroy: () => {
      // As with the SDK, a client that was destroyed can be used again.
      life.abort();
      life = new AbortController();
      made
        .get("ports")
        ?.then((ports) => ports.destroy())
        .catch(() => {});
      made.clear();
    },
  };
}
