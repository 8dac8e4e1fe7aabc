import { lastSegment } from "../arn.js";
import type { PolicyInput } from "../policy/layers.js";
import { type AuthorizationLeg, authorizationLegs } from "../resolve/legs.js";
import { answerControlPlane, controlPlaneLeg } from "./control-plane.js";
import type { StreamFault } from "./event-stream.js";
import { checkFault, type Fault, failure, faultFits, streamFaultOf } from "./faults.js";
import { answerIdentity } from "./identity-services.js";
import { type LoopbackServer, listen } from "./loopback-server.js";
import { type MswHttp, mswHandlers } from "./msw-door.js";
import { answer, errorResponse, type Route, routeOf } from "./operations.js";
import { answerOrganizations, organizationsOperationOf } from "./organizations.js";
import { type QueryOperation, queryError, queryRequestOf } from "./query-protocol.js";
import { parsed, type RecordedRequest, record } from "./recorded-request.js";
import { checkRefusal, fits, iamSentence, type KindRefusal, type LegRefusal, SENTENCES } from "./refusals.js";
import {
  DEFAULT_MODELS,
  DEFAULT_PROFILES,
  profileFor,
  type VirtualCatalog,
  type VirtualModel,
  type VirtualProfile,
} from "./virtual-models.js";
import {
  type Authorizer,
  authorizerOf,
  type VirtualOrganization,
  type VirtualPrincipal,
} from "./virtual-organization.js";

export type { Fault, FaultName } from "./faults.js";
export type { LoopbackServer } from "./loopback-server.js";
export type { MswHttp } from "./msw-door.js";
export type { SimulatedOperation } from "./operations.js";
export type { RecordedRequest } from "./recorded-request.js";
export type { KindRefusal, LegRefusal, SimulatedPolicyType } from "./refusals.js";
export type { VirtualModel, VirtualProfile } from "./virtual-models.js";
export type { VirtualAccount, VirtualOrganization, VirtualPrincipal, VirtualUnit } from "./virtual-organization.js";

export interface SimulatedBedrockOptions {
  /** The caller's account. @default "111122223333" */
  accountId?: string;
  /** The caller, where `principals` names none. @default an assumed-role session of that account */
  principal?: string;
  /** Who calls, told apart by access key id, and with which policies. */
  principals?: VirtualPrincipal[];
  /** The organization whose service control policies apply. @default none */
  organization?: VirtualOrganization;
  /** The policy of the VPC endpoint that every request comes through. @default no endpoint */
  vpcEndpoint?: PolicyInput;
  /** The source Region of a request that does not tell, such as one with an API key to a loopback server. @default "us-east-1" */
  region?: string;
  /** Models besides the built-in ones. */
  models?: VirtualModel[];
  /** Inference profiles besides the built-in ones. */
  profiles?: VirtualProfile[];
  /** Whether the account has filled out the use case form of Anthropic's models. @default true */
  useCaseFilled?: boolean;
  /** What the model says. @default a sentence that names the model */
  reply?: (request: { modelId: string; sourceRegion: string; body: unknown }) => string;
}

type Scripted<T> = T & { left: number };

const OPTIONS = [
  "accountId",
  "principal",
  "principals",
  "organization",
  "vpcEndpoint",
  "region",
  "models",
  "profiles",
  "useCaseFilled",
  "reply",
];

/**
 * A Bedrock to test against: it routes, authorizes leg by leg and refuses in AWS's words, and costs nothing. It decides by
 * the policies that it is given, and by scripted refusals for what policies cannot express. It knows a few models and profiles by itself (`us.`, `eu.` and `global.` of Claude Sonnet 4.5, `us.` of Nova Pro).
 *
 * It has one handler, {@link SimulatedBedrock.handle}, and two doors to it: {@link SimulatedBedrock.listen} for the SDK's
 * default HTTP/2 handler, and {@link SimulatedBedrock.mswHandlers} for msw.
 *
 * @throws TypeError when an option is unknown or wrong
 */
export class SimulatedBedrock {
  /** Every request so far, oldest first. */
  readonly requests: RecordedRequest[] = [];
  readonly #authorizers: Authorizer[];
  readonly #region: string;
  readonly #catalog: VirtualCatalog;
  readonly #isUseCaseFilled: boolean;
  readonly #organization: VirtualOrganization | undefined;
  readonly #reply: NonNullable<SimulatedBedrockOptions["reply"]>;
  #refusals: Scripted<LegRefusal | KindRefusal>[] = [];
  #faults: Scripted<Fault>[] = [];

