import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { BedrockRuntimeClientResolvedConfig } from "@aws-sdk/client-bedrock-runtime";
import type {
  ContextEntry,
  EvaluationResult,
  GetRoleCommandOutput,
  SimulatePrincipalPolicyCommandOutput,
} from "@aws-sdk/client-iam";
import type { GetCallerIdentityCommandOutput } from "@aws-sdk/client-sts";
import { untilAborted } from "../abort.js";
import { parseArn } from "../arn.js";
import { PRINCIPAL_ARN, PROFILE_KEY, PROFILE_KEY_NAME, REGION_KEY } from "../authorization.js";
import { defined } from "../defined.js";
import type { DiagnosisSettings } from "../diagnose/options.js";
import type { Role } from "../diagnose/ports.js";
import type { SimulatedDecision, SimulationRequest } from "../diagnose/sources/simulated.js";
import type { NotApplicable } from "../diagnosis.js";
import { MalformedAnswer, NotApplicableError } from "../resolve/lookup-failure.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { assertWanted } from "../resolve/waiting.js";
import { settingsLike } from "./client-settings.js";
import { SdkClients } from "./clients.js";
import { isBearer } from "./credentials.js";
import { loadIam, loadSts } from "./packages.js";
import { pages } from "./pages.js";
import { decisionsIn, decisionsOf } from "./simulator-answer.js";
import { SourceCache } from "./source-cache.js";

/** How long the owner of a set of credentials and the path of a role are cached, in milliseconds. Neither changes. */
const IDENTITY_MS = 3_600_000;
/** How long a decision of the policy simulator is cached, in milliseconds. */
const SIMULATED_MS = 60_000;

/**
 * Gets the caller's identity from AWS STS, and the role and the policy simulator's decisions from IAM. The SDK's
 * clients are loaded by the first request.
 */
