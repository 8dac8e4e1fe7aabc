import { concludeFromMessage, diagnose } from "../diagnose/diagnose.js";
import type { DiagnosisPorts } from "../diagnose/ports.js";
import { type DiagnosedError, diagnosed } from "../error.js";
import type { Diagnosis } from "../explain/diagnosis.js";
import { explain } from "../explain/explain.js";
import type { BareModelPorts } from "../invoke/bare-models.js";
import { detourBefore } from "../invoke/report.js";
import type { ResolvedOptions } from "../options.js";
import { isWhole, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { LookupCache } from "../resolve/cache.js";
import { type ModelReference, parseModelId } from "../resolve/model-id.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { publishDiagnosis, publishRefusal } from "../telemetry/events.js";
import { logDiagnosis } from "../telemetry/log.js";
import { prepareTracing, traceDiagnosis } from "../telemetry/tracing.js";
import { abortSignalOf, conditionKeysOf, modelIdOf, operationOf } from "./command.js";
import { paceWithin } from "./pace.js";

// Loaded by import() with the first refusal, and with it everything that a diagnosis needs.

/** What reaches the outside of a client, beyond its own `send`. */
export interface FlowPorts extends DiagnosisPorts, BareModelPorts {
  /** What other processes share; there where the application gave a store. */
  store: SharedStore | undefined;
  /** Tells one set of credentials from another; never a secret. */
  credentialsScope(): Promise<string>;
  /** True where calls are made with a Bedrock API key. */
  usesApiKey(): Promise<boolean>;
  /** Asks for other credentials than those of calls begun at this time; true where there are some. */
  refreshCredentials(begun: number): Promise<boolean>;
  /** True where everything goes to one address, whatever the Region. */
  isEndpointPinned(): Promise<boolean>;
  /** Sends with the same settings in another Region. */
  sendIn(region: string): Promise<(command: unknown, options: unknown) => Promise<unknown>>;
  catalog(): Promise<Awaited<ReturnType<DiagnosisPorts["catalog"]>> & Awaited<ReturnType<BareModelPorts["catalog"]>>>;
}

/** What the story needs from outside; `client.ts` plugs it in. */
export interface FlowContext {
  readonly options: ResolvedOptions;
  /** The client's Region; rejects where it has none. */
  sourceRegion(): Promise<string>;
  /** Aborted when the client is destroyed: what is under way ends. */
  destroyed(): AbortSignal;
  /** Loaded at the first refusal, or with the first call that the application opted in for; never before. */
  ports(): Promise<FlowPorts>;
}

/**
 * The rest of the story, for a call that was refused: diagnose, explain, put it on the error, tell. The error object
 * stays the SDK's.
 *
 * @param options what was given to `send` beside the command
 */
export async function diagnoseInPlace(
  error: unknown,
  refusal: ParsedRefusal,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<void> {
  const detour = detourBefore(error);
  const sent = detour?.command ?? command;
  publishRefusal({ operation: operationOf(sent), modelId: modelIdOf(sent), refusal });
  prepareTracing();
  const diagnosis = await diagnosisOf(refusal, sent, abortSignalOf(options), context);
  if (detour?.report) diagnosis.fallback = { ...detour.report, why: diagnosis.summary };
  diagnosed(error, diagnosis, detour?.cause);
  publishDiagnosis({ diagnosis, errorName: (error as Error).name });
  // A span ends, and a process may, as soon as the error is thrown.
  await Promise.all([
    told(() => traceDiagnosis(diagnosis, error)),
    told(() => logDiagnosis(diagnosis, error, context.options)),
  ]);
  void told(() => context.options.onDiagnosis?.(diagnosis, error as DiagnosedError));
}

/** How long a diagnosis stands for other calls that are refused for the same, in milliseconds. */
const SHARED_MS = 10_000;

const shared = new WeakMap<FlowContext, LookupCache<Diagnosis, undefined>>();

/** One diagnosis at a time for the same call, caller and refusal; an incomplete one is made again. */
function sharedBy(context: FlowContext): LookupCache<Diagnosis, undefined> {
  const known = shared.get(context);
  if (known) return known;
  const cache = new LookupCache<Diagnosis, undefined>({
    ttlMs: SHARED_MS,
    failureTtlMs: 0,
    // Its own deadline ends it; this is for what hangs all the same.
    timeoutMs: context.options.diagnosis.timeoutMs + 1_000,
    maxEntries: 1_000,
    now: Date.now,
    describe: () => undefined,
    isKept: ({ complete }) => complete,
  });
  shared.set(context, cache);
  context.destroyed().addEventListener("abort", () => {
    cache.clear();
    shared.delete(context);
  });
  return cache;
}

/**
 * Diagnoses a refusal within the diagnosis's deadline: a thousand calls refused at once cost one. Never rejects for what
 * the outside answers.
 *
 * @returns an object of the caller's own; what it holds is shared, and frozen
 */
export async function diagnosisOf(
  refusal: ParsedRefusal,
  command: unknown,
  signal: AbortSignal | undefined,
  context: FlowContext,
): Promise<Diagnosis> {
  const { timeoutMs, policies } = context.options.diagnosis;
  const modelId = modelIdOf(command);
  const reference = parseModelId(modelId);
  const sourceRegion = await regionOf(context, reference, refusal);
  const call = { operation: operationOf(command), modelId, reference, sourceRegion, keys: conditionKeysOf(command) };
  const make = async (ends: AbortSignal | undefined) => {
    const limits = { timeoutMs, signal: ends, now: Date.now };
    const pace = paceWithin(limits);
    const concluded = await context
      .ports()
      .then((ports) => diagnose({ call, refusal, given: policies }, ports, limits))
      .catch(() => concludeFromMessage(call, refusal));
    return frozen(await explain(concluded, pace()));
  };
  const key = JSON.stringify([
    call.operation,
    modelId,
    sourceRegion,
    ...call.keys,
    await whoIn(refusal, context),
    ...saidBy(refusal),
  ]);
  const answer = await sharedBy(context)
    .get(key, make, signal)
    .catch(() => undefined);
  // Whoever stops waiting gets what is known without.
  return { ...(answer && "value" in answer ? answer.value : await make(AbortSignal.abort())), refusal };
}

/** Where AWS's message hides who called, the credentials tell callers apart. */
async function whoIn({ principal }: ParsedRefusal, context: FlowContext): Promise<string> {
  if (principal !== undefined && isWhole(parsePrincipal(principal))) return principal;
  return context
    .ports()
    .then((ports) => ports.credentialsScope())
    .catch(() => "");
}

/** All that a refusal says: its words, but for an id of its own that newer ones end with. */
function saidBy({ raw, kind, action, resource, policyType, policyArn, denyKind, errorName }: ParsedRefusal) {
  if (action === undefined || resource === undefined) return [errorName, raw];
  return [errorName, kind, action, resource, policyType, policyArn, denyKind];
}

/** Frozen with all that it holds. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

/** The source Region: the client's, else what the id or the refusal shows of it. */
async function regionOf(context: FlowContext, reference: ModelReference, refusal: ParsedRefusal): Promise<string> {
  const region = await context.sourceRegion().catch(() => undefined);
  const inReference = "region" in reference ? reference.region : undefined;
  const inProfile = refusal.resource?.includes("inference-profile/") ? refusal.region : undefined;
  return region ?? inReference ?? inProfile ?? "unknown";
}

/** Runs what others wrote (a logger, a callback): it may fail. Never rejects. */
export async function told(tell: () => unknown): Promise<void> {
  try {
    await tell();
  } catch {
    // Theirs to mend; the application waits for its error.
  }
}
