import type { DiagnosedError } from "./error.js";
import type { Diagnosis } from "./explain/diagnosis.js";
import type { BareModels, FallbackOptions } from "./fallback/options.js";
import type { FallbackReport } from "./fallback/report.js";
import type { CompiledKnowledge, PolicyKnowledge } from "./policy/knowledge.js";
import type { CatalogData } from "./resolve/catalog-format.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import type { RetryOptions, RetrySettings } from "./retry/options.js";

/**
 * Anything with the shape of the SDK's `Logger`: a pino instance, `console`, a winston or Powertools logger. A logger with a
 * method `log` (console, winston) and Powertools' logger are called as `warn(message, fields)`, every other one as pino is:
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
  /**
   * The ARNs of the guardrails that the account or the organization enforces, in any Region. Bedrock applies them to every
   * invocation in their Region, and the caller needs `bedrock:ApplyGuardrail` on them. An empty list states that none is
   * enforced. If it's left out, they are unknown, and a preflight isn't `allowed`.
   * @default unknown
   */
  enforcedGuardrails?: readonly string[];
  /**
   * The ARNs of the guardrail profile in all destination Regions, by the ID or ARN of the guardrail. A cross-Region
   * guardrail needs `bedrock:ApplyGuardrail` on each of them. An empty list states that the guardrail doesn't use
   * cross-Region inference. If a guardrail is left out, a preflight of a call with it isn't `allowed`.
   * @default unknown
   */
  guardrailProfiles?: Readonly<Record<string, readonly string[]>>;
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
  /**
   * A newer catalog of inference profiles and models, for the case that the control plane doesn't answer. It is the content
   * of a file that `scripts/refresh-catalog.ts --out` wrote (docs/catalog.md), checked when the client is made. It replaces
   * the bundled catalog, which then isn't loaded, and its date is stated wherever it is used.
   * @default the catalog of this release
   */
  catalog?: CatalogData;
}

/** The `resilience` field of the client's configuration. Every field is optional. */
export interface ResilienceOptions {
  diagnosis?: DiagnosisOptions;
  resolve?: ResolveOptions;
  fallback?: FallbackOptions;
  retry?: RetryOptions;
  /**
   * Shares what was learned with other processes: a `Keyv`, over Redis or another backend of Keyv, or another store with
   * `get`, `set`, and `delete`. It holds system-defined profiles and models that were looked up. If the sources are on, also
   * roles, decisions of the simulator, and service control policies. If fallback is on, also which profiles are denied for a
   * principal, without AWS's message. No wait for it is longer than 250 ms. What it holds is checked. After a failure, it
   * isn't used for ten seconds. The application owns it: the library never closes it.
   * @default none
   */
  store?: KeyValueStore;
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
    readonly enforcedGuardrails: readonly string[] | undefined;
    readonly guardrailProfiles: Readonly<Record<string, readonly string[]>> | undefined;
  };
  readonly resolve: {
    readonly cacheTtlMs: number;
    readonly client: ControlPlaneClient | undefined;
    readonly bareModels: BareModels | undefined;
    readonly catalog: CatalogData | undefined;
  };
  readonly fallback: Readonly<Required<FallbackOptions>> | undefined;
  readonly retry: RetrySettings;
  readonly store: KeyValueStore | undefined;
  readonly logger: ResilienceLogger | undefined;
  readonly logSessionNames: boolean;
  readonly onDiagnosis: ((diagnosis: Diagnosis, error: DiagnosedError) => unknown) | undefined;
  readonly onFallback: ((report: FallbackReport, diagnosis: Diagnosis) => unknown) | undefined;
}

/** True if a call may pass through more layers than the SDK's own `send`. */
export function optsIn({ fallback, resolve, retry }: ResolvedOptions): boolean {
  const { modelTimeout, modelError, propagation } = retry;
  return fallback !== undefined || resolve.bareModels !== undefined || modelTimeout + modelError + propagation > 0;
}
