import { fields, flag, milliseconds, wrong } from "./check.js";
import { bareModels, fallbackOptions } from "./fallback/options.js";
import { guardrailArns, guardrailProfiles } from "./guardrail-options.js";
import type {
  ControlPlaneClient,
  DiagnosisOptions,
  OrganizationOptions,
  ProbeOptions,
  ResilienceLogger,
  ResilienceOptions,
  ResolvedOptions,
  SimulationOptions,
} from "./options.js";
import { compiledIn, type PolicySet } from "./policy/sealed.js";
import { isWhole, parsePrincipal } from "./principal.js";
import { type CatalogData, catalogProblem } from "./resolve/catalog-format.js";
import type { KeyValueStore } from "./resolve/shared-store.js";
import { retrySettings } from "./retry/options.js";

/**
 * Validates the options and fills in the defaults.
 * @throws TypeError that identifies the option, its value, and the allowed values
 */
export function resolveOptions(options: ResilienceOptions = {}): ResolvedOptions {
  const top = fields(options, "resilience", [
    "diagnosis",
    "resolve",
    "fallback",
    "retry",
    "store",
    "logger",
    "logSessionNames",
    "onDiagnosis",
    "onFallback",
  ]);
  const resolve = fields(top.resolve, "resilience.resolve", ["cacheTtlMs", "client", "bareModels", "catalog"]);
  return Object.freeze({
    diagnosis: diagnosis(top.diagnosis, "resilience.diagnosis"),
    resolve: Object.freeze({
      cacheTtlMs: milliseconds(resolve.cacheTtlMs, "resilience.resolve.cacheTtlMs", 3_600_000, 86_400_000),
      client: withMethods<ControlPlaneClient>(resolve.client, "resilience.resolve.client", ["send"], "a BedrockClient"),
      bareModels: bareModels(resolve.bareModels, "resilience.resolve.bareModels"),
      catalog: catalog(resolve.catalog, "resilience.resolve.catalog"),
    }),
    fallback: fallbackOptions(top.fallback, "resilience.fallback"),
    retry: retrySettings(top.retry, "resilience.retry"),
    store: withMethods<KeyValueStore>(
      top.store,
      "resilience.store",
      ["get", "set", "delete"],
      "a Keyv or another store",
    ),
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

const SOURCES = ["policies", "organization", "simulation", "probe", "enforcedGuardrails", "guardrailProfiles"] as const;

function diagnosis(value: DiagnosisOptions | undefined, path: string): ResolvedOptions["diagnosis"] {
  const { enabled, timeoutMs, ...sources } = fields(value, path, ["enabled", "timeoutMs", ...SOURCES]);
  return Object.freeze({
    ...resolveSources(sources, path),
    enabled: flag(enabled, `${path}.enabled`, true),
    timeoutMs: milliseconds(timeoutMs, `${path}.timeoutMs`, 2_000, 60_000),
  });
}

/**
 * Validates the options of the sources.
 * @throws TypeError that identifies the option, its value, and the allowed values
 */
export function resolveSources(
  value: Pick<DiagnosisOptions, (typeof SOURCES)[number]>,
  path: string,
): ResolvedOptions["diagnosis"] {
  const given = fields(value, path, SOURCES);
  return {
    enabled: true,
    timeoutMs: 2_000,
    policies: policies(given.policies, `${path}.policies`),
    organization: organization(given.organization, `${path}.organization`),
    simulation: simulation(given.simulation, `${path}.simulation`),
    probe: probe(given.probe, `${path}.probe`),
    enforcedGuardrails: guardrailArns(given.enforcedGuardrails, `${path}.enforcedGuardrails`),
    guardrailProfiles: guardrailProfiles(given.guardrailProfiles, `${path}.guardrailProfiles`),
  };
}

/** Validates the store. @throws TypeError that identifies the option, its value, and the allowed values */
export const resolveStore = (value: KeyValueStore | undefined, path: string): KeyValueStore | undefined =>
  withMethods<KeyValueStore>(value, path, ["get", "set", "delete"], "a Keyv or another store");

/**
 * Validates the limits of a preflight.
 * @throws TypeError that identifies the option, its value, and the allowed values
 */
export function resolvePreflight(options: { timeoutMs?: number | undefined; abortSignal?: AbortSignal | undefined }) {
  const { timeoutMs, abortSignal } = options;
  const ms = milliseconds(timeoutMs, "timeoutMs", 10_000, 60_000);
  const what = "an AbortSignal";
  const signal = withMethods<AbortSignal>(
    abortSignal,
    "abortSignal",
    ["addEventListener", "removeEventListener"],
    what,
  );
  return { timeoutMs: ms, signal };
}

/** Validates the ARN of a principal. @throws TypeError that identifies the option, its value, and the allowed values */
export function resolvePrincipalArn(value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === "string" && isWhole(parsePrincipal(value)))) return value;
  throw wrong("principalArn", value, "the ARN of a role, an assumed-role session, a user or the root user");
}

function policies(value: PolicySet | undefined, path: string): ResolvedOptions["diagnosis"]["policies"] {
  const compiled = compiledIn(value);
  if (value === undefined || compiled !== undefined) return compiled;
  throw wrong(path, value, 'made by policySet({ … }) from "resilient-bedrock/offline" of the same release');
}

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
  if (typeof value !== "object") throw wrong(path, value, "true, false or an object");
  const given = fields(value, path, ["credentials", "client", "requestsPerSecond"]);
  const { credentials, client, requestsPerSecond } = given;
  if (credentials !== undefined && client !== undefined)
    throw new TypeError(`${path} takes credentials or a client, not both.`);
  const isRate = typeof requestsPerSecond === "number" && requestsPerSecond > 0 && requestsPerSecond <= 50;
  if (requestsPerSecond !== undefined && !isRate) {
    throw wrong(`${path}.requestsPerSecond`, requestsPerSecond, "a number above 0 and at most 50");
  }
  const rate = requestsPerSecond === undefined ? {} : { requestsPerSecond };
  return Object.freeze({ ...askedWith(credentials, client, path, "an IAMClient"), ...rate });
}

function probe(value: DiagnosisOptions["probe"], path: string): Required<ProbeOptions> | undefined {
  if (value === undefined || value === false) return undefined;
  if (typeof value !== "object" && value !== true) throw wrong(path, value, "true, false or an object");
  const { mayStartSubscription } = value === true ? {} : fields(value, path, ["mayStartSubscription"]);
  return Object.freeze({ mayStartSubscription: flag(mayStartSubscription, `${path}.mayStartSubscription`, false) });
}

/** Validates the credentials or the client, whichever is provided. */
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

function catalog(value: CatalogData | undefined, path: string): CatalogData | undefined {
  const problem = value === undefined ? undefined : catalogProblem(value);
  if (problem) throw wrong(`${path}${problem.path}`, problem.value, problem.allowed);
  return value;
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
