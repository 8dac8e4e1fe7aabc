import { orElse, within } from "../deadline.js";
import { concludeFromMessage, diagnose, diagnoseWithoutLookups } from "../diagnose/diagnose.js";
import type { Diagnosis } from "../diagnosis.js";
import { type DiagnosedError, diagnosed } from "../error.js";
import { explain } from "../explain/explain.js";
import { parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { LookupCache } from "../resolve/cache.js";
import type { ModelReference } from "../resolve/model-id.js";
import { errorFieldsOf } from "../telemetry/error-fields.js";
import { publishDiagnosis, publishRefusal } from "../telemetry/events.js";
import { logDiagnosis, prepareLogging } from "../telemetry/log.js";
import { prepareTracing, traceDiagnosis } from "../telemetry/tracing.js";
import type { Call, Failed } from "./call.js";
import { callFactsOf } from "./call-facts.js";
import type { CallContext } from "./context.js";
import { notify } from "./notify.js";
import { paceWithin } from "./pace.js";

// Loaded by import() with the first denial, together with everything that a diagnosis needs.

export { announceFallback } from "./announce.js";

/**
 * Diagnoses the error of a denied call in place, and publishes the diagnosis. The error object stays the SDK's.
 * Everything together takes no longer than the diagnosis deadline.
 */
export async function diagnoseInPlace(
  { error, sent, report, cause }: Failed,
  refusal: ParsedRefusal,
  context: CallContext,
): Promise<void> {
  publishRefusal({ operation: sent.operation, modelId: sent.modelId, refusal });
  prepareTracing();
  prepareLogging(context.options);
  await inTime(context, sent.signal, async (ends, left) => {
    const diagnosis = await diagnosisBy({ refusal, sent, context, ends, left });
    if (report) diagnosis.fallback = { ...report, why: diagnosis.summary };
    diagnosed(error, diagnosis, cause);
    publishDiagnosis({ diagnosis, errorName: errorFieldsOf(error).name ?? "Error" });
    // As soon as the error is thrown, a span may end, and so may the process.
    const written = Promise.all([
      notify(() => traceDiagnosis(diagnosis, error)),
      notify(() => logDiagnosis(diagnosis, error, context.options)),
    ]);
    await orElse(written, ends, undefined);
    void notify(() => context.options.onDiagnosis?.(diagnosis, error as DiagnosedError));
  });
}

/** How long a diagnosis is shared with other calls that are denied for the same reason, in milliseconds. */
const SHARED_MS = 10_000;

const shared = new WeakMap<CallContext, LookupCache<Diagnosis, undefined>>();

/**
 * Makes one diagnosis at a time for the same call, caller, and denial. If a diagnosis is incomplete, it is made again.
 */
function sharedBy(context: CallContext): LookupCache<Diagnosis, undefined> {
  const known = shared.get(context);
  if (known) return known;
  const cache = new LookupCache<Diagnosis, undefined>({
    ttlMs: SHARED_MS,
    failureTtlMs: 0,
    // The diagnosis has its own deadline. This timeout is for work that doesn't end even then.
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
 * Diagnoses a denial within the diagnosis deadline. A thousand calls that are denied at once share one diagnosis. Never
 * rejects because of a response from outside.
 *
 * @returns an object of the caller's own. Its contents are shared and frozen
 */
export async function diagnosisOf(
  refusal: ParsedRefusal,
  sent: Call,
  signal: AbortSignal | undefined,
  context: CallContext,
): Promise<Diagnosis> {
  return inTime(context, signal, (ends, left) => diagnosisBy({ refusal, sent, context, ends, left }));
}

/**
 * Runs the work of a diagnosis within its deadline, after loading what it needs. The time to load depends on how busy
 * the process is, and isn't a source's response time. Loading ends after the same time.
 */
async function inTime<T>(
  context: CallContext,
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

/** A denial to diagnose, and the time available for it. */
interface Refused {
  refusal: ParsedRefusal;
  sent: Call;
  context: CallContext;
  ends: AbortSignal;
  /** Milliseconds. */
  left(): number;
}

async function diagnosisBy({ refusal, sent, context, ends, left }: Refused): Promise<Diagnosis> {
  const { timeoutMs, policies, enforcedGuardrails, guardrailProfiles } = context.options.diagnosis;
  const { operation, modelId, reference } = sent;
  const sourceRegion = await regionOf(context, reference, refusal, ends);
  const call = {
    operation,
    modelId,
    reference,
    sourceRegion,
    regionFrom: context.regionFrom?.(sourceRegion),
    facts: callFactsOf(sent.command),
    enforcedGuardrails,
    guardrailProfiles,
  };
  const question = { call, refusal, policies };
  const withoutSources = async (limits: { timeoutMs: number; signal?: AbortSignal }) =>
    diagnoseWithoutLookups(question, context.options.diagnosis, { signal: undefined, now: Date.now, ...limits });
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
  const asked = [call.operation, modelId, sourceRegion, call.regionFrom, call.facts];
  const key = JSON.stringify([...asked, who, ...saidBy(refusal)]);
  // A diagnosis without lookups takes no time to wait for.
  const answer = await sharedBy(context)
    .get(key, make, timeoutMs > 0 ? ends : undefined)
    .catch(() => undefined);
  if (answer && "value" in answer) return { ...answer.value, refusal };
  // If a caller stops waiting, it gets what is known without the diagnosis.
  const over = { timeoutMs: 1, signal: ends.aborted ? ends : AbortSignal.abort() };
  const pace = paceWithin({ timeoutMs: 0, signal: over.signal, now: Date.now });
  return { ...frozen(await explain(await withoutSources(over), pace())), refusal };
}

/** The part of the deadline that a diagnosis leaves unused, in milliseconds, so that waiting callers still get it. */
const SPARE_MS = 5;

/** The part that the search for remedies leaves unused, in milliseconds. One step of the search may take this long. */
const SEARCH_SPARE_MS = 20;

/** The share of the deadline for distinguishing callers. The sources need the rest. */
const WHO_SHARE = 0.25;

/** If AWS's message hides the caller, the credentials distinguish callers. */
async function whoIn(
  { principal }: ParsedRefusal,
  context: CallContext,
  ends: AbortSignal,
  left: () => number,
): Promise<string> {
  if (principal !== undefined && parsePrincipal(principal).isComplete) return principal;
  const scope = context
    .ports()
    .then((ports) => ports.credentialsScope())
    .catch(() => "");
  return within(left() * WHO_SHARE, ends, (share) => orElse(scope, share, ""));
}

/** Everything that a denial contains: its message, without the ID that newer messages end with. */
function saidBy(refusal: ParsedRefusal) {
  const { raw, kind, action, resource, policyType, policyArn, denyKind, errorName, requestId } = refusal;
  if (action === undefined || resource === undefined) return [errorName, raw, requestId !== undefined];
  return [errorName, kind, action, resource, policyType, policyArn, denyKind];
}

/** Freezes a value and everything in it. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

/** Returns the source Region: the client's, or the one that the ID or the denial shows. */
async function regionOf(
  context: CallContext,
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
