import { orElse, within } from "../deadline.js";
import { concludeFromMessage, diagnose } from "../diagnose/diagnose.js";
import type { DiagnosisPorts } from "../diagnose/ports.js";
import { unaskedPorts } from "../diagnose/unasked.js";
import { type DiagnosedError, diagnosed } from "../error.js";
import type { Diagnosis } from "../explain/diagnosis.js";
import { explain } from "../explain/explain.js";
import { detourBefore } from "../fallback/report.js";
import type { BareModelPorts } from "../fallback/through-profile.js";
import type { ResolvedOptions } from "../options.js";
import { isWhole, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { LookupCache } from "../resolve/cache.js";
import { type ModelReference, parseModelId } from "../resolve/model-id.js";
import type { SharedStore } from "../resolve/shared-store.js";
import { errorFieldsOf } from "../telemetry/error-fields.js";
import { publishDiagnosis, publishRefusal } from "../telemetry/events.js";
import { logDiagnosis, prepareLogging } from "../telemetry/log.js";
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
  refreshCredentials(begun: number, signal?: AbortSignal): Promise<boolean>;
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
 * stays the SDK's, and all of this together takes no longer than the diagnosis's deadline.
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
  prepareLogging(context.options);
  await inTime(context, abortSignalOf(options), async (ends, left) => {
    const diagnosis = await diagnosisBy({ refusal, command: sent, context, ends, left });
    if (detour?.report) diagnosis.fallback = { ...detour.report, why: diagnosis.summary };
    diagnosed(error, diagnosis, detour?.cause);
    publishDiagnosis({ diagnosis, errorName: errorFieldsOf(error).name ?? "Error" });
    // A span ends, and a process may, as soon as the error is thrown.
    const written = Promise.all([
      told(() => traceDiagnosis(diagnosis, error)),
      told(() => logDiagnosis(diagnosis, error, context.options)),
    ]);
    await orElse(written, ends, undefined);
    void told(() => context.options.onDiagnosis?.(diagnosis, error as DiagnosedError));
  });
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
    graceMs: 0,
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
  return inTime(context, signal, (ends, left) => diagnosisBy({ refusal, command, context, ends, left }));
}

/**
 * Runs what a diagnosis does within its deadline, once what it needs is loaded: how long that takes depends on how busy the
 * process is, and is no answer of a source. Loading ends after the same time.
 */
async function inTime<T>(
  context: FlowContext,
  signal: AbortSignal | undefined,
  work: (ends: AbortSignal, left: () => number) => Promise<T>,
): Promise<T> {
  const { timeoutMs } = context.options.diagnosis;
  const load = (ends: AbortSignal) =>
    orElse(
      context.ports().catch(() => undefined),
      ends,
      undefined,
    );
  if (timeoutMs > 0) await within(timeoutMs, signal, load);
  return within(timeoutMs, signal, work);
}

/** A refusal to diagnose, and the time that there is for it. */
interface Refused {
  refusal: ParsedRefusal;
  command: unknown;
  context: FlowContext;
  ends: AbortSignal;
  /** Milliseconds. */
  left(): number;
}

async function diagnosisBy({ refusal, command, context, ends, left }: Refused): Promise<Diagnosis> {
  const { timeoutMs, policies: given } = context.options.diagnosis;
  const modelId = modelIdOf(command);
  const reference = parseModelId(modelId);
  const sourceRegion = await regionOf(context, reference, refusal, ends);
  const call = { operation: operationOf(command), modelId, reference, sourceRegion, keys: conditionKeysOf(command) };
  const question = { call, refusal, given };
  const withoutSources = (limits: { timeoutMs: number; signal?: AbortSignal }) =>
    diagnose(question, unaskedPorts(context.options.diagnosis), { signal: undefined, now: Date.now, ...limits });
  const withSources = async (signal: AbortSignal) => {
    const ports = await context.ports();
    signal.throwIfAborted();
    const time = left() - Math.min(SPARE_MS, left() * 0.1);
    return diagnose(question, ports, { timeoutMs: time, signal, now: Date.now });
  };
  const make = async (flight: AbortSignal) => {
    const time = left();
    const spare = Math.min(SEARCH_SPARE_MS, time * 0.1);
    const pace = paceWithin({ timeoutMs: time - spare, signal: flight, now: Date.now });
    const concluded = timeoutMs > 0 ? withSources(flight) : withoutSources({ timeoutMs });
    return frozen(await explain(await concluded.catch(() => concludeFromMessage(call, refusal)), pace()));
  };
  const who = timeoutMs > 0 ? await whoIn(refusal, context, ends, left) : "";
  const key = JSON.stringify([call.operation, modelId, sourceRegion, ...call.keys, who, ...saidBy(refusal)]);
  // A diagnosis that asks nothing takes no time to wait for.
  const answer = await sharedBy(context)
    .get(key, make, timeoutMs > 0 ? ends : undefined)
    .catch(() => undefined);
  if (answer && "value" in answer) return { ...answer.value, refusal };
  // Whoever stops waiting gets what is known without.
  const over = { timeoutMs: 1, signal: ends.aborted ? ends : AbortSignal.abort() };
  const pace = paceWithin({ timeoutMs: 0, signal: over.signal, now: Date.now });
  return { ...frozen(await explain(await withoutSources(over), pace())), refusal };
}

/** What a diagnosis leaves of its time, in milliseconds, so that whoever waits for it still gets it. */
const SPARE_MS = 5;

/** What the search for remedies leaves of it: a step of the search may take this long. */
const SEARCH_SPARE_MS = 20;

/** The share of the time that is spent on telling callers apart; the sources need the rest. */
const WHO_SHARE = 0.25;

/** Where AWS's message hides who called, the credentials tell callers apart. */
async function whoIn(
  { principal }: ParsedRefusal,
  context: FlowContext,
  ends: AbortSignal,
  left: () => number,
): Promise<string> {
  if (principal !== undefined && isWhole(parsePrincipal(principal))) return principal;
  const scope = context
    .ports()
    .then((ports) => ports.credentialsScope())
    .catch(() => "");
  return within(left() * WHO_SHARE, ends, (share) => orElse(scope, share, ""));
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
async function regionOf(
  context: FlowContext,
  reference: ModelReference,
  refusal: ParsedRefusal,
  ends: AbortSignal,
): Promise<string> {
  const configured = context.sourceRegion().catch(() => undefined);
  const region = await orElse(configured, ends, undefined);
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
