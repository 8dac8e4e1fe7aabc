import type { DiagnosedError } from "./error.js";
import type { Diagnosis } from "./explain/diagnosis.js";
import type { BareModels } from "./invoke/bare-models.js";
import type { FallbackReport } from "./invoke/report.js";
import { type CompiledKnowledge, compileKnowledge, type PolicyKnowledge } from "./policy/knowledge.js";
import { parseModelId } from "./resolve/model-id.js";

/**
 * Anything with the shape of the SDK's `Logger`: a pino instance, `console`, Powertools' logger. It is called as
 * `warn(fields, message)`.
 */
export interface ResilienceLogger {
  debug(...content: unknown[]): void;
  info(...content: unknown[]): void;
  warn(...content: unknown[]): void;
  error(...content: unknown[]): void;
}

/** A client of the control plane that the application made itself: `new BedrockClient(…)` of `@aws-sdk/client-bedrock`. */
export interface ControlPlaneClient {
  // biome-ignore lint/suspicious/noExplicitAny: any version of the SDK's client fits, whatever its own command types are.
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
}

/** What a refused call may cost. */
export interface DiagnosisOptions {
  /**
   * False leaves every error exactly as the SDK threw it.
   * @default true
   */
  enabled?: boolean;
  /**
   * The deadline of a diagnosis, in milliseconds from 0 to 60,000. When it is over, the error is thrown with what is
   * known by then (`diagnosis.complete` is false). 0 asks nothing: the diagnosis is AWS's message alone.
   * @default 2000
   */
  timeoutMs?: number;
  /**
   * The policies that decide about the application's calls, as far as it has them. They are evaluated for each leg of a
   * refused call, and remedies are tried out on them. Read and checked once, when the client is made.
   */
  policies?: PolicyKnowledge;
  /**
   * Reads the service control policies above the caller's account from AWS Organizations, after a call that IAM denies.
   * Needs the package @aws-sdk/client-organizations, and credentials of the management account or of a delegated
   * administrator with `organizations:DescribeOrganization`, `ListParents`, `ListPoliciesForTarget` and `DescribePolicy`.
   * They go before `policies.serviceControl`, and are kept for five minutes.
   * @default off
   */
  organization?: OrganizationOptions;
  /**
   * Asks IAM's policy simulator about each leg of a call that IAM denies. Needs the package @aws-sdk/client-iam and
   * `iam:SimulatePrincipalPolicy` (and `iam:GetRole`, for the role's path). It follows identity-based policies, the
   * permissions boundary and service control policies; what it cannot see (session policies, VPC endpoint policies, keys
   * that only service control policies ask for) leaves a leg `unknown`, with what is likely beside it.
   * @default off
   */
  simulation?: boolean | SimulationOptions;
  /**
   * Sends one request without content after a call that IAM denies: Bedrock refuses it, or complains about the content.
   * It shows in CloudTrail as an error, at most once in 20 seconds.
   * @default off
   */
  probe?: boolean | ProbeOptions;
}

/** How IAM's policy simulator is asked. */
export interface SimulationOptions {
  /** Credentials, or a provider of them. @default the client's own */
  credentials?: object | (() => Promise<object>);
  /** An IAMClient that the application made: it is never destroyed here. */
  client?: ControlPlaneClient;
  /**
   * Requests that are begun in a second, one after another, above 0 and at most 50. A diagnosis makes one per Region of
   * the profile, and one more.
   * @default 2
   */
  requestsPerSecond?: number;
}

/** What a probe may do. */
export interface ProbeOptions {
  /**
   * True sends it also where it could be what subscribes the account to a model in AWS Marketplace.
   * @default false
   */
  mayStartSubscription?: boolean;
}

/** How AWS Organizations is asked; one of the two. */
export interface OrganizationOptions {
  /** Credentials, or a provider of them, as the SDK's clients take them. */
  credentials?: object | (() => Promise<object>);
  /** An OrganizationsClient that the application made: it is never destroyed here. */
  client?: ControlPlaneClient;
}

/** How the inference profile behind a `modelId` is looked up. Nothing is looked up before the first refusal. */
export interface ResolveOptions {
  /**
   * How long a profile that was looked up is kept, in milliseconds from 0 to 86,400,000 (one day).
   * @default 3600000
   */
  cacheTtlMs?: number;
  /**
   * The client that asks GetInferenceProfile. The application owns it: it is never destroyed here.
   * @default a BedrockClient with the runtime client's Region, credentials and, where they fit, handler and endpoint
   */
  client?: ControlPlaneClient;
  /**
   * Sends a bare model id that can only be called through an inference profile in the source Region through one, instead
   * of failing with "on-demand throughput isn't supported". `geographic`: the narrowest geographic profile of the model
   * there. `global`: its global profile, which may process a request in any commercial Region. An object names the
   * application inference profile (id or ARN) by bare model id. An id that can be called as it is goes out as it is.
   * @default off
   */
  bareModels?: BareModels;
}

