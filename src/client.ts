import type * as sdk from "@aws-sdk/client-bedrock-runtime";
import {
  BedrockRuntime as SdkBedrockRuntime,
  BedrockRuntimeClient as SdkBedrockRuntimeClient,
} from "@aws-sdk/client-bedrock-runtime";
import { compose, isClient, RESILIENCE, resilienceOf, setResilience } from "./compose.js";
import type { Preflight } from "./explain/preflight.js";
import { diagnoseCommand } from "./on-demand.js";
import { type ResilienceOptions, resolveOptions } from "./options.js";
import type { PreflightOptions } from "./question.js";

/** The SDK's configuration, with every field unchanged, plus `resilience`. */
export interface BedrockRuntimeClientConfig extends sdk.BedrockRuntimeClientConfig {
  /** The options of resilient-bedrock. All are optional. */
  resilience?: ResilienceOptions;
}

/** The SDK's `send`, with all overloads as one. */
type AnySend = (...args: unknown[]) => unknown;

/** Makes a class that overrides the `send` of the SDK's class. One function for both of the SDK's classes. */
function resilient<C extends sdk.BedrockRuntimeClient>(
  Base: new (config: sdk.BedrockRuntimeClientConfig) => C,
): new (
  config?: BedrockRuntimeClientConfig,
) => C & Diagnosing {
  // The SDK declares six overloads of `send`. The cast below keeps them.
  class Resilient extends (Base as new (config: sdk.BedrockRuntimeClientConfig) => sdk.BedrockRuntimeClient) {
    constructor(config: BedrockRuntimeClientConfig = {}) {
      const { resilience, ...sdkConfig } = config;
      const options = resolveOptions(resilience);
      super(sdkConfig);
      setResilience(this, compose(this, options, sdkConfig.region ?? "sdk-default"));
    }

    // biome-ignore lint/suspicious/noExplicitAny: assignable to every overload of the SDK's send.
    override send(...args: any[]): any {
      return sendThrough(this, super.send as AnySend, args);
    }

    async diagnose(command: unknown, options?: PreflightOptions): Promise<Preflight> {
      return diagnoseCommand(this, command, options);
    }

    override destroy(): void {
      resilienceOf(this)?.destroy();
      super.destroy();
    }
  }
  return Resilient as unknown as new (
    config?: BedrockRuntimeClientConfig,
  ) => C & Diagnosing;
}

/** What these clients provide in addition to the SDK's. */
export interface Diagnosing {
  /**
   * Returns whether a command would be authorized, without sending it. Uses the client's own settings
   * (`resilience.diagnosis`), Region, and credentials. For start-up and health checks.
   *
   * @throws TypeError if the command isn't a command of the runtime client, or has no `modelId` although it needs one
   */
  diagnose(command: object, options?: PreflightOptions): Promise<Preflight>;
}

/**
 * Drop-in replacement for the SDK's `BedrockRuntimeClient`. It extends that class. A denied call throws the SDK's own
 * error with a `diagnosis`. Everything else works as in the SDK.
 *
 * @throws TypeError if an option in `resilience` is unknown or out of range. The message identifies the option, the
 *   value, and the allowed values.
 */
export class BedrockRuntimeClient extends resilient(SdkBedrockRuntimeClient) {
  static {
    named(this, "BedrockRuntimeClient");
  }

  /** As with the SDK, the aggregated client is also an instance. So is a client passed to withResilience. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return this === BedrockRuntimeClient && isObject(value) && resilienceOf(value) !== undefined;
  }
}

/**
 * Drop-in replacement for the SDK's aggregated `BedrockRuntime`. Its methods (`client.converse(…)`) call `send`.
 *
 * @throws TypeError as {@link BedrockRuntimeClient} does.
 */
export class BedrockRuntime extends resilient(SdkBedrockRuntime) {
  static {
    named(this, "BedrockRuntime");
  }
}

/** A build may rename a class that has the name of an imported one. Code and logs read `client.constructor.name`. */
function named(of: object, value: string): void {
  Object.defineProperty(of, "name", { configurable: true, value });
}

/**
 * Adds resilience and `diagnose` to an existing client, in place.
 *
 * @param client any client of `@aws-sdk/client-bedrock-runtime`. If you call it again on the same client, the new
 *   options apply.
 * @returns the same object
 * @throws TypeError if `client` isn't such a client, or if an option is invalid
 */
export function withResilience<C extends sdk.BedrockRuntimeClient>(
  client: C,
  options?: ResilienceOptions,
): C & Diagnosing {
  if (!isClient(client)) {
    throw new TypeError("withResilience needs a BedrockRuntimeClient as its first argument.");
  }
  const resilience = compose(client, resolveOptions(options));
  const inherited = resilienceOf(client);
  // A resilience that an object inherits belongs to the client that the object was made from.
  if (Object.hasOwn(client, RESILIENCE)) inherited?.destroy();
  setResilience(client, resilience);
  if (inherited) return client as C & Diagnosing;
  for (const [name, value] of Object.entries(overridesOf(client))) {
    Object.defineProperty(client, name, { configurable: true, enumerable: false, writable: true, value });
  }
  return client as C & Diagnosing;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** If these are called on a Proxy of the client, or on an object made from it, they use that object's settings. */
function overridesOf(client: sdk.BedrockRuntimeClient): { send: AnySend; destroy: () => void } & Diagnosing {
  const sdkSend = client.send as AnySend;
  const sdkDestroy = client.destroy;
  return {
    send(this: typeof client | undefined, ...args) {
      return sendThrough(this ?? client, sdkSend, args);
    },
    diagnose(this: typeof client | undefined, command, options) {
      return diagnoseCommand(this ?? client, command, options);
    },
    destroy(this: typeof client | undefined) {
      resilienceOf(this ?? client)?.destroy();
      sdkDestroy.call(this ?? client);
    },
  };
}

function sendThrough(client: sdk.BedrockRuntimeClient, sdkSend: AnySend, args: unknown[]): unknown {
  const resilience = resilienceOf(client);
  // Without resilience: a method called on an object that wasn't created by this constructor.
  if (resilience === undefined) return sdkSend.apply(client, args);
  return resilience.send((...sdkArgs) => sdkSend.apply(client, sdkArgs), args);
}
