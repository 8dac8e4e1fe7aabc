import type * as sdk from "@aws-sdk/client-bedrock-runtime";
import {
  BedrockRuntime as SdkBedrockRuntime,
  BedrockRuntimeClient as SdkBedrockRuntimeClient,
} from "@aws-sdk/client-bedrock-runtime";
import { conditionKeysOf, modelIdOf, operationOf } from "./call/command.js";
import type { FlowContext, FlowPorts } from "./call/denied.js";
import type * as Preflights from "./call/preflight.js";
import { send } from "./call/send.js";
import { orElse, within } from "./deadline.js";
import type { Preflight } from "./explain/preflight.js";
import { keyed } from "./lazy.js";
import type { DiagnosisOptions, ResilienceOptions } from "./options.js";
import { actionOf } from "./resolve/legs.js";
import { parseModelId } from "./resolve/model-id.js";
import type { ProfileLookup } from "./resolve/resolve.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import {
  resolveOptions,
  resolvePreflight,
  resolvePrincipalArn,
  resolveSources,
  resolveStore,
} from "./resolve-options.js";

/** The SDK's configuration, every field unchanged, plus `resilience`. */
export interface BedrockRuntimeClientConfig extends sdk.BedrockRuntimeClientConfig {
  /** Ours; optional, all of it. */
  resilience?: ResilienceOptions;
}

/** What belongs to one client. */
interface Resilience extends FlowContext {
  destroy(): void;
}

/**
 * Where a client keeps it: a property that isn't enumerable, so that the fields that are listed stay the SDK's, and that a
 * Proxy of the client, or an object made from it, has as well.
 */
const RESILIENCE = Symbol("resilient-bedrock.resilience");

function resilienceOf(client: object): Resilience | undefined {
  return (client as { [RESILIENCE]?: Resilience })[RESILIENCE];
}

function setResilience(client: object, value: Resilience): void {
  Object.defineProperty(client, RESILIENCE, { configurable: true, enumerable: false, writable: true, value });
}

/** The SDK's `send`, all overloads as one. */
type AnySend = (...args: unknown[]) => unknown;

/** The SDK's class with our `send` over its own. One class for both of theirs, so that there is one story. */
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
      setResilience(this, createResilience(this, options));
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

async function diagnoseCommand(
  client: sdk.BedrockRuntimeClient,
  command: unknown,
  options: PreflightOptions | null = {},
): Promise<Preflight> {
  const call = { operation: operationOf(command), modelId: modelIdOf(command), keys: conditionKeysOf(command) };
  checkCall(call);
  const resilience = resilienceOf(client) ?? createResilience(client, resolveOptions());
  return preflight(call, resilience, resolvePreflight(options ?? {}));
}

const preflight: typeof Preflights.preflight = async (...args) =>
  (await import("./call/preflight.js")).preflight(...args);

function checkCall({ modelId, operation }: { modelId: unknown; operation: unknown }): void {
  if (typeof modelId !== "string" || modelId === "") {
    throw new TypeError(
      `modelId must be the id or ARN of a model or inference profile; it is ${JSON.stringify(modelId)}.`,
    );
  }
  if (typeof operation !== "string" || actionOf(operation) === undefined) {
    throw new TypeError(
      `operation must be an operation of the runtime, such as "Converse"; it is ${JSON.stringify(operation)}.`,
    );
  }
}

/** How long a preflight may take. */
export interface PreflightOptions {
  /** The deadline, in milliseconds from 0 to 60,000. @default 10000 */
  timeoutMs?: number;
  /** Ends it at once; what is known by then is returned, with `complete: false`. */
  abortSignal?: AbortSignal;
}

/** What our clients can do besides the SDK's. */
export interface Diagnosing {
  /**
   * Whether a command would be authorized, without sending it: with the client's own settings (`resilience.diagnosis`),
   * Region and credentials. For start-up and health checks.
   *
   * @throws TypeError when the command invokes no model
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
  const resilience = createResilience(client, resolveOptions(options));
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

/** Some code has no types: what is no client is told so. */
function isClient(value: sdk.BedrockRuntimeClient | undefined): boolean {
  return typeof value?.send === "function" && value.config !== undefined;
}

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
  return send((...sdkArgs) => sdkSend.apply(client, sdkArgs), args, resilience);
}

/** The composition root: what a diagnosis needs, made at the first refusal and never before. */
function createResilience(client: sdk.BedrockRuntimeClient, options: FlowContext["options"]): Resilience {
  const made = new Map<"ports", Promise<FlowPorts & { destroy(): void }>>();
  let life = new AbortController();
  return {
    options,
    destroyed: () => life.signal,
    sourceRegion: async () => client.config.region(),
    ports: () => keyed(made, "ports", async () => (await import("./aws/ports.js")).portsOf(client, options)),
    destroy: () => {
      // A client that was destroyed can be used again, as the SDK's can.
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
  const resilience = shared ?? createResilience(client, resolved);
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

/** What {@link diagnose} is asked. The sources are those of `resilience.diagnosis`. */
export type PreflightQuestion = Omit<DiagnosisOptions, "enabled" | "timeoutMs"> &
  ResolveWith &
  PreflightOptions & {
    modelId: string;
    /** The SDK operation. @default "Converse" */
    operation?: string;
    /** As `resilience.store`. */
    store?: KeyValueStore;
    /** The ARN of whoever would call. @default whoever the credentials belong to, by STS, where a source needs to know */
    principalArn?: string;
  };

/**
 * Whether a call would be authorized, leg by leg, without making it: by the policies that are given and the sources that
 * are opted in to. For start-up and health checks. Never rejects for what AWS answers: what is not known is `unknown`, and
 * `evidence` says why.
 *
 * @throws TypeError that names the field, its value and what would be right
 */
export async function diagnose(question: PreflightQuestion): Promise<Preflight> {
  if (typeof question !== "object" || question === null) {
    throw new TypeError(
      "diagnose needs an object: { modelId, client } or { modelId, region }, and the sources to ask.",
    );
  }
  const { modelId, operation = "Converse", principalArn, timeoutMs, abortSignal, store, ...rest } = question;
  const { client: _client, region: _region, ...sources } = rest as typeof rest & { client?: unknown; region?: unknown };
  checkCall({ modelId, operation });
  const diagnosis = resolveSources(sources, "diagnose");
  const limits = resolvePreflight({ timeoutMs, abortSignal });
  const caller = resolvePrincipalArn(principalArn);
  const { client, isOwn } = clientAt(question, "diagnose");
  const options = { ...resolveOptions(), diagnosis, store: resolveStore(store, "diagnose.store") };
  const resilience = createResilience(client, options);
  try {
    return await preflight({ operation, modelId, principalArn: caller }, resilience, limits);
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