/** What a call may do instead, when Bedrock's routing is what was refused. Nothing, unless this is given. */
export interface FallbackOptions {
  /** The only kind of fallback: one foundation model in one Region, without routing. */
  to: "single-region";
  /**
   * Other models that may answer, tried last: by the `modelId` of the call, or by the foundation model behind its profile.
   * InvokeModel's body goes out as it is, so there the other model must understand it.
   * @default none
   */
  models?: Readonly<Record<string, string>>;
  /**
   * Other Regions that may process a request, in this order, after the source Region. Data then leaves the source Region,
   * and no profile bounds where to: list what your rules on residency allow.
   * @default none
   */
  allowRegions?: readonly string[];
  /**
   * How long a refused profile is not tried again, in milliseconds from 0 to 3,600,000. After it one call tries.
   * @default 300000
   */
  remember?: number;
}

/**
 * Failures that the SDK does not retry, and how often they are tried again here. Everything that the SDK retries stays
 * the SDK's, with `maxAttempts`, `retryMode` and `retryStrategy` as they are. A refusal of routing is never retried.
 */
export interface RetryOptions {
  /**
   * Tries once more after expired credentials, where refreshing them brings others.
   * @default true
   */
  expiredCredentials?: boolean;
  /**
   * Tries after ModelTimeoutException (408), from 0 to 5. The model may have worked, and be paid, each time.
   * @default 0
   */
  modelTimeout?: number;
  /**
   * Tries after ModelErrorException (424), from 0 to 5.
   * @default 0
   */
  modelError?: number;
  /**
   * For how long a call that IAM denies is tried again, in milliseconds from 0 to 300,000: for the minutes after a policy
   * was changed. Not for refusals of a destination Region.
   * @default 0
   */
  propagation?: number;
  /**
   * No further try after a model's timeout or error begins later than this after the first failure, in milliseconds from 0 to 600,000.
   * @default 60000
   */
  timeoutMs?: number;
}

/** The `resilience` field of the client's configuration. Every field is optional. */
export interface ResilienceOptions {
  diagnosis?: DiagnosisOptions;
  resolve?: ResolveOptions;
  fallback?: FallbackOptions;
  retry?: RetryOptions;
  /**
   * Where one line per diagnosis is written, at level `warn`.
   * @default nowhere, unless the environment variable RESILIENT_BEDROCK_LOG_LEVEL is set: then pino, to stderr
   */
  logger?: ResilienceLogger;
  /**
   * Writes session names into log lines too. They are often e-mail addresses, so they are left out otherwise.
   * @default false
   */
  logSessionNames?: boolean;
  /** Called once for each diagnosed error, before it is thrown. What it throws, or rejects with, is ignored. */
  onDiagnosis?: (diagnosis: Diagnosis, error: DiagnosedError) => unknown;
  /**
   * Called for each call that a fallback answered, before its output is returned. `diagnosis` is of the refusal that led
   * there. What it throws, or rejects with, is ignored.
   */
  onFallback?: (report: FallbackReport, diagnosis: Diagnosis) => unknown;
}

/** The options with every default filled in; nothing below `client.ts` sees any other form. */
export interface ResolvedOptions {
  readonly diagnosis: {
    readonly enabled: boolean;
    readonly timeoutMs: number;
    readonly policies: CompiledKnowledge | undefined;
    readonly organization: OrganizationOptions | undefined;
    readonly simulation: SimulationOptions | undefined;
    readonly probe: Required<ProbeOptions> | undefined;
  };
  readonly resolve: {
    readonly cacheTtlMs: number;
    readonly client: ControlPlaneClient | undefined;
    readonly bareModels: BareModels | undefined;
  };
  readonly fallback: Readonly<Required<FallbackOptions>> | undefined;
  readonly retry: Readonly<Required<RetryOptions>>;
  readonly logger: ResilienceLogger | undefined;
  readonly logSessionNames: boolean;
  readonly onDiagnosis: ((diagnosis: Diagnosis, error: DiagnosedError) => unknown) | undefined;
  readonly onFallback: ((report: FallbackReport, diagnosis: Diagnosis) => unknown) | undefined;
}

/** True where a call may go another way than the SDK's own send. */
export function optsIn({ fallback, resolve, retry }: ResolvedOptions): boolean {
  const { modelTimeout, modelError, propagation } = retry;
  return fallback !== undefined || resolve.bareModels !== undefined || modelTimeout + modelError + propagation > 0;
}

