import type * as sdk from "@aws-sdk/client-bedrock-runtime";
import {
  BedrockRuntime as SdkBedrockRuntime,
  BedrockRuntimeClient as SdkBedrockRuntimeClient,
} from "@aws-sdk/client-bedrock-runtime";
import { compose, RESILIENCE, resilienceOf, setResilience } from "./compose.js";
import type { Preflight } from "./explain/preflight.js";
import { isClient } from "./lookup.js";
import type { ResilienceOptions } from "./options.js";
import { diagnoseCommand, type PreflightOptions } from "./preflight.js";
import { resolveOptions } from "./resolve-options.js";

/** The SDK's configuration, every field unchanged, plus `resilience`. */
export interface BedrockRuntimeClientConfig extends sdk.BedrockRuntimeClientConfig {
  /** Ours; optional, all of it. */
  resilience?: ResilienceOptions;
}

/** The SDK's `send`, all overloads as one. */
type AnySend = (...args: unknown[]) => unknown;

/** The SDK's class with our `send` over its own. One class for both of theirs. */
function resilient<C extends sdk.BedrockRuntimeClient>(
  Base: new (config: sdk.BedrockRuntimeClientConfig) => C,
): new (
  config?: BedrockRuntimeClientConfig,
) => C & Diagnosing {
  // The SDK declares six overloads of `send`; the cast below hands them on as they are.
  class Resilient extends (Base as new (config: sdk.BedrockRuntimeClientConfig) => sdk.BedrockRuntimeClient) {
    constructor(config: BedrockRuntimeClientConfig = {}) {
      const { resilience, ...sdkConfig } = config;
      const options = resolveOptions(resilience);
      super(sdkConfig);
      setResilience(this, compose(this, options, sdkConfig.region ?? "sdk-default"));
    }

    // biome-ignore lint/suspicious/noExplicitAny: assignable to every overload of the SDK's send.
    override send(...args: any[]): any {
      return through(this, super.send as AnySend, args);
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

/** What our clients can do besides the SDK's. */
export interface Diagnosing {
  /**
   * Whether a command would be authorized, without sending it: with the client's own settings (`resilience.diagnosis`),
   * Region and credentials. For start-up and health checks.
   *
   * @throws TypeError if the command isn't one of the runtime's, or has no `modelId` although it needs one
   */
  diagnose(command: object, options?: PreflightOptions): Promise<Preflight>;
}

/**
 * Drop-in for the SDK's `BedrockRuntimeClient`: the same class, extended. A refused call throws the SDK's own error with
 * a `diagnosis`; everything else is the SDK's.
 *
 * @throws TypeError when an option in `resilience` is unknown or out of range; it names the option, the value and what is allowed.
 */
export class BedrockRuntimeClient extends resilient(SdkBedrockRuntimeClient) {
  /** The aggregated client, and a client given to withResilience, count too: with the SDK they would. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    return this === BedrockRuntimeClient && isObject(value) && resilienceOf(value) !== undefined;
  }
}

/**
 * Drop-in for the SDK's aggregated `BedrockRuntime`, whose methods (`client.converse(…)`) go through `send`.
 *
 * @throws TypeError as {@link BedrockRuntimeClient} does.
 */
export class BedrockRuntime extends resilient(SdkBedrockRuntime) {}

/**
 * Gives an existing client the same resilience, in place, and `diagnose` with it.
 *
 * @param client any client of `@aws-sdk/client-bedrock-runtime`; called again on the same client, the new options hold
 * @returns the same object
 * @throws TypeError when `client` is no such client, or an option is wrong
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
  // What an object inherits belongs to the client that it was made from.
  if (Object.hasOwn(client, RESILIENCE)) inherited?.destroy();
  setResilience(client, resilience);
  if (inherited) return client as C & Diagnosing;
  for (const [name, value] of Object.entries(overridesOf(client))) {
    Object.defineProperty(client, name, { configurable: true, enumerable: false, writable: true, value });
  }
  return client as C & Diagnosing;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Called on a Proxy of the client, or on an object made from it, they are that object's. */
function overridesOf(client: sdk.BedrockRuntimeClient): { send: AnySend; destroy: () => void } & Diagnosing {
  const sdkSend = client.send as AnySend;
  const sdkDestroy = client.destroy;
  return {
    send(this: typeof client | undefined, ...args) {
      return through(this ?? client, sdkSend, args);
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

function through(client: sdk.BedrockRuntimeClient, sdkSend: AnySend, args: unknown[]): unknown {
  const resilience = resilienceOf(client);
  // Without resilience: a method called on an object that never went through our constructor.
  if (resilience === undefined) return sdkSend.apply(client, args);
  return resilience.send((...sdkArgs) => sdkSend.apply(client, sdkArgs), args);
}
