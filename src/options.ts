import type { DiagnosedError } from "./error.js";
import type { Diagnosis } from "./explain/diagnosis.js";
import type { BareModels, FallbackOptions } from "./fallback/options.js";
import type { FallbackReport } from "./fallback/report.js";
import type { CompiledKnowledge } from "./policy/knowledge.js";
import type { PolicySet } from "./policy/sealed.js";
import type { CatalogData } from "./resolve/catalog-format.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import type { RetryOptions, RetrySettings } from "./retry/options.js";

/**
 * An object with the shape of the SDK's `Logger`, such as a pino instance, `console`, or a winston or Powertools
 * logger. A logger with a `log` method (console, winston) and Powertools' logger are called as `warn(message, fields)`.
 * Every other logger is called as pino is: `warn(fields, message)`.
 */
export interface ResilienceLogger {
  debug(...content: unknown[]): void;
  info(...content: unknown[]): void;
  warn(...content: unknown[]): void;
  error(...content: unknown[]): void;
}

/** A control plane client that the application created: `new BedrockClient(…)` from `@aws-sdk/client-bedrock`. */
export interface ControlPlaneClient {
  // biome-ignore lint/suspicious/noExplicitAny: any version of the SDK's client fits, whatever its own command types are.
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
}

/** Options for the diagnosis of denied calls. */
export interface DiagnosisOptions {
  /**
   * If false, every error is thrown exactly as the SDK threw it.
   * @default true
   */
  enabled?: boolean;
  /**
   * The deadline of a diagnosis, in milliseconds, from 0 to 60,000. At the deadline, the error is thrown with what is
   * known so far (`diagnosis.complete` is false). 0 makes no lookups and uses only the error message.
   * @default 2000
   */
  timeoutMs?: number;
  /**
   * The policies that apply to the application's calls. You don't have to provide all of them. They are evaluated for
   * each leg of a denied call, and remedies are tested on them. `policySet` from `resilient-bedrock/offline` validates
   * and compiles them once.
   */
  policies?: PolicySet;
  /**
   * Reads the service control policies (SCPs) that apply to the caller's account from AWS Organizations, after IAM
   * denies a call. Requires the package @aws-sdk/client-organizations, and credentials of the management account or of
   * a delegated administrator with `organizations:DescribeOrganization`, `ListParents`, `ListPoliciesForTarget`, and
   * `DescribePolicy`. They take precedence over `policies.serviceControl`, and are cached for five minutes.
   * @default off
   */
  organization?: OrganizationOptions;
  /**
   * Calls IAM's policy simulator for each leg of a call that IAM denies. Requires the package @aws-sdk/client-iam and
   * `iam:SimulatePrincipalPolicy` (and `iam:GetRole`, for the role's path). The simulator evaluates identity-based
   * policies, the permissions boundary, and service control policies. It can't evaluate session policies, VPC endpoint
   * policies, or condition keys that only service control policies use. If a leg depends on these, it stays `unknown`,
   * and `likely` contains the expected verdict.
   * @default off
   */
  simulation?: boolean | SimulationOptions;
  /**
   * Sends one request without content after IAM denies a call. Bedrock either denies it or returns a validation error.
   * It appears in CloudTrail as an error, at most once in 20 seconds.
   * @default off
   */
  probe?: boolean | ProbeOptions;
  /**
   * The ARNs of the guardrails that the account or the organization enforces, in any Region. Bedrock applies them to
   * every invocation in their Region, and the caller needs `bedrock:ApplyGuardrail` on them. An empty list states that
   * no guardrail is enforced. If you omit it, the enforced guardrails are unknown, and a preflight isn't `allowed`.
   * @default unknown
   */
  enforcedGuardrails?: readonly string[];
  /**
   * The ARNs of the guardrail profile in all destination Regions, by the ID or ARN of the guardrail. A cross-Region
   * guardrail needs `bedrock:ApplyGuardrail` on each of them. An empty list states that the guardrail doesn't use
   * cross-Region inference. If you omit a guardrail, a preflight of a call with it isn't `allowed`.
   * @default unknown
   */
  guardrailProfiles?: Readonly<Record<string, readonly string[]>>;
}