export class IdentityReader {
  readonly #config: BedrockRuntimeClientResolvedConfig;
  readonly #options: DiagnosisSettings["simulation"];
  readonly #callers: SourceCache<string>;
  readonly #roles: SourceCache<Role>;
  readonly #decisions: SourceCache<SimulatedDecision[]>;
  readonly #sts: SdkClients;
  readonly #iam: SdkClients;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    config: BedrockRuntimeClientResolvedConfig,
    options: DiagnosisSettings["simulation"],
    store: SharedStore | undefined,
  ) {
    this.#config = config;
    this.#options = options;
    this.#callers = new SourceCache({ ttlMs: IDENTITY_MS });
    this.#roles = new SourceCache({ ttlMs: IDENTITY_MS, store });
    this.#decisions = new SourceCache({ ttlMs: SIMULATED_MS, maxEntries: 10_000, store });
    this.#sts = new SdkClients(async () => {
      const { STSClient } = await loadSts("STSClient");
      const { settings, sharesHandler } = await settingsLike(config, await config.region(), "STS");
      return { client: new STSClient(settings), sharesHandler };
    });
    const { client, credentials } = options ?? {};
    this.#iam = new SdkClients(async () => {
      const { IAMClient } = await loadIam("IAMClient");
      const { settings, sharesHandler } = await settingsLike(config, await config.region(), "IAM");
      return { client: new IAMClient({ ...settings, ...defined({ credentials }) } as object), sharesHandler };
    }, client && { client });
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
    const lookUp = async (flight: AbortSignal) => {
      const { GetCallerIdentityCommand } = await loadSts("GetCallerIdentityCommand");
      const command = new GetCallerIdentityCommand({});
      const { Arn } = await this.#sts.send<GetCallerIdentityCommandOutput>(command, flight);
      if (typeof Arn !== "string") throw new MalformedAnswer("GetCallerIdentity returned no ARN.");
      return Arn;
    };
    return this.#callers.get(scope, lookUp, signal);
  }

  /**
   * Returns a role, including its path. The ARN of a session doesn't contain the path (IAM API Reference, "GetRole").
   */
  async role(roleName: string, accountId: string, signal: AbortSignal): Promise<Role> {
    await untilAborted(this.#assertUsable(), signal);
    const theRole = (found: unknown) => roleIn(found, roleName, accountId);
    const lookUp = async (flight: AbortSignal) => {
      const { GetRoleCommand } = await loadIam("GetRoleCommand");
      const command = new GetRoleCommand({ RoleName: roleName });
      const { Role: found } = await this.#iam.send<GetRoleCommandOutput>(command, flight);
      // Credentials that were provided for this lookup can belong to another account that has a role with the same
      // name.
      const role = theRole({ arn: found?.Arn, id: found?.RoleId });
      if (role === undefined) throw new MalformedAnswer("GetRole returned another role.");
      return role;
    };
    const sharing = { key: `role:${accountId}:${roleName}`, revive: theRole };
    return this.#roles.get(`${accountId} ${roleName}`, lookUp, signal, sharing);
  }

  /**
   * Returns the policy simulator's decisions, in the order of the resources. Requests are sent one at a time, at the
   * configured rate. AWS doesn't publish a quota for this operation, but throttles it (IAM API Reference,
   * "SimulatePrincipalPolicy").
   */
  async simulate(request: SimulationRequest, signal: AbortSignal): Promise<SimulatedDecision[]> {
    await untilAborted(this.#assertUsable(), signal);
    const { policySourceArn, action, region, inferenceProfileArn, resources, context } = request;
    const key = JSON.stringify([policySourceArn, action, region, inferenceProfileArn, resources, ...context]);
    const lookUp = (flight: AbortSignal) => this.#simulate(request, flight);
    // The context can contain the caller's tags, which must not appear in the key of a shared store.
    const sharing = {
      key: `simulation:${createHash("sha256").update(key).digest("hex")}`,
      revive: (stored: unknown) => decisionsOf(stored, resources.length),
    };
    return this.#decisions.get(key, lookUp, signal, sharing);
  }

  destroy(): void {
    this.#callers.clear();
    this.#roles.clear();
    this.#decisions.clear();
    this.#sts.destroy();
    this.#iam.destroy();
  }

  async #simulate(request: SimulationRequest, signal: AbortSignal): Promise<SimulatedDecision[]> {
    const { SimulatePrincipalPolicyCommand } = await loadIam("SimulatePrincipalPolicyCommand");
    const input = {
      PolicySourceArn: request.policySourceArn,
      ActionNames: [request.action],
      ResourceArns: request.resources,
      ContextEntries: contextEntries(request),
    };
    const results: EvaluationResult[] = [];
    for await (const page of pages<SimulatePrincipalPolicyCommandOutput>(
      (Marker) => {
        const command = new SimulatePrincipalPolicyCommand({ ...input, ...defined({ Marker }) });
        return this.#inTurn(() => this.#iam.sendOnce(command, signal), signal);
      },
      ({ IsTruncated, Marker }) => (IsTruncated ? (Marker ?? "") : undefined),
      "SimulatePrincipalPolicy",
    )) {
      results.push(...(page.EvaluationResults ?? []));
    }
    return decisionsIn(results, request);
  }

  /** Runs one request at a time. Each request starts no sooner after the last one than the rate allows. */
  async #inTurn<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const interval = this.#options === undefined ? 0 : 1_000 / this.#options.requestsPerSecond;
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
    const sent = untilAborted(send(), signal);
    done(Promise.allSettled([sent, rested]));
    return sent;
  }

  /**
   * With an API key, credentials that are also configured belong to another principal, unless they were provided for
   * this lookup.
   */
  async #assertUsable(): Promise<void> {
    const isProvided = this.#options?.client !== undefined || this.#options?.credentials !== undefined;
    if (!isProvided && (await isBearer(this.#config))) throw new NotApplicableError<NotApplicable>("bearer-token");
  }
}

/** Condition keys whose values aren't strings (IAM User Guide, "AWS global condition context keys"). */
const KEY_TYPES: ReadonlyMap<string, ContextEntry["ContextKeyType"]> = new Map([
  ["aws:sourceip", "ip"],
  ["aws:vpcsourceip", "ip"],
  ["aws:currenttime", "date"],
  ["aws:tokenissuetime", "date"],
  ["aws:epochtime", "numeric"],
  ["aws:multifactorauthage", "numeric"],
  ["aws:multifactorauthpresent", "boolean"],
  ["aws:securetransport", "boolean"],
  ["aws:viaawsservice", "boolean"],
  ["aws:principalisawsservice", "boolean"],
]);

/**
 * Returns the context entries of a leg. The simulator doesn't fill in the Region, the inference profile, or
 * `aws:PrincipalArn`. It treats a key that isn't provided as absent from the request.
 */
function contextEntries({ policySourceArn, region, inferenceProfileArn, context }: SimulationRequest): ContextEntry[] {
  const keys = new Map<string, readonly string[]>([[PRINCIPAL_ARN, [policySourceArn]], ...context]);
  keys.set(REGION_KEY, [region]);
  if (inferenceProfileArn !== undefined) keys.set(PROFILE_KEY, [inferenceProfileArn]);
  return [...keys].map(([key, values]) => ({
    ContextKeyName: KEY_SPELLINGS.get(key) ?? key,
    ContextKeyType: KEY_TYPES.get(key) ?? (values.length > 1 ? "stringList" : "string"),
    ContextKeyValues: [...values],
  }));
}

const KEY_SPELLINGS: ReadonlyMap<string, string> = new Map([
  [PRINCIPAL_ARN, "aws:PrincipalArn"],
  [REGION_KEY, "aws:RequestedRegion"],
  ["aws:principalisawsservice", "aws:PrincipalIsAWSService"],
  ["aws:viaawsservice", "aws:ViaAWSService"],
  ["aws:securetransport", "aws:SecureTransport"],
  [PROFILE_KEY, PROFILE_KEY_NAME],
]);

/** Returns the role if it has this name and account. Otherwise returns undefined. */
function roleIn(found: unknown, name: string, accountId: string): Role | undefined {
  const { arn, id } = (found ?? {}) as { arn?: unknown; id?: unknown };
  const parts = typeof arn === "string" ? parseArn(arn) : undefined;
  const isIt =
    parts?.accountId === accountId && parts.resource.startsWith("role/") && parts.resource.endsWith(`/${name}`);
  if (typeof arn !== "string" || !isIt) return undefined;
  return { arn, ...defined({ id: typeof id === "string" ? id : undefined }) };
}
