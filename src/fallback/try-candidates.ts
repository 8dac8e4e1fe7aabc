import { untilAborted } from "../abort.js";
import { type Attempt, reportOf, type Way, withInput } from "../call/call.js";
import { type FlowContext, told } from "../call/denied.js";
import type { Diagnosis } from "../explain/diagnosis.js";
import { settled } from "../pause.js";
import { parseCallError } from "../refusal/parse.js";
import { fieldOf } from "../refusal/wrapped.js";
import { publishFallback } from "../telemetry/events.js";
import { logFallback } from "../telemetry/log.js";
import { traceFallback } from "../telemetry/tracing.js";
import type { Allowance } from "./allowance.js";
import { type Candidate, consider, hasGuardrail, inputFor } from "./candidates.js";
import type { Block } from "./denials.js";
import { type Consideration, type FallbackReport, reported } from "./report.js";

/** A diagnosis ends by its own deadline, which began a moment later than the call's. */
const DIAGNOSIS_MARGIN_MS = 500;

/** What came of the candidates. `isHopeless`: none of them helps any other call either. */
export type Tried = { output: unknown } | { report: FallbackReport; cause?: unknown; isHopeless: boolean };

/** A candidate, ready to be called. */
interface Ready {
  found: Consideration;
  send?: Attempt;
}

/**
 * Tries a block's candidates in order. A denial leads to the next one; any other failure ends it: the model may have
 * worked.
 *
 * @param remembered true if this call wasn't denied itself
 */
export async function tryCandidates(
  attempt: Attempt,
  way: Way,
  block: Block,
  allowance: Allowance,
  remembered: boolean,
): Promise<Tried> {
  const { call, signal } = way;
  const diagnosis = block.diagnosis();
  const plan = await untilAborted(block.plan, signal).catch(() => undefined);
  const candidates = plan && (plan.isKept || !remembered) ? plan.candidates : [];
  const considered = candidates.map(
    ({ modelId, region }): Consideration => ({ modelId, region, outcome: "not-tried" }),
  );
  const before = answeredBefore(block, candidates, way);
  for (const [at, known] of before.entries()) considered[at] = { ...known };
  const errors: unknown[] = [];
  for (const [at, candidate] of candidates.entries()) {
    if (at < before.length - 1) continue;
    const { found, send } = await readied(candidate, before[at], attempt, way, allowance);
    considered[at] = found;
    if (send === undefined) continue;
    const { modelId, region } = candidate;
    const { input, dropped } = inputFor(candidate, call.input);
    try {
      const output = await way.send(send, withInput(way.command, input));
      considered[at] = { ...found, outcome: "answered" };
      rememberAnswer(block, considered.slice(0, at), found);
      const why = { used: { modelId, region }, remembered, considered, dropped };
      return { output: await announced(output, why, block, diagnosis, allowance, way) };
    } catch (error) {
      const outcome = parseCallError(error) === null ? "failed" : "refused";
      // The application ended the call. A candidate's denial isn't the call's own, even then.
      if (signal?.aborted && outcome === "failed") throw error;
      delete block.answered;
      const name = fieldOf(error, "name");
      considered[at] = { ...found, outcome, ...(typeof name === "string" && name ? { errorName: name } : {}) };
      errors.push(error);
      if (outcome === "failed") break;
    }
  }
  const cause = errors.length > 1 ? new AggregateError(errors, "Every fallback was refused.") : errors[0];
  const notTried = errors.length === 0 ? { notTried: plan?.notTried ?? ("no-candidate" as const) } : {};
  const report = reportOf(way, { ...notTried, remembered, considered });
  return { report, isHopeless: considered.every(isClosed), ...(cause ? { cause } : {}) };
}

/** What is known of a candidate, for this very call: a guardrail doesn't go along to another Region. */
async function readied(
  candidate: Candidate,
  known: Consideration | undefined,
  attempt: Attempt,
  way: Way,
  allowance: Allowance,
): Promise<Ready> {
  const { call, ports } = way;
  const { modelId, region, passedOver } = candidate;
  const isElsewhere = region !== call.sourceRegion;
  if (passedOver === undefined && isElsewhere && hasGuardrail(call)) {
    return { found: { modelId, region, outcome: "passed-over", reason: "guardrail-elsewhere" } };
  }
  const lookUp = () => allowance.lookUp((ends) => ports.resolveModel(modelId, region, ends));
  const found = known ?? consider(candidate, passedOver ? undefined : await lookUp(), Date.now());
  if (found.outcome === "passed-over") return { found };
  const send = isElsewhere ? await allowance.settle(() => ports.sendIn(region)) : attempt;
  if (send === undefined) return { found: { ...found, outcome: "passed-over", reason: "client-not-ready" } };
  return { found, send };
}

/** The candidates up to the one that answered last, which needs no look; none if it is of no use to this call. */
function answeredBefore({ answered = [] }: Block, candidates: Candidate[], { call }: Way): readonly Consideration[] {
  const last = answered.at(-1);
  const isHere = candidates.length >= answered.length && last?.region === call.sourceRegion;
  return isHere || !hasGuardrail(call) ? answered.slice(0, candidates.length) : [];
}

/** Not if what was passed over before it depends on the call, as a guardrail does. */
function rememberAnswer(block: Block, before: Consideration[], found: Consideration): void {
  if (before.some(({ reason }) => reason === "guardrail-elsewhere")) return;
  block.answered = [...before, found].map((each) => ({ ...each }));
}

/** The output with its report, after everybody who wants to know was notified. */
async function announced(
  output: unknown,
  what: Pick<FallbackReport, "used" | "remembered" | "considered" | "dropped"> & object,
  block: Block,
  diagnosed: Promise<Diagnosis | undefined>,
  allowance: Allowance,
  way: Way,
): Promise<unknown> {
  const diagnosis = await settled(() => diagnosed, allowance.left + DIAGNOSIS_MARGIN_MS, way.signal);
  const report = reportOf(way, { ...what, why: diagnosis?.summary ?? block.refusal.raw });
  if (diagnosis) await notify(report, diagnosis, way.context);
  return reported(output, report);
}

async function notify(report: FallbackReport, diagnosis: Diagnosis, { options }: FlowContext): Promise<void> {
  publishFallback({ report, diagnosis });
  await Promise.all([
    told(() => traceFallback(report, diagnosis)),
    told(() => logFallback(report, diagnosis, options)),
  ]);
  void told(() => options.onFallback?.(report, diagnosis));
}

/** True for a candidate that helps no other call either. */
const isClosed = ({ outcome, reason }: Consideration) =>
  outcome === "refused" || (outcome === "passed-over" && reason !== "guardrail-elsewhere");
