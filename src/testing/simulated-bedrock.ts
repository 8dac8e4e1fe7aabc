import { answerCall } from "./answers.js";
import { AsyncInvocations } from "./async-invocations.js";
import type { SimulatedCall, World } from "./call.js";
import { checkFault, type Fault, failure, faultFits, streamFaultOf } from "./faults.js";
import { answerIdentity } from "./identity-services.js";
import { type LoopbackServer, listen } from "./loopback-server.js";
import { type MswHttp, mswHandlers } from "./msw-handlers.js";
import { type Route, routeOf } from "./operations.js";
import { answerOrganizations, organizationsOperationOf } from "./organizations.js";
import { asQueryError, queryRequestOf } from "./query-protocol.js";
import { parsed, type RecordedRequest, RequestLog } from "./recorded-request.js";
import { checkScriptedDenial, type KindDenial, type LegDenial } from "./refusals.js";
import { MAX_BODY_BYTES, readBody } from "./request-body.js";
import { errorResponse, invalid, isObject } from "./responses.js";
import { DataRetention } from "./retention-settings.js";
import { Scripted } from "./scripted.js";
import { checkOptions, type SimulatedBedrockOptions } from "./simulated-bedrock-options.js";
import { VirtualCatalog } from "./virtual-catalog.js";
import { type VirtualGuardrail, VirtualGuardrails } from "./virtual-guardrails.js";
import type { CopiedProfile, VirtualModel, VirtualProfile } from "./virtual-models.js";
import { type Authorizer, authorizerOf, type VirtualOrganization } from "./virtual-organization.js";

export type { Fault, FaultName } from "./faults.js";
export type { LoopbackServer } from "./loopback-server.js";
export type { MswHttp } from "./msw-handlers.js";
export type { SimulatedOperation } from "./operations.js";
export type { RecordedRequest } from "./recorded-request.js";
export type { KindDenial as KindRefusal, LegDenial as LegRefusal, SimulatedPolicyType } from "./refusals.js";
export type { DataRetentionMode } from "./retention-settings.js";
export type { SimulatedBedrockOptions } from "./simulated-bedrock-options.js";
export type { VirtualGuardrail } from "./virtual-guardrails.js";
export type { CopiedProfile, VirtualModel, VirtualProfile } from "./virtual-models.js";
export type { VirtualAccount, VirtualOrganization, VirtualPrincipal, VirtualUnit } from "./virtual-organization.js";

/**
 * A simulated Bedrock for tests. It routes requests, authorizes them leg by leg, returns AWS's error messages, and
 * costs nothing. It evaluates the policies that you provide. For denials that policies can't express, you can script
 * refusals. It offers every inference profile and model of the bundled catalog, from the source Regions that have it,
 * and those that the test adds.
 *
 * It has one handler, {@link SimulatedBedrock.handle}. You can connect to it with {@link SimulatedBedrock.listen} for
 * the SDK's default HTTP/2 handler, or with {@link SimulatedBedrock.mswHandlers} for msw.
 *
 * @throws TypeError if an option is unknown or invalid
 */
export class SimulatedBedrock {
  /** The most recent requests, oldest first. See `maxRecordedRequests`. */
  readonly requests: RecordedRequest[];
  readonly #log: RequestLog;
  readonly #authorizers: Authorizer[];
  readonly #region: string;
  readonly #organization: VirtualOrganization | undefined;
  readonly #world: World;
  readonly #faults = new Scripted<Fault>();

