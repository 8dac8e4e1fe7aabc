import { untilAborted } from "../abort.js";
import type { Call, Failed, SdkCall, Send, SendResult } from "../call/call.js";
import { defined } from "../defined.js";
import { settled } from "../pause.js";
import { fieldOf } from "../refusal/wrapped.js";
import type { Allowance } from "./allowance.js";
import { type Candidate, consider, hasGuardrail, inputFor } from "./candidates.js";
import type { Denial, Plan } from "./denials.js";
import type { FallbackPorts } from "./ports.js";
import { type Consideration, type FallbackReport, reportOf, type Target } from "./report.js";

/**
 * How long a diagnosis may exceed the call's deadline, in milliseconds. Its own deadline starts a moment later than the
 * call's.
 */
const DIAGNOSIS_MARGIN_MS = 500;

/** The result of the candidates, or what happened to them. `isHopeless`: none of them helps any other call. */
export type Tried = { ended: SendResult } | { report: FallbackReport; cause?: unknown; isHopeless: boolean };

/** A denied call, and what is needed to try its candidates. */
export interface Trying {
  call: Call;
  denial: Denial;
  next: Send;
  ports: FallbackPorts;
  allowance: Allowance;
  /** True if this call itself wasn't denied. */
  isRemembered: boolean;
}

/** Tries a denial's candidates in order, until one answers or fails for a reason other than a denial. */
export async function tryCandidates(trying: Trying): Promise<Tried> {
  const { call, denial, isRemembered } = trying;
  const diagnosis = await beginDiagnosis(trying);
  const plan = await untilAborted(denial.plan, call.signal).catch(() => undefined);
  const candidates = plan && (plan.isKept || !isRemembered) ? plan.candidates : [];
  const before = answeredBefore(denial, candidates, call);
  const considered = candidates.map((candidate, at) => notTriedYet(candidate, before[at]));
  const failures: Failed[] = [];
  for (const [at, candidate] of candidates.entries()) {
    if (at < before.length - 1) continue;
    const { found, sent } = await tryCandidate(candidate, before[at], trying);
    considered[at] = found;
    if (sent === undefined) continue;
    const { result, dropped } = sent;
    if (!("error" in result)) {
      rememberAnswer(denial, considered.slice(0, at), found);
      const report = reportOf(call, { used: targetOf(candidate), remembered: isRemembered, considered, dropped });
      await diagnosis.announce(report);
      return { ended: { output: result.output, report } };
    }
    // The application ended the call. Even then, a candidate's denial isn't the call's own.
    if (call.signal?.aborted && result.refusal === null) return { ended: result };
    delete denial.answered;
    failures.push(result);
    // INVARIANT: at most one candidate incurs a charge. After any failure other than a denial, the model may have
    // processed the request.
    if (result.refusal === null) break;
  }
  return unanswered(trying, plan, considered, failures);
}

/** Returns what happened to the candidates if none of them answered. */
function unanswered(
  { call, isRemembered }: Trying,
  plan: Plan | undefined,
  considered: Consideration[],
  failures: readonly Failed[],
): Tried {
  const notTried = failures.length === 0 ? (plan?.notTried ?? "no-candidate") : undefined;
  const report = reportOf(call, defined({ notTried, remembered: isRemembered, considered }));
  return { report, isHopeless: considered.every(isClosed), ...defined({ cause: causeOf(failures) }) };
}

const targetOf = ({ modelId, region }: Candidate): Target => ({ modelId, region });

const notTriedYet = (candidate: Candidate, known: Consideration | undefined): Consideration =>
  known ? { ...known } : { ...targetOf(candidate), outcome: "not-tried" };