/** @throws TypeError that names the option, its value and what is allowed. */
export function resolveOptions(options: ResilienceOptions = {}): ResolvedOptions {
  const top = fields(options, "resilience", [
    "diagnosis",
    "resolve",
    "fallback",
    "retry",
    "logger",
    "logSessionNames",
    "onDiagnosis",
    "onFallback",
  ]);
  const resolve = fields(top.resolve, "resilience.resolve", ["cacheTtlMs", "client", "bareModels"]);
  return Object.freeze({
    diagnosis: resolveDiagnosis(top.diagnosis, "resilience.diagnosis"),
    resolve: Object.freeze({
      cacheTtlMs: milliseconds(resolve.cacheTtlMs, "resilience.resolve.cacheTtlMs", 3_600_000, 86_400_000),
      client: withMethods<ControlPlaneClient>(resolve.client, "resilience.resolve.client", ["send"], "a BedrockClient"),
      bareModels: bareModels(resolve.bareModels, "resilience.resolve.bareModels"),
    }),
    fallback: fallback(top.fallback, "resilience.fallback"),
    retry: retry(top.retry, "resilience.retry"),
    logger: withMethods<ResilienceLogger>(
      top.logger,
      "resilience.logger",
      ["debug", "info", "warn", "error"],
      "a pino instance or another logger",
    ),
    logSessionNames: flag(top.logSessionNames, "resilience.logSessionNames", false),
    onDiagnosis: callback(top.onDiagnosis, "resilience.onDiagnosis"),
    onFallback: callback(top.onFallback, "resilience.onFallback"),
  });
}

/** @throws TypeError that names the option, its value and what is allowed. */
export function resolveDiagnosis(value: DiagnosisOptions | undefined, path: string): ResolvedOptions["diagnosis"] {
  const given = fields(value, path, ["enabled", "timeoutMs", "policies", "organization", "simulation", "probe"]);
  return Object.freeze({
    enabled: flag(given.enabled, `${path}.enabled`, true),
    timeoutMs: milliseconds(given.timeoutMs, `${path}.timeoutMs`, 2_000, 60_000),
    policies: given.policies === undefined ? undefined : compileKnowledge(given.policies, `${path}.policies`),
    organization: organization(given.organization, `${path}.organization`),
    simulation: simulation(given.simulation, `${path}.simulation`),
    probe: probe(given.probe, `${path}.probe`),
  });
}

/** @throws TypeError that names the option, its value and what is allowed. */
export const resolvePreflightTimeout = (timeoutMs: number | undefined): number =>
  milliseconds(timeoutMs, "timeoutMs", 10_000, 60_000);

function organization(value: OrganizationOptions | undefined, path: string): OrganizationOptions | undefined {
  if (value === undefined) return undefined;
  const { credentials, client } = fields(value, path, ["credentials", "client"]);
  if ((credentials === undefined) === (client === undefined)) {
    throw wrong(path, value, "an object with either credentials or a client");
  }
  return askedWith(credentials, client, path, "an OrganizationsClient");
}

function simulation(value: DiagnosisOptions["simulation"], path: string): SimulationOptions | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return Object.freeze({});
  const given = fields(value, path, ["credentials", "client", "requestsPerSecond"]);
  const { credentials, client, requestsPerSecond } = given;
  if (credentials !== undefined && client !== undefined)
    throw wrong(path, value, "given credentials or a client, not both");
  if (requestsPerSecond !== undefined && !(requestsPerSecond > 0 && requestsPerSecond <= 50)) {
    throw wrong(`${path}.requestsPerSecond`, requestsPerSecond, "a number above 0 and at most 50");
  }
  const rate = requestsPerSecond === undefined ? {} : { requestsPerSecond };
  return Object.freeze({ ...askedWith(credentials, client, path, "an IAMClient"), ...rate });
}

function probe(value: DiagnosisOptions["probe"], path: string): Required<ProbeOptions> | undefined {
  if (value === undefined || value === false) return undefined;
  const { mayStartSubscription } = value === true ? {} : fields(value, path, ["mayStartSubscription"]);
  return Object.freeze({ mayStartSubscription: flag(mayStartSubscription, `${path}.mayStartSubscription`, false) });
}

/** Credentials, or a client: whichever is given, checked. */
function askedWith(
  credentials: OrganizationOptions["credentials"],
  client: ControlPlaneClient | undefined,
  path: string,
  what: string,
): OrganizationOptions {
  if (credentials !== undefined && (credentials === null || !["object", "function"].includes(typeof credentials))) {
    throw wrong(`${path}.credentials`, credentials, "credentials or a provider of them");
  }
  const given = withMethods<ControlPlaneClient>(client, `${path}.client`, ["send"], what);
  return Object.freeze({ ...(credentials ? { credentials } : {}), ...(given ? { client: given } : {}) });
}

