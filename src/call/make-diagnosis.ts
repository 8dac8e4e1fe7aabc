import type { Deadline } from "../deadline.js";
import { concludeFromMessage, diagnoseQuestion, diagnoseWithoutLookups } from "../diagnose/diagnose.js";
import type { DiagnosedCall } from "../diagnose/diagnosed-call.js";
import type { Diagnosis } from "../diagnosis.js";
import { explain } from "../explain/explain.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { CallEnvironment } from "./context.js";
import { paceWithin } from "./pace.js";

/** The part of the deadline that a diagnosis leaves unused, in milliseconds, so that waiting callers still get it. */
const SPARE_MS = 5;

/** The part that the search for remedies leaves unused, in milliseconds. One step of the search may take this long. */
const SEARCH_SPARE_MS = 20;

/** A denied call to diagnose. */
export interface Denied {
  call: DiagnosedCall;
  refusal: ParsedRefusal;
}

/**
 * Makes a diagnosis, frozen, because several calls share it. Never rejects because of a response from outside.
 *
 * @param flight ends it. It isn't one caller's own signal
 */
export async function makeDiagnosis(
  denied: Denied,
  { ports, options }: Pick<CallEnvironment, "ports" | "options">,
  deadline: Deadline,
  flight: AbortSignal,
): Promise<Diagnosis> {
  const { policies, timeoutMs } = options.diagnosis;
  const { left } = deadline;
  const pace = paceWithin({
    timeoutMs: left - Math.min(SEARCH_SPARE_MS, left * 0.1),
    signal: flight,
    now: Date.now,
  });
  const withSources = async () => {
    const sources = await ports();
    flight.throwIfAborted();
    const time = deadline.left - Math.min(SPARE_MS, deadline.left * 0.1);
    return diagnoseQuestion({ ...denied, policies }, sources, { timeoutMs: time, signal: flight, now: Date.now });
  };
  const concluded = async () => (timeoutMs > 0 ? withSources() : withoutSources(denied, options, timeoutMs, undefined));
  const known = await concluded().catch(() => concludeFromMessage(denied.call, denied.refusal));
  return frozen(await explain(known, pace()));
}

/** Returns what is known without a diagnosis, for a caller that stops waiting for it. */
export async function diagnosisWithoutTime(
  denied: Denied,
  { options }: Pick<CallEnvironment, "options">,
  ends: AbortSignal,
): Promise<Diagnosis> {
  const signal = ends.aborted ? ends : AbortSignal.abort();
  const pace = paceWithin({ timeoutMs: 0, signal, now: Date.now });
  return frozen(await explain(withoutSources(denied, options, 1, signal), pace()));
}

function withoutSources(
  denied: Denied,
  { diagnosis }: CallEnvironment["options"],
  timeoutMs: number,
  signal: AbortSignal | undefined,
) {
  const limits = { timeoutMs, signal, now: Date.now };
  return diagnoseWithoutLookups({ ...denied, policies: diagnosis.policies }, diagnosis, limits);
}

/** Freezes a value and everything in it. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