  constructor(options: SimulatedBedrockOptions = {}) {
    const stranger = Object.keys(options).find((key) => !OPTIONS.includes(key));
    if (stranger) throw new TypeError(`${stranger} is no option of SimulatedBedrock; known: ${OPTIONS.join(", ")}.`);
    const { accountId = "111122223333", organization, vpcEndpoint } = options;
    if (!/^\d{12}$/.test(accountId)) {
      throw new TypeError(`accountId must be 12 digits; it is ${JSON.stringify(accountId)}.`);
    }
    const caller = { arn: options.principal ?? `arn:aws:sts::${accountId}:assumed-role/AppRole/session` };
    const principals = options.principals?.length ? options.principals : [caller];
    this.#authorizers = principals.map((principal) => authorizerOf(principal, organization, vpcEndpoint));
    this.#isUseCaseFilled = options.useCaseFilled ?? true;
    this.#organization = organization;
    this.#region = options.region ?? "us-east-1";
    const byId = <T extends { id: string }>(all: T[]) => new Map(all.map((each) => [each.id, each]));
    this.#catalog = {
      models: byId([...DEFAULT_MODELS, ...(options.models ?? [])]),
      profiles: byId([...DEFAULT_PROFILES, ...(options.profiles ?? [])]),
    };
    this.#reply = options.reply ?? (({ modelId }) => `Simulated answer of ${modelId}.`);
  }

  /**
   * Refuses calls from now on: a leg by a policy, in the words of the IAM User Guide, or the whole call with one of
   * AWS's fixed sentences. The first leg in the order of evaluation that is refused decides what the message says.
   *
   * @returns a function that lifts this refusal again
   * @throws TypeError when the refusal could fit nothing
   */
  refuse(refusal: LegRefusal | KindRefusal): () => void {
    checkRefusal(refusal);
    const scripted = { ...refusal, left: refusal.times ?? Number.POSITIVE_INFINITY };
    this.#refusals.push(scripted);
    return () => {
      this.#refusals = this.#refusals.filter((other) => other !== scripted);
    };
  }

  /**
   * Lets requests fail or wait from now on: by a name, or by status, error name and body.
   *
   * @returns a function that ends it
   * @throws TypeError when the fault could fit nothing
   */
  fault(fault: Fault): () => void {
    checkFault(fault);
    const scripted = { ...fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#faults.push(scripted);
    return () => {
      this.#faults = this.#faults.filter((other) => other !== scripted);
    };
  }

  /** Lifts every refusal and fault, and forgets the recorded requests. */
  reset(): void {
    this.#refusals = [];
    this.#faults = [];
    this.requests.length = 0;
  }

  /** Serves HTTP/1.1 and HTTP/2 (h2c) on one loopback port, for a client's `endpoint`. */
  listen({ host = "127.0.0.1", port = 0 }: { host?: string; port?: number } = {}): Promise<LoopbackServer> {
    return listen(this.handle, host, port);
  }

  /**
   * Handlers for msw: `setupServer(...bedrock.mswHandlers(http))`. msw sees HTTP/1.1 and fetch, not HTTP/2, so the
   * clients need `requestHandler: new NodeHttpHandler()`.
   */
  mswHandlers<H>(http: MswHttp<H>): H[] {
    return mswHandlers(http, this.handle);
  }

  /** Answers one request to Bedrock's runtime or control plane. Never rejects for what a client sends. */
  readonly handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const route = routeOf(request.method, url.pathname);
    const sourceRegion = this.#sourceRegionOf(url, request.headers);
    const text = await request.text();
    const body = parsed(text);
    const authorizer = this.#authorizerOf(request.headers);
    const organizations = organizationsOperationOf(request.headers);
    const query = queryRequestOf(request.headers, text);
    const recorded = record(request, route, sourceRegion, query?.parameters ?? body, authorizer.principal.arn);
    const operation = organizations ?? query?.operation ?? route?.operation;
    recorded.operation = operation ?? "unknown";
    this.requests.push(recorded);
    const fault = this.#faultFor(operation);
    const failed = fault && (await failure(fault, request.signal));
    if (failed) return query ? asQueryError(failed, query.operation) : failed;
    if (query) return answerIdentity(query, authorizer, this.#authorizers, this.#organization);
    if (organizations) return answerOrganizations(organizations, body, accountOf(authorizer), this.#organization);
    if (!route) return errorResponse(404, "UnknownOperationException", { message: `No operation at ${url.pathname}.` });
    return route.operation.startsWith("Get") || route.operation.startsWith("List")
      ? this.#control(route, url, recorded, authorizer)
      : this.#invoke(route, recorded, authorizer, fault && streamFaultOf(fault));
  };

  /** The principal with the request's access key id, else the first that has none of its own, else the first. */
  #authorizerOf(headers: Headers): Authorizer {
    const keyId = /Credential=([^/]+)\//.exec(headers.get("authorization") ?? "")?.[1];
    const [first, ...others] = this.#authorizers as [Authorizer, ...Authorizer[]];
    const withKey = [first, ...others].find(({ principal }) => keyId !== undefined && principal.accessKeyId === keyId);
    return withKey ?? [first, ...others].find(({ principal }) => principal.accessKeyId === undefined) ?? first;
  }

  #invoke(
    { operation, id }: Route,
    recorded: RecordedRequest,
    authorizer: Authorizer,
    streamFault: StreamFault | undefined,
  ): Response {
    const { sourceRegion, body } = recorded;
    if (body === undefined) {
      return invalid("Malformed input request: expected a JSON object, please reformat your input and try again.");
    }
    const accountId = accountOf(authorizer);
    const profile = profileFor(this.#catalog, id, sourceRegion, accountId);
    const model = this.#catalog.models.get(lastSegment(id));
    if (!profile && !model) return invalid("The provided model identifier is invalid.");
    const scripted = this.#refusedKind(id);
    if (scripted) return scripted;
    const legs = authorizationLegs({
      operation,
      modelId: id,
      sourceRegion,
      accountId,
      ...(profile ? { profile } : {}),
    });
    // A request without content ends at the source: no page of AWS's says that destinations are authorized before.
    const isEmpty = operation.startsWith("Converse") && !(body as { messages?: unknown }).messages;
    const asked = isEmpty ? legs.filter(({ stage }) => !ELSEWHERE.includes(stage)) : legs;
    const refused = this.#refusedLeg(asked, id, recorded, authorizer);
    if (refused) return refused;
    if (isEmpty) return invalid("The value at messages is empty. Add values to messages and try your request again.");
    if (!profile && model && !model.onDemandRegions.includes(sourceRegion)) {
      return invalid(
        `Invocation of model ID ${id} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
      );
    }
    return answer(operation, this.#reply({ modelId: id, sourceRegion, body }), JSON.stringify(body), streamFault);
  }

  /** Leg by leg, as Bedrock does; undefined when all allow. */
  #refusedLeg(
    legs: AuthorizationLeg[],
    modelId: string,
    recorded: RecordedRequest,
    { principal, blocks }: Authorizer,
  ): Response | undefined {
    for (const leg of legs) {
      const refusal = this.#refusals.find(
        (script): script is Scripted<LegRefusal> =>
          "policyType" in script && script.left > 0 && fits(script, leg, modelId),
      );
      const decidedBy = refusal ? undefined : blocks(leg);
      const refused = refusal ?? decidedBy;
      recorded.legs.push({ leg, allowed: refused === undefined, ...(decidedBy ? { decidedBy } : {}) });
      if (refusal) refusal.left -= 1;
      if (refused) {
        return errorResponse(403, "AccessDeniedException", { Message: iamSentence(principal.arn, leg, refused) });
      }
    }
    return undefined;
  }

  #refusedKind(modelId: string): Response | undefined {
    const refusal = this.#refusals.find(
      (script): script is Scripted<KindRefusal> =>
        "kind" in script && script.left > 0 && (script.modelId ?? modelId) === modelId,
    );
    if (!refusal) return undefined;
    refusal.left -= 1;
    const [status, name, message] = SENTENCES[refusal.kind];
    return errorResponse(status, name, { message });
  }

  #control(route: Route, url: URL, recorded: RecordedRequest, authorizer: Authorizer): Response {
    const { sourceRegion } = recorded;
    const accountId = accountOf(authorizer);
    const plane = { ...this.#catalog, isUseCaseFilled: this.#isUseCaseFilled, sourceRegion, accountId };
    const refused = this.#refusedLeg([controlPlaneLeg(route, plane)], route.id, recorded, authorizer);
    return refused ?? answerControlPlane(route, url.searchParams, plane);
  }

  /** The host names the Region, else the signature's scope does, else the option. */
  #sourceRegionOf({ hostname }: URL, headers: Headers): string {
    const inHost = /^bedrock(?:-runtime)?(?:-fips)?\.([a-z0-9-]+)\./.exec(hostname)?.[1];
    const inScope = /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(headers.get("authorization") ?? "")?.[1];
    return inHost ?? inScope ?? this.#region;
  }

  #faultFor(operation: Exclude<RecordedRequest["operation"], "unknown"> | undefined): Fault | undefined {
    if (operation === undefined) return undefined;
    const fault = this.#faults.find((script) => script.left > 0 && faultFits(script, operation));
    if (fault) fault.left -= 1;
    return fault;
  }
}

const ELSEWHERE: readonly string[] = ["destination-model", "global-model"];

/** The same failure as STS and IAM say it. */
async function asQueryError(failed: Response, operation: QueryOperation): Promise<Response> {
  if (failed.ok || failed.type === "error") return failed;
  const [code = "InternalFailure"] = (failed.headers.get("x-amzn-errortype") ?? "").split(":");
  const { message = "" } = (await failed.json()) as { message?: string };
  return queryError(operation, failed.status, code, message);
}

const accountOf = ({ principal }: Authorizer) => principal.arn.split(":")[4] ?? "";

const invalid = (message: string) => errorResponse(400, "ValidationException", { message });
