import { abortSignalOf, isReplayable, modelIdOf, operationOf } from "./command.js";
import { publishFallback, publishRefusal } from "./events.js";
import type { Diagnosis } from "./explain/diagnosis.js";
import { profileOfBareModel } from "./invoke/bare-models.js";
import {
  type Candidate,
  candidatesFor,
  consider,
  type FallbackCall,
  hasGuardrail,
  inputFor,
  whyNever,
  whyNot,
} from "./invoke/fallback.js";
import { BlockMemory } from "./invoke/memory.js";
import {
  type Consideration,
  type FallbackReport,
  fallbackOf,
  noteDetour,
  reported,
  type Target,
} from "./invoke/report.js";
import { retried, retriedAfter } from "./invoke/retry.js";
import { logFallback } from "./log.js";
import { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
import { diagnosisOf, type FlowContext, type FlowPorts, told } from "./refused.js";
import { actionOf } from "./resolve/legs.js";
import { parseModelId } from "./resolve/model-id.js";
import { traceFallback } from "./tracing.js";

// Loaded by import() with the first call of an application that opted in to more than diagnoses.

/** The SDK's own send, in its promise form. */
type Attempt = (command: unknown, options: unknown) => Promise<unknown>;

/** How long the first calls through a profile wait for the very first one's answer, in milliseconds: longer than AWS takes to refuse. */
const PATIENCE_MS = 1_000;

/** One call on its way. */
interface Way {
  /** As it goes out: through a profile, where `resolve.bareModels` put it there. */
  command: unknown;
  call: FallbackCall;
  /** As the application wrote it. */
  requested: Target;
  options: unknown;
  signal: AbortSignal | undefined;
  context: FlowContext;
  ports: FlowPorts;
  /** Sends, with the outer retries. */
  send(attempt: Attempt, command: unknown): Promise<unknown>;
}

/**
 * Sends a call the way that the application opted in to: a bare model through its profile, failures that the SDK does not
 * retry again, a routing refusal to where the application allows. What it throws is the error of the application's own
 * call.
 */
export async function sendOptedIn(
  attempt: Attempt,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<unknown> {
  const sourceRegion = await context.sourceRegion().catch(() => undefined);
  const ports = await context.ports().catch(() => undefined);
  // Without a Region the SDK has its own word to say.
  if (sourceRegion === undefined || ports === undefined) return attempt(command, options);
  const signal = abortSignalOf(options);
  const requested = { modelId: modelIdOf(command), region: sourceRegion };
  const retrying = { rules: context.options.retry, sourceRegion, signal, refresh: ports.refreshCredentials };
  const send: Way["send"] = (via, sent) =>
    isReplayable(sent) ? retried(() => via(sent, options), retrying) : via(sent, options);
  const written = callOf(command, sourceRegion);
  const way: Way = { command, call: written, requested, options, signal, context, ports, send };
  const throughProfile = await bareModelReport(way);
  if (throughProfile?.used) {
    way.command = withInput(command, { ...written.input, modelId: throughProfile.used.modelId });
    way.call = callOf(way.command, sourceRegion);
  }
  try {
    const mayFallBack = context.options.fallback !== undefined && whyNever(way.call) === undefined;
    const output = await (mayFallBack ? withFallback(attempt, way) : send(attempt, way.command));
    return throughProfile && !fallbackOf(output) ? reported(output, throughProfile) : output;
  } catch (error) {
    const notTried = context.options.fallback && whyNever(way.call);
    noteDetour(error, {
      ...(throughProfile ? { command: way.command } : {}),
      ...(notTried ? { report: reportOf(way, { notTried }) } : {}),
    });
    throw error;
  }
}

/** Goes on with a call whose credentials had expired: once more, where there are others now. */
export async function sendAfterRefresh(
  error: unknown,
  begun: number,
  attempt: Attempt,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<unknown> {
  const ports = await context.ports().catch(() => undefined);
  if (ports === undefined) throw error;
  return retriedAfter({ error, begun }, () => attempt(command, options), {
    rules: context.options.retry,
    sourceRegion: await context.sourceRegion().catch(() => "unknown"),
    signal: abortSignalOf(options),
    refresh: ports.refreshCredentials,
  });
}

function callOf(command: unknown, sourceRegion: string): FallbackCall {
  const modelId = modelIdOf(command);
  const { input } = command as { input: Record<string, unknown> };
  return { operation: operationOf(command), modelId, reference: parseModelId(modelId), sourceRegion, input };
}

/** The same command with another input: its class, its middleware and whatever else the application put on it stay. */
function withInput(command: unknown, input: unknown): unknown {
  const { middlewareStack } = command as { middlewareStack?: { clone?(): unknown } };
  return Object.assign(Object.create(Object.getPrototypeOf(command)), command, {
    input,
    ...(middlewareStack?.clone ? { middlewareStack: middlewareStack.clone() } : {}),
  });
}

/** What `resolve.bareModels` does with this call; undefined where it goes out as it is. */
async function bareModelReport({ call, requested, context, ports, signal }: Way): Promise<FallbackReport | undefined> {
  const { bareModels: route } = context.options.resolve;
  const { reference, operation, sourceRegion } = call;
  const isInvoke = actionOf(operation)?.startsWith("bedrock:InvokeModel");
  if (!route || !isInvoke || reference.kind !== "foundation-model" || reference.arn !== undefined) return undefined;
  const profileId = await profileOfBareModel(call.modelId, sourceRegion, route, ports, signal).catch(() => undefined);
  if (profileId === undefined) return undefined;
  return {
    reason: "profile-only-model",
    requested,
    used: { modelId: profileId, region: sourceRegion },
    why: `${call.modelId} can only be called through an inference profile in ${sourceRegion}.`,
    remembered: false,
    considered: [],
    dropped: [],
  };
}

/** A refused profile: what can be done about it, and what is known of it. Shared by all calls that meet it. */
interface Block {
  candidates: Candidate[];
  /** What AWS said. */
  raw: string;
  /** One for all; asked for beside the first try. Never rejects: a diagnosis that fails hides no answer. */
  diagnosis(): Promise<Diagnosis | undefined>;
}

const memories = new WeakMap<FlowContext, BlockMemory<Block>>();

function memoryOf(context: FlowContext): BlockMemory<Block> {
  const rememberMs = context.options.fallback?.remember ?? 0;
  const memory =
    memories.get(context) ?? new BlockMemory<Block>({ rememberMs, patienceMs: PATIENCE_MS, now: () => Date.now() });
  memories.set(context, memory);
  return memory;
}

async function withFallback(attempt: Attempt, way: Way): Promise<unknown> {
  const memory = memoryOf(way.context);
  const key = `${actionOf(way.call.operation)} ${way.call.modelId}`;
  const turn = await memory.turn(key, way.ports.credentialsScope, way.signal);
  // Where the way around is closed as well, the call itself has the last word.
  const before = turn.blocked ? await around(attempt, way, turn.blocked, true) : undefined;
  if (before && "output" in before) return before.output;
  try {
    const output = await way.send(attempt, way.command);
    turn.blocked ? memory.forget(key) : turn.answered();
    return output;
  } catch (error) {
    const refusal = parseRefusal(error);
    const notTried = refusal === null ? undefined : whyNot(refusal, way.call);
    if (refusal === null || notTried !== undefined || turn.blocked) {
      if (!turn.blocked) refusal === null ? turn.undecided() : turn.unrelated();
      const report = before?.report ?? (notTried ? reportOf(way, { notTried }) : undefined);
      noteDetour(error, { ...(report ? { report } : {}), ...(before ? { cause: before.cause } : {}) });
      throw error;
    }
    const isPinned = await way.ports.isEndpointPinned().catch(() => true);
    const scope = await way.ports.credentialsScope();
    const block = turn.refused(() => blockOf(way, refusal, isPinned), scope);
    const tried = await around(attempt, way, block, false);
    if ("output" in tried) {
      publishRefusal({ operation: way.call.operation, modelId: way.call.modelId, refusal });
      return tried.output;
    }
    // Nothing to remember: the next call may as well ask the profile.
    if (tried.isHopeless) memory.forget(key);
    noteDetour(error, tried);
    throw error;
  }
}

function blockOf(way: Way, refusal: ParsedRefusal, isEndpointPinned: boolean): Block {
  const { call, context } = way;
  const rules = context.options.fallback ?? { models: {}, allowRegions: [] };
  let diagnosis: Promise<Diagnosis | undefined> | undefined;
  return {
    raw: refusal.raw,
    candidates: candidatesFor(call, refusal, rules, isEndpointPinned),
    diagnosis: () => {
      diagnosis ??= diagnosisOf(refusal, way.command, undefined, context).catch(() => undefined);
      return diagnosis;
    },
  };
}

type Tried = { output: unknown } | { report: FallbackReport; cause?: unknown; isHopeless: boolean };

/** Tries the candidates in order. A refusal leads to the next one; any other failure ends it: the model may have worked. */
async function around(attempt: Attempt, way: Way, block: Block, remembered: boolean): Promise<Tried> {
  const { call, context } = way;
  const considered = block.candidates.map(
    ({ modelId, region }): Consideration => ({ modelId, region, outcome: "not-tried" }),
  );
  const errors: unknown[] = [];
  for (const [at, candidate] of block.candidates.entries()) {
    const found = await lookedAt(candidate, way);
    considered[at] = found;
    if (found.outcome === "passed-over") continue;
    const { modelId, region } = candidate;
    const { input, dropped } = inputFor(candidate, call.input);
    try {
      const diagnosed = block.diagnosis();
      const via = region === call.sourceRegion ? attempt : await way.ports.sendIn(region);
      const output = await way.send(via, withInput(way.command, input));
      const diagnosis = await diagnosed;
      considered[at] = { ...found, outcome: "answered" };
      const used = { modelId, region };
      const why = diagnosis?.summary ?? block.raw;
      const report = reportOf(way, { used, why, remembered, considered, dropped });
      if (diagnosis) {
        publishFallback({ report, diagnosis });
        told(() => traceFallback(report, diagnosis));
        told(() => logFallback(report, diagnosis, context.options));
        told(() => context.options.onFallback?.(report, diagnosis));
      }
      return { output: reported(output, report) };
    } catch (error) {
      // The application ended the call.
      if (way.signal?.aborted) throw error;
      const outcome = parseRefusal(error) === null ? "failed" : "refused";
      const { name } = error as { name?: string };
      considered[at] = { ...found, outcome, ...(name ? { errorName: name } : {}) };
      errors.push(error);
      if (outcome === "failed") break;
    }
  }
  const cause = errors.length > 1 ? new AggregateError(errors, "Every fallback was refused.") : errors[0];
  const notTried = errors.length === 0 ? ({ notTried: "no-candidate" } as const) : {};
  const report = reportOf(way, { ...notTried, remembered, considered });
  return { report, isHopeless: considered.every(isClosed), ...(cause ? { cause } : {}) };
}

/** What is known of a candidate, for this very call: a guardrail does not go along to another Region. */
async function lookedAt(candidate: Candidate, { call, ports, signal }: Way): Promise<Consideration> {
  const { modelId, region, passedOver } = candidate;
  if (passedOver === undefined && region !== call.sourceRegion && hasGuardrail(call)) {
    return { modelId, region, outcome: "passed-over", reason: "guardrail-elsewhere" };
  }
  const lookup = passedOver ? undefined : await ports.resolveModel(modelId, region, signal).catch(() => undefined);
  return consider(candidate, lookup, Date.now());
}

/** True for a candidate that helps no other call either. */
const isClosed = ({ outcome, reason }: Consideration) =>
  outcome === "refused" || (outcome === "passed-over" && reason !== "guardrail-elsewhere");

function reportOf({ requested }: Way, what: Partial<FallbackReport>): FallbackReport {
  const nothing = { remembered: false, considered: [], dropped: [] };
  return { reason: "routing-refused", requested, why: "", ...nothing, ...what };
}