function fallback(value: FallbackOptions | undefined, path: string): ResolvedOptions["fallback"] {
  if (value === undefined) return undefined;
  const { to, models, allowRegions, remember } = fields(value, path, ["to", "models", "allowRegions", "remember"]);
  if (to !== "single-region") throw wrong(`${path}.to`, to, '"single-region"');
  if (allowRegions !== undefined && !Array.isArray(allowRegions)) {
    throw wrong(`${path}.allowRegions`, allowRegions, "a list of Regions");
  }
  const regions: readonly unknown[] = allowRegions ?? [];
  for (const [at, region] of regions.entries()) {
    if (typeof region === "string" && /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) continue;
    throw wrong(`${path}.allowRegions[${at}]`, region, 'a Region, such as "eu-west-1"');
  }
  const isModel = (id: string) => {
    const reference = parseModelId(id);
    return reference.kind === "foundation-model" && reference.arn === undefined;
  };
  return Object.freeze({
    to,
    models: named(
      models,
      `${path}.models`,
      isModel,
      "the id of a foundation model: a profile routes to several Regions",
    ),
    allowRegions: Object.freeze([...(regions as readonly string[])]),
    remember: milliseconds(remember, `${path}.remember`, 300_000, 3_600_000),
  });
}

function retry(value: RetryOptions | undefined, path: string): ResolvedOptions["retry"] {
  const given = fields(value, path, ["expiredCredentials", "modelTimeout", "modelError", "propagation", "timeoutMs"]);
  return Object.freeze({
    expiredCredentials: flag(given.expiredCredentials, `${path}.expiredCredentials`, true),
    modelTimeout: tries(given.modelTimeout, `${path}.modelTimeout`),
    modelError: tries(given.modelError, `${path}.modelError`),
    propagation: milliseconds(given.propagation, `${path}.propagation`, 0, 300_000),
    timeoutMs: milliseconds(given.timeoutMs, `${path}.timeoutMs`, 60_000, 600_000),
  });
}

function bareModels(value: BareModels | undefined, path: string): BareModels | undefined {
  if (value === undefined || value === "geographic" || value === "global") return value;
  if (typeof value !== "object") {
    throw wrong(path, value, '"geographic", "global" or an object from model ids to application inference profiles');
  }
  const isProfile = (id: string) => parseModelId(id).kind === "application-inference-profile";
  return named(value, path, isProfile, "the id or ARN of an application inference profile");
}

/** An object from model ids to ids of one kind; a frozen copy, without a prototype that could answer for a name. */
function named(
  value: Readonly<Record<string, string>> | undefined,
  path: string,
  isRight: (id: string) => boolean,
  what: string,
): Readonly<Record<string, string>> {
  if (value === undefined) return Object.freeze({});
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, value, "an object");
  for (const [id, to] of Object.entries(value)) {
    if (typeof to !== "string" || !isRight(to)) throw wrong(`${path}[${JSON.stringify(id)}]`, to, what);
  }
  return Object.freeze(Object.assign(Object.create(null), value));
}

function tries(value: unknown, path: string): number {
  if (value === undefined) return 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 5) return value;
  throw wrong(path, value, "a whole number of tries from 0 to 5");
}

function fields<T extends object>(
  value: T | undefined,
  path: string,
  known: readonly (keyof T & string)[],
): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, value, "an object");
  const stranger = Object.keys(value).find((key) => !(known as readonly string[]).includes(key));
  if (stranger !== undefined) {
    throw new TypeError(`${path}.${stranger} is no option of resilient-bedrock; known here: ${known.join(", ")}.`);
  }
  return value;
}

function milliseconds(value: unknown, path: string, byDefault: number, most: number): number {
  if (value === undefined) return byDefault;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw wrong(path, value, `a whole number of milliseconds from 0 to ${most}`);
}

function flag(value: unknown, path: string, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value === "boolean") return value;
  throw wrong(path, value, "true or false");
}

function callback<F>(value: F | undefined, path: string): F | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw wrong(path, value, "a function");
}

function withMethods<T extends object>(
  value: T | undefined,
  path: string,
  methods: readonly (keyof T & string)[],
  what: string,
): T | undefined {
  if (value === undefined) return undefined;
  const missing = methods.find((name) => typeof (value as Partial<T> | null)?.[name] !== "function");
  if (missing === undefined) return value;
  throw wrong(path, value, `${what}, with the method${methods.length > 1 ? "s" : ""} ${methods.join(", ")}`);
}

function wrong(path: string, value: unknown, allowed: string): TypeError {
  return new TypeError(`${path} must be ${allowed}; it is ${shown(value)}.`);
}

/** The value as the reader would write it: short, and never the content of an object, which may hold secrets. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