/** Options for IAM's policy simulator. */
export interface SimulationOptions {
  /** Credentials, or a provider that returns them. @default the client's own */
  credentials?: object | (() => Promise<object>);
  /** An IAMClient that the application created. The library never destroys it. */
  client?: ControlPlaneClient;
  /**
   * How many requests are started in a second, one after another, above 0 and at most 50. A diagnosis makes one request
   * for each Region of the profile, and one additional request.
   * @default 2
   */
  requestsPerSecond?: number;
}

/** Options for the probe. */
export interface ProbeOptions {
  /**
   * If true, the probe is also sent if it could subscribe the account to a model in AWS Marketplace.
   * @default false
   */
  mayStartSubscription?: boolean;
}

/** How to access AWS Organizations. Provide one of the two options. */
export interface OrganizationOptions {
  /** Credentials, or a provider that returns them, in the form that the SDK's clients accept. */
  credentials?: object | (() => Promise<object>);
  /** An OrganizationsClient that the application created. The library never destroys it. */
  client?: ControlPlaneClient;
}

/**
 * How the inference profile behind a `modelId` is looked up. Unless `bareModels` is set, there is no lookup before the
 * first denial.
 */
export interface ResolveOptions {
  /**
   * How long a profile is cached, in milliseconds, from 0 to 86,400,000 (one day).
   * @default 3600000
   */
  cacheTtlMs?: number;
  /**
   * The client that calls GetInferenceProfile. The application owns it, and the library never destroys it.
   * @default a BedrockClient with the runtime client's Region, credentials and, if compatible, its handler and endpoint
   */
  client?: ControlPlaneClient;
  /**
   * Calls a bare model ID through an inference profile if it can't be called without one in the source Region. Without
   * this option, such a call fails with "on-demand throughput isn't supported". `geographic` uses the model's narrowest
   * geographic profile in that Region. `global` uses its global profile, which may process a request in any commercial
   * Region. An object maps bare model IDs to application inference profiles (ID or ARN). If a model ID can be called
   * directly, it is sent unchanged.
   * @default off
   */
  bareModels?: BareModels;
  /**
   * A newer catalog of inference profiles and models. It is used if the control plane doesn't answer. It is the content
   * of a file that `scripts/refresh-catalog.ts --out` wrote (docs/catalog.md), and is validated when the client is
   * created. It replaces the bundled catalog, which then isn't loaded. Every sentence that is based on it states its
   * date.
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
   * Shares lookup results with other processes: a `Keyv`, over Redis or another backend of Keyv, or another store with
   * `get`, `set`, and `delete`. It stores system-defined profiles and models that were looked up. If the sources are
   * on, it also stores roles, decisions of the simulator, and service control policies. If fallback is on, it also
   * stores which profiles are denied for a principal, without the error message. The library waits at most 250 ms for
   * the store. Everything that it returns is validated. After a failure, it isn't used for ten seconds. The application
   * owns it, and the library never closes it.
   * @default none
   */
  store?: KeyValueStore;
  /**
   * The logger that gets one line for each diagnosis, at level `warn`.
   * @default none, or pino to stderr if the environment variable RESILIENT_BEDROCK_LOG_LEVEL is set
   */
  logger?: ResilienceLogger;
  /**
   * If true, log lines also contain session names. They are often email addresses, so they are omitted by default.
   * @default false
   */
  logSessionNames?: boolean;
  /** Called once for each diagnosed error, before it is thrown. If it throws or rejects, that is ignored. */
  onDiagnosis?: (diagnosis: Diagnosis, error: DiagnosedError) => unknown;
  /**
   * Called for each call that a fallback answered, before its output is returned. `diagnosis` is the diagnosis of the
   * denial that led to the fallback. If it throws or rejects, that is ignored.
   */
  onFallback?: (report: FallbackReport, diagnosis: Diagnosis) => unknown;
}

/** The options with every default filled in. All modules except `client.ts` use only this form. */
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