  constructor(options: SimulatedBedrockOptions = {}) {
    checkOptions(options);
    const { accountId = "111122223333", organization, vpcEndpoint } = options;
    const caller = { arn: options.principal ?? `arn:aws:sts::${accountId}:assumed-role/AppRole/session` };
    const principals = options.principals?.length ? options.principals : [caller];
    this.#authorizers = principals.map((principal) => authorizerOf(principal, organization, vpcEndpoint));
    this.#organization = organization;
    this.#region = options.region ?? "us-east-1";
    this.#log = new RequestLog({
      requests: options.maxRecordedRequests ?? 10_000,
      bodyBytes: options.maxRecordedBodyBytes ?? 64 * 2 ** 20,
    });
    this.requests = this.#log.requests;
    this.#world = {
      catalog: new VirtualCatalog(options.models ?? [], options.profiles ?? []),
      guardrails: new VirtualGuardrails(),
      asyncInvocations: new AsyncInvocations(),
      dataRetention: new DataRetention(options.dataRetention ?? "default"),
      legDenials: new Scripted(),
      kindDenials: new Scripted(),
      isUseCaseFilled: options.useCaseFilled ?? true,
      hasHints: options.hints ?? true,
      reply: options.reply ?? (({ modelId }) => `Simulated answer of ${modelId}.`),
    };
    for (const guardrail of options.guardrails ?? []) this.addGuardrail(guardrail);
  }

  /** How many requests were dropped from `requests` because there were more than `maxRecordedRequests`. */
  get droppedRequests(): number {
    return this.#log.dropped;
  }

  /**
   * Adds a foundation model, or replaces the one with the same ID.
   *
   * @returns a function that removes it
   * @throws TypeError if a field is unknown or invalid
   */
  addModel(model: VirtualModel): () => void {
    return this.#world.catalog.addModel(model);
  }

  /**
   * Adds an inference profile, or replaces the one with the same ID. To add an application inference profile with the
   * models and Regions of another profile, use `copyFrom`: `addProfile({ id: "a1b2c3d4e5f6", copyFrom:
   * "us.amazon.nova-pro-v1:0" })`.
   *
   * @returns a function that removes it
   * @throws TypeError if a field is unknown or invalid
   */
  addProfile(profile: VirtualProfile | CopiedProfile): () => void {
    return this.#world.catalog.addProfile(profile);
  }

  /**
   * Adds a guardrail, or replaces the one with the same ID. With `enforcedBy`, it's applied to every Converse and
   * InvokeModel call, which then also requires `bedrock:ApplyGuardrail` on it.
   *
   * @returns a function that removes it
   * @throws TypeError if a field is unknown or invalid
   */
  addGuardrail(guardrail: VirtualGuardrail): () => void {
    return this.#world.guardrails.add(guardrail);
  }

  /**
   * Denies calls from now on. Either a policy denies a leg, with the message from the IAM User Guide, or the whole call
   * is denied with one of AWS's fixed sentences. The message is about the first leg that is denied, in the order of
   * evaluation.
   *
   * @returns a function that stops the denials
   * @throws TypeError if the refusal can't match any call
   */
  deny(denial: LegDenial | KindDenial): () => void {
    checkScriptedDenial(denial);
    return "kind" in denial ? this.#world.kindDenials.add(denial) : this.#world.legDenials.add(denial);
  }

  /**
   * Makes requests fail or wait from now on, by the name of a fault, or by HTTP status, error name, and body.
   *
   * @returns a function that removes the fault
   * @throws TypeError if the fault can't match any request
   */
  fault(fault: Fault): () => void {
    checkFault(fault);
    return this.#faults.add(fault);
  }

  /** Removes every refusal and fault, and the recorded requests. Models and profiles that were added are kept. */
  reset(): void {
    this.#world.legDenials.clear();
    this.#world.kindDenials.clear();
    this.#faults.clear();
    this.#log.clear();
  }

  /** Serves HTTP/1.1 and HTTP/2 (h2c) on one loopback port. Use its URL as a client's `endpoint`. */
  listen({ host = "127.0.0.1", port = 0 }: { host?: string; port?: number } = {}): Promise<LoopbackServer> {
    return listen(this.handle, host, port);
  }

  /**
   * Returns handlers for msw: `setupServer(...bedrock.mswHandlers(http))`. msw supports HTTP/1.1 and fetch, but not
   * HTTP/2, so the clients require `requestHandler: new NodeHttpHandler()`.
   */
  mswHandlers<H>(http: MswHttp<H>): H[] {
    return mswHandlers(http, this.handle);
  }

  /**
   * Answers one request to Bedrock's runtime or control plane. Never rejects. If the test's own code fails, such as
   * `reply`, the response is an InternalServerException with that error's message.
   */
  readonly handle = async (request: Request): Promise<Response> => {
    try {
      return await this.#answer(request);
    } catch (error) {
      return errorResponse(500, "InternalServerException", { message: `SimulatedBedrock: ${messageOf(error)}` });
    }
  };

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const sourceRegion = this.#sourceRegionOf(url, request.headers);
    const { text, bytes, problem } = await readBody(request);
    const body = parsed(text);
    const route = withModelOf(body, routeOf(request.method, url.pathname));
    const authorizer = this.#authorizerOf(request.headers);
    const organizations = organizationsOperationOf(request.headers);
    const query = queryRequestOf(request.headers, text);
    const operation = organizations ?? query?.operation ?? route?.operation;
    const recorded = this.#log.add(request, {
      operation: operation ?? "unknown",
      modelId: route?.id ?? "",
      sourceRegion,
      body: query?.parameters ?? body,
      bodyBytes: bytes,
      principal: authorizer.principal.arn,
    });
    const fault = operation && this.#faults.take((each) => faultFits(each, operation));
    const failed = fault && (await failure(fault, request.signal));
    if (failed) return query ? asQueryError(failed, query.operation) : failed;
    if (problem) return invalid(PROBLEMS[problem]);
    if (query) return answerIdentity(query, authorizer, this.#authorizers, this.#organization);
    const accountId = authorizer.principal.arn.split(":")[4] ?? "";
    if (organizations) return answerOrganizations(organizations, body, accountId, this.#organization);
    if (!route) return errorResponse(404, "UnknownOperationException", { message: `No operation at ${url.pathname}.` });
    const streamFault = fault && streamFaultOf(fault);
    const call: SimulatedCall = {
      route,
      query: url.searchParams,
      body,
      sourceRegion,
      accountId,
      authorizer,
      recorded,
      streamFault,
    };
    return answerCall(call, this.#world);
  }

  /**
   * Returns the principal with the request's access key ID, otherwise the first principal without an access key ID,
   * otherwise the first principal.
   */
  #authorizerOf(headers: Headers): Authorizer {
    const keyId = /Credential=([^/]+)\//.exec(headers.get("authorization") ?? "")?.[1];
    const [first, ...others] = this.#authorizers as [Authorizer, ...Authorizer[]];
    const withKey = [first, ...others].find(({ principal }) => keyId !== undefined && principal.accessKeyId === keyId);
    return withKey ?? [first, ...others].find(({ principal }) => principal.accessKeyId === undefined) ?? first;
  }

  /** Returns the Region in the host, otherwise the Region in the signature's scope, otherwise the option. */
  #sourceRegionOf({ hostname }: URL, headers: Headers): string {
    const inHost = /^bedrock(?:-runtime)?(?:-fips)?\.([a-z0-9-]+)\./.exec(hostname)?.[1];
    const inScope = /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(headers.get("authorization") ?? "")?.[1];
    return inHost ?? inScope ?? this.#region;
  }
}

/** StartAsyncInvoke has its model in the body, not in the path. */
function withModelOf(body: unknown, route: Route | undefined): Route | undefined {
  if (route?.operation !== "StartAsyncInvoke" || !isObject(body)) return route;
  return { ...route, id: typeof body.modelId === "string" ? body.modelId : "" };
}

const PROBLEMS = {
  "too-long": `1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to ${MAX_BODY_BYTES}`,
  unreadable: "Malformed input request: the body could not be read, please reformat your input and try again.",
} as const;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