/** Starts the denial's diagnosis. `announce` adds it to the report of an answer, and reports both. */
async function beginDiagnosis({ call, denial, ports, allowance }: Trying) {
  // Loading takes longer in a busy process, and isn't a source's response time.
  const diagnoser = await allowance.uncounted(ports.diagnoser());
  const diagnosis = denial.diagnosis();
  return {
    announce: async (report: FallbackReport): Promise<void> => {
      const known = await settled(() => diagnosis, allowance.left + DIAGNOSIS_MARGIN_MS, call.signal);
      report.why = known?.summary ?? denial.refusal.raw;
      if (known) await diagnoser?.announce(report, known);
    },
  };
}

/** What is known about a candidate after it was tried. If it was skipped, nothing was sent to it. */
interface TriedCandidate {
  found: Consideration;
  sent?: { result: SendResult; dropped: string[] };
}

async function tryCandidate(
  candidate: Candidate,
  known: Consideration | undefined,
  trying: Trying,
): Promise<TriedCandidate> {
  const { call, next } = trying;
  const { found, attempt } = await readied(candidate, known, trying);
  if (attempt === undefined) return { found };
  const { input, dropped } = inputFor(candidate, call.input);
  const result = await next(call.withInput(input, attempt));
  return { found: { ...found, ...outcomeOf(result) }, sent: { result, dropped } };
}

function outcomeOf(result: SendResult): Pick<Consideration, "outcome" | "errorName"> {
  if (!("error" in result)) return { outcome: "answered" };
  const name = fieldOf(result.error, "name");
  const errorName = typeof name === "string" && name ? name : undefined;
  return defined({ outcome: result.refusal === null ? ("failed" as const) : ("denied" as const), errorName });
}

function causeOf(failures: readonly Failed[]): unknown {
  const errors = failures.map(({ error }) => error);
  return errors.length > 1 ? new AggregateError(errors, "Every fallback was denied.") : errors[0] || undefined;
}

/**
 * Returns what is known about a candidate for this call, and how to send to it. If it is skipped, nothing is sent to
 * it.
 */
async function readied(
  candidate: Candidate,
  known: Consideration | undefined,
  { call, ports, allowance }: Trying,
): Promise<{ found: Consideration; attempt?: SdkCall }> {
  const { modelId, region, passedOver } = candidate;
  const isElsewhere = region !== call.sourceRegion;
  if (passedOver === undefined && isElsewhere && hasGuardrail(call)) {
    return { found: { modelId, region, outcome: "passed-over", reason: "guardrail-elsewhere" } };
  }
  const lookUp = () => allowance.lookUp((ends) => ports.resolveModel(modelId, region, ends));
  const found = known ?? consider(candidate, passedOver ? undefined : await lookUp(), Date.now());
  if (found.outcome === "passed-over") return { found };
  const attempt = isElsewhere ? await allowance.settle(() => ports.sendIn(region)) : call.attempt;
  if (attempt === undefined) return { found: { ...found, outcome: "passed-over", reason: "client-not-ready" } };
  return { found, attempt };
}

/**
 * Returns the candidates up to the one that answered last, which isn't looked up again. Empty if that one doesn't help
 * this call.
 */
function answeredBefore({ answered = [] }: Denial, candidates: Candidate[], call: Call): readonly Consideration[] {
  const last = answered.at(-1);
  const isHere = candidates.length >= answered.length && last?.region === call.sourceRegion;
  return isHere || !hasGuardrail(call) ? answered.slice(0, candidates.length) : [];
}

/** Remembers the answer, unless a candidate was skipped for a reason of this call alone, such as its guardrail. */
function rememberAnswer(denial: Denial, before: Consideration[], found: Consideration): void {
  if (before.some(({ reason }) => reason === "guardrail-elsewhere")) return;
  denial.answered = [...before.map((each) => ({ ...each })), { ...found, outcome: "not-tried" }];
}

/** True if a candidate doesn't help any other call either. */
const isClosed = ({ outcome, reason }: Consideration) =>
  outcome === "denied" || (outcome === "passed-over" && reason !== "guardrail-elsewhere");
