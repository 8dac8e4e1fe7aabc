import type { Diagnosis } from "../explain/diagnosis.js";
import { type Candidate, candidatesFor, consider, hasGuardrail, inputFor, whyNot } from "../invoke/fallback.js";
import { BlockMemory } from "../invoke/memory.js";
import { type Consideration, type FallbackReport, noteDetour, reported } from "../invoke/report.js";
import { type BlockedCall, SharedBlocks } from "../invoke/shared-blocks.js";
import { type ParsedRefusal, parseCallError } from "../refusal/parse.js";
import { actionOf } from "../resolve/legs.js";
import { publishFallback, publishRefusal } from "../telemetry/events.js";
import { logFallback } from "../telemetry/log.js";
import { traceFallback } from "../telemetry/tracing.js";
import { diagnosisOf, type FlowContext, told } from "./refused.js";
import { type Attempt, lookedUp, reportOf, type Way, withInput } from "./way.js";

/** How long the first calls through a profile wait for the very first one's answer, in milliseconds: longer than AWS takes to refuse. */
const PATIENCE_MS = 1_000;

/** A refused profile: what can be done about it, and what is known of it. Shared by all calls that meet it. */
interface Block {
  candidates: Candidate[];
  /** What AWS said. */
  refusal: ParsedRefusal;
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

/** Sends a call through its profile, or around it, where its routing is refused or known to be. */
export async function withFallback(attempt: Attempt, way: Way): Promise<unknown> {
  const memory = memoryOf(way.context);
  const { modelId, operation, sourceRegion } = way.call;
  const blocked = { action: actionOf(operation) ?? operation, modelId, region: sourceRegion };
  const key = `${blocked.action} ${modelId}`;
  const shared = sharedBlocksOf(way);
  const recall = shared && (() => recalled(blocked, shared, way));
  const turn = await memory.turn(key, way.ports.credentialsScope, way.signal, recall);
  // Where the way around is closed as well, the call itself has the last word.
  const before = turn.blocked ? await around(attempt, way, turn.blocked, true) : undefined;
  if (before && "output" in before) return before.output;
  try {
    const output = await way.send(attempt, way.command);
    const lifted = turn.blocked ?? turn.answered();
    if (turn.blocked) memory.forget(key);
    if (lifted) shared?.lift(blocked, lifted.refusal);
    return output;
  } catch (error) {
    const refusal = parseCallError(error);
    const notTried = refusal === null ? undefined : whyNot(refusal, way.call);
    if (refusal === null || notTried !== undefined || turn.blocked) {
      if (!turn.blocked) refusal === null ? turn.undecided() : turn.unrelated();
      const report = before?.report ?? (notTried ? reportOf(way, { notTried }) : undefined);
      noteDetour(error, { ...(report ? { report } : {}), ...(before ? { cause: before.cause } : {}) });
      throw error;
    }
    const isPinned = await way.ports.isEndpointPinned().catch(() => true);
    const scope = await way.ports.credentialsScope();
    const make = () => {
      shared?.tell(blocked, refusal);
      return blockOf(way, refusal, isPinned);
    };
    const block = turn.refused(make, scope);
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

function sharedBlocksOf({ ports, context }: Way): SharedBlocks | undefined {
  const rememberMs = context.options.fallback?.remember ?? 0;
  return ports.store && rememberMs > 0 ? new SharedBlocks(ports.store, rememberMs) : undefined;
}

/** What another process of the same caller was refused, as a block of this one's. */
async function recalled(call: BlockedCall, shared: SharedBlocks, way: Way) {
  const known = await shared.recall(call, () => way.ports.callerArn(AbortSignal.timeout(PATIENCE_MS)));
  if (known === undefined || whyNot(known.refusal, way.call) !== undefined) return undefined;
  const isPinned = await way.ports.isEndpointPinned().catch(() => true);
  return { value: blockOf(way, known.refusal, isPinned), until: known.until };
}

function blockOf(way: Way, refusal: ParsedRefusal, isEndpointPinned: boolean): Block {
  const { call, context } = way;
  const rules = context.options.fallback ?? { models: {}, allowRegions: [] };
  let diagnosis: Promise<Diagnosis | undefined> | undefined;
  return {
    refusal,
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
      const why = diagnosis?.summary ?? block.refusal.raw;
      const report = reportOf(way, { used, why, remembered, considered, dropped });
      if (diagnosis) {
        publishFallback({ report, diagnosis });
        await Promise.all([
          told(() => traceFallback(report, diagnosis)),
          told(() => logFallback(report, diagnosis, context.options)),
        ]);
        void told(() => context.options.onFallback?.(report, diagnosis));
      }
      return { output: reported(output, report) };
    } catch (error) {
      // The application ended the call.
      if (way.signal?.aborted) throw error;
      const outcome = parseCallError(error) === null ? "failed" : "refused";
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
async function lookedAt(candidate: Candidate, way: Way): Promise<Consideration> {
  const { call, ports } = way;
  const { modelId, region, passedOver } = candidate;
  if (passedOver === undefined && region !== call.sourceRegion && hasGuardrail(call)) {
    return { modelId, region, outcome: "passed-over", reason: "guardrail-elsewhere" };
  }
  const lookup = passedOver ? undefined : await lookedUp(way, (ends) => ports.resolveModel(modelId, region, ends));
  return consider(candidate, lookup, Date.now());
}

/** True for a candidate that helps no other call either. */
const isClosed = ({ outcome, reason }: Consideration) =>
  outcome === "refused" || (outcome === "passed-over" && reason !== "guardrail-elsewhere");
