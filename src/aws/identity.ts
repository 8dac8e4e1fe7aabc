import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type { ContextEntry, EvaluationResult, SimulatePrincipalPolicyCommandOutput } from "@aws-sdk/client-iam";
import { untilAborted } from "../abort.js";
import { parseArn } from "../arn.js";
import { PRINCIPAL_ARN, PROFILE_KEY, REGION_KEY } from "../authorization.js";
import type { Role } from "../diagnose/ports.js";
import type { SimulatedDecision, SimulationRequest } from "../diagnose/sources/simulated.js";
import type { NotApplicable } from "../diagnosis.js";
import type { ControlPlaneClient, SimulationOptions } from "../options.js";
import { LookupCache, settled } from "../resolve/cache.js";
import { MalformedAnswer, NotApplicableError } from "../resolve/lookup-failure.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { assertWanted } from "../resolve/waiting.js";
import { optional, patiently, settingsLike, unusable } from "./clients.js";
import { isBearer } from "./credentials.js";
import { ifWanted } from "./if-wanted.js";
import { pages } from "./pages.js";
import { decisionsIn, decisionsOf } from "./simulator-answer.js";

/** How long the owner of a set of credentials and the path of a role are cached, in milliseconds. Neither changes. */
const IDENTITY_MS = 3_600_000;
/** How long a decision of the policy simulator is cached, in milliseconds. */
const SIMULATED_MS = 60_000;

type Client = ControlPlaneClient & { destroy?(): void };

/**
 * Gets the caller's identity from AWS STS, and the role and the policy simulator's decisions from IAM. The SDK's
 * clients are loaded by the first request.
 */
