import type { DiagnosedError } from "./error.js";
import type { Diagnosis } from "./explain/diagnosis.js";
import { type CompiledKnowledge, compileKnowledge, type PolicyKnowledge } from "./policy/knowledge.js";

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
}

/** The `resilience` field of the client's configuration. Every field is optional. */
export interface ResilienceOptions {
  diagnosis?: DiagnosisOptions;
  resolve?: ResolveOptions;
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
}

/** The options with every default filled in; nothing below `client.ts` sees any other form. */
export interface ResolvedOptions {
  readonly diagnosis: {
    readonly enabled: boolean;
    readonly timeoutMs: number;
    readonly policies: CompiledKnowledge | undefined;
  };
  readonly resolve: { readonly cacheTtlMs: number; readonly client: ControlPlaneClient | undefined };
  readonly logger: ResilienceLogger | undefined;
  readonly logSessionNames: boolean;
  readonly onDiagnosis: ((diagnosis: Diagnosis, error: DiagnosedError) => unknown) | undefined;
}

/** @throws TypeError that names the option, its value and what is allowed. */
export function resolveOptions(options: ResilienceOptions = {}): ResolvedOptions {
  const top = fields(options, "resilience", ["diagnosis", "resolve", "logger", "logSessionNames", "onDiagnosis"]);
  const diagnosis = fields(top.diagnosis, "resilience.diagnosis", ["enabled", "timeoutMs", "policies"]);
  const resolve = fields(top.resolve, "resilience.resolve", ["cacheTtlMs", "client"]);
  return Object.freeze({
    diagnosis: Object.freeze({
      enabled: flag(diagnosis.enabled, "resilience.diagnosis.enabled", true),
      timeoutMs: milliseconds(diagnosis.timeoutMs, "resilience.diagnosis.timeoutMs", 2_000, 60_000),
      policies:
        diagnosis.policies === undefined
          ? undefined
          : compileKnowledge(diagnosis.policies, "resilience.diagnosis.policies"),
    }),
    resolve: Object.freeze({
      cacheTtlMs: milliseconds(resolve.cacheTtlMs, "resilience.resolve.cacheTtlMs", 3_600_000, 86_400_000),
      client: withMethods<ControlPlaneClient>(resolve.client, "resilience.resolve.client", ["send"], "a BedrockClient"),
    }),
    logger: withMethods<ResilienceLogger>(
      top.logger,
      "resilience.logger",
      ["debug", "info", "warn", "error"],
      "a pino instance or another logger",
    ),
    logSessionNames: flag(top.logSessionNames, "resilience.logSessionNames", false),
    onDiagnosis: callback(top.onDiagnosis, "resilience.onDiagnosis"),
  });
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