export class IdentityReader {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  readonly #options: SimulationOptions | undefined;
  readonly #callers: LookupCache<string, unknown>;
  readonly #roles: LookupCache<Role, unknown>;
  readonly #decisions: LookupCache<SimulatedDecision[], unknown>;
  readonly #own = new Map<"STS" | "IAM", { client: Client; isOurs: boolean }>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    config: BedrockRuntimeClientResolvedConfig,
    options: SimulationOptions | undefined,
    store: SharedStore | undefined,
  ) {
    this.#config = config;
    this.#options = options;
    // The error itself is kept, because its name is needed. It's kept as long as any failed lookup.
    const describe = (error: unknown) => error;
    const limits = { failureTtlMs: 30_000, timeoutMs: 30_000, now: Date.now, describe, store };
    this.#callers = new LookupCache({ ttlMs: IDENTITY_MS, maxEntries: 1_000, ...limits });
    this.#roles = new LookupCache({ ttlMs: IDENTITY_MS, maxEntries: 1_000, ...limits });
    this.#decisions = new LookupCache({ ttlMs: SIMULATED_MS, maxEntries: 10_000, ...limits });
  }

  /**
   * Returns the ARN of the principal that the client's credentials belong to. No permission is required (STS API
   * Reference, "GetCallerIdentity").
   *
   * @param scope identifies the set of credentials
   * @throws NotApplicableError if calls are made with an API key, because STS identifies only the credentials that are
   * configured in addition to it
   */
  async callerArn(scope: string, signal: AbortSignal): Promise<string> {
    if (await untilAborted(isBearer(this.#config), signal)) throw new NotApplicableError<NotApplicable>("bearer-token");
    const ask = async (flight: AbortSignal) => {
      const { GetCallerIdentityCommand } = await loadSts("GetCallerIdentityCommand");
      const client = await this.#client("STS");
      const command = ifWanted(new GetCallerIdentityCommand({}), flight);
      const { Arn } = await patiently(() => client.send(command, { abortSignal: flight }), flight);
      if (typeof Arn !== "string") throw new MalformedAnswer("GetCallerIdentity named no ARN.");
      return Arn;
    };
    return settled(await this.#callers.get(scope, ask, signal));
  }

  /**
   * Returns a role, including its path. The ARN of a session doesn't contain the path (IAM API Reference, "GetRole").
   */
  async role(roleName: string, accountId: string, signal: AbortSignal): Promise<Role> {
    await untilAborted(this.#mayAsk(), signal);
    const theRole = (found: unknown) => roleIn(found, roleName, accountId);
    const ask = async (flight: AbortSignal) => {
      const { GetRoleCommand } = await loadIam("GetRoleCommand");
      const client = await this.#client("IAM");
      const command = ifWanted(new GetRoleCommand({ RoleName: roleName }), flight);
      const { Role: told } = await patiently(() => client.send(command, { abortSignal: flight }), flight);
      // Credentials that were provided for this lookup can belong to another account that has a role with the same
      // name.
      const role = theRole({ arn: told?.Arn, id: told?.RoleId });
      if (role === undefined) throw new MalformedAnswer("GetRole named no such role.");
      return role;
    };
    const sharing = { key: `role:${accountId}:${roleName}`, revive: theRole };
    return settled(await this.#roles.get(`${accountId} ${roleName}`, ask, signal, sharing));
  }

  /**
   * Returns the policy simulator's decisions, in the order of the resources. Requests are sent one at a time, at the
   * configured rate. AWS doesn't publish a quota for this operation, but throttles it (IAM API Reference,
   * "SimulatePrincipalPolicy").
   */
  async simulate(request: SimulationRequest, signal: AbortSignal): Promise<SimulatedDecision[]> {
    await untilAborted(this.#mayAsk(), signal);
    const { policySourceArn, action, region, inferenceProfileArn, resources, context } = request;
    const key = JSON.stringify([policySourceArn, action, region, inferenceProfileArn, resources, ...context]);
    const ask = (flight: AbortSignal) => this.#simulate(request, flight);
    // The context can contain the caller's tags, which must not appear in the key of a shared store.
    const sharing = {
      key: `simulation:${createHash("sha256").update(key).digest("hex")}`,
      revive: (stored: unknown) => decisionsOf(stored, resources.length),
    };
    return settled(await this.#decisions.get(key, ask, signal, sharing));
  }

  destroy(): void {
    this.#callers.clear();
    this.#roles.clear();
    this.#decisions.clear();
    for (const { client, isOurs } of this.#own.values()) if (isOurs) client.destroy?.();
    this.#own.clear();
  }

  async #simulate(request: SimulationRequest, signal: AbortSignal): Promise<SimulatedDecision[]> {
    const { SimulatePrincipalPolicyCommand } = await loadIam("SimulatePrincipalPolicyCommand");
    const client = await this.#client("IAM");
    const input = {
      PolicySourceArn: request.policySourceArn,
      ActionNames: [request.action],
      ResourceArns: request.resources,
      ContextEntries: contextEntries(request),
    };
    const results: EvaluationResult[] = [];
    for await (const page of pages<SimulatePrincipalPolicyCommandOutput>(
      (Marker) => {
        const command = ifWanted(
          new SimulatePrincipalPolicyCommand({ ...input, ...(Marker ? { Marker } : {}) }),
          signal,
        );
        return this.#inTurn(() => client.send(command, { abortSignal: signal }), signal);
      },
      ({ IsTruncated, Marker }) => (IsTruncated ? (Marker ?? "") : undefined),
      "SimulatePrincipalPolicy",
    )) {
      results.push(...(page.EvaluationResults ?? []));
    }
    return decisionsIn(results, request);
  }

  /** Runs one request at a time. Each request starts no sooner after the last one than the rate allows. */
  async #inTurn<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const interval = 1_000 / (this.#options?.requestsPerSecond ?? 2);
    const before = this.#turn;
    let done = (_: Promise<unknown>) => {};
    this.#turn = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await untilAborted(before, signal);
      assertWanted(signal, false);
    } catch (error) {
      done(before);
      throw error;
    }
    const rested = pause(interval, undefined, { ref: false });
    // If a request never ends, it doesn't block later requests after its caller stops waiting.
    const asked = untilAborted(ask(), signal);
    done(Promise.allSettled([asked, rested]));
    return asked;
  }

  /**
   * With an API key, credentials that are also configured belong to another principal, unless they were provided for
   * this lookup.
   */
  async #mayAsk(): Promise<void> {
    const isGiven = this.#options?.client !== undefined || this.#options?.credentials !== undefined;
    if (!isGiven && (await isBearer(this.#config))) throw new NotApplicableError<NotApplicable>("bearer-token");
  }

  /**
   * The client is cached after it's created. A client that can't be created, or whose creation doesn't end, isn't
   * cached.
   */
  async #client(service: "STS" | "IAM"): Promise<Client> {
    const own = this.#own.get(service) ?? (await this.#construct(service));
    // If another call created a client in the meantime, that client is used. This one has no open connections yet.
    const { client } = this.#own.get(service) ?? own;
    if (!this.#own.has(service)) this.#own.set(service, own);
    return client;
  }

  async #construct(service: "STS" | "IAM"): Promise<{ client: Client; isOurs: boolean }> {
    const { client, credentials } = this.#options ?? {};
    if (service === "IAM" && client) return { client, isOurs: false };
    const { settings, sharesHandler } = await settingsLike(this.#config, await this.#config.region(), service);
    const isOurs = !sharesHandler;
    if (service === "STS") {
      const { STSClient } = await loadSts("STSClient");
      return { client: new STSClient(settings), isOurs };
    }
    const { IAMClient } = await loadIam("IAMClient");
    return { client: new IAMClient({ ...settings, ...(credentials ? { credentials } : {}) } as object), isOurs };
  }
}

const loadIam = optional("@aws-sdk/client-iam", async () => {
  try {
    return await import("@aws-sdk/client-iam");
  } catch (error) {
    throw unusable("@aws-sdk/client-iam", error);
  }
});
const loadSts = optional("@aws-sdk/client-sts", async () => {
  try {
    return await import("@aws-sdk/client-sts");
  } catch (error) {
    throw unusable("@aws-sdk/client-sts", error);
  }
});

/** Condition keys whose values aren't strings (IAM User Guide, "AWS global condition context keys"). */
const TYPES: Record<string, ContextEntry["ContextKeyType"]> = {
  "aws:sourceip": "ip",
  "aws:vpcsourceip": "ip",
  "aws:currenttime": "date",
  "aws:tokenissuetime": "date",
  "aws:epochtime": "numeric",
  "aws:multifactorauthage": "numeric",
  "aws:multifactorauthpresent": "boolean",
  "aws:securetransport": "boolean",
  "aws:viaawsservice": "boolean",
  "aws:principalisawsservice": "boolean",
};

/**
 * Returns the context entries of a leg. The simulator doesn't fill in the Region, the inference profile, or
 * `aws:PrincipalArn`. It treats a key that isn't provided as absent from the request.
 */
function contextEntries({ policySourceArn, region, inferenceProfileArn, context }: SimulationRequest): ContextEntry[] {
  const keys = new Map<string, readonly string[]>([[PRINCIPAL_ARN, [policySourceArn]], ...context]);
  keys.set(REGION_KEY, [region]);
  if (inferenceProfileArn !== undefined) keys.set(PROFILE_KEY, [inferenceProfileArn]);
  return [...keys].map(([key, values]) => ({
    ContextKeyName: NAMES[key] ?? key,
    ContextKeyType: TYPES[key] ?? (values.length > 1 ? "stringList" : "string"),
    ContextKeyValues: [...values],
  }));
}

const NAMES: Record<string, string> = {
  [PRINCIPAL_ARN]: "aws:PrincipalArn",
  [REGION_KEY]: "aws:RequestedRegion",
  "aws:principalisawsservice": "aws:PrincipalIsAWSService",
  "aws:viaawsservice": "aws:ViaAWSService",
  "aws:securetransport": "aws:SecureTransport",
  [PROFILE_KEY]: "bedrock:InferenceProfileArn",
};

/** Returns the role if it has this name and account. Otherwise returns undefined. */
function roleIn(found: unknown, name: string, accountId: string): Role | undefined {
  const { arn, id } = (found ?? {}) as { arn?: unknown; id?: unknown };
  const parts = typeof arn === "string" ? parseArn(arn) : undefined;
  const isIt =
    parts?.accountId === accountId && parts.resource.startsWith("role/") && parts.resource.endsWith(`/${name}`);
  if (typeof arn !== "string" || !isIt) return undefined;
  return { arn, ...(typeof id === "string" ? { id } : {}) };
}
