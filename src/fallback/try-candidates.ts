import { untilAborted } from "../abort.js";
import type { Attempt, Call, Failed, Send, SendResult } from "../call/call.js";
import { settled } from "../pause.js";
import { fieldOf } from "../refusal/wrapped.js";
import type { Allowance } from "./allowance.js";
import { type Candidate, consider, hasGuardrail, inputFor } from "./candidates.js";
import type { Denial } from "./denials.js";
import type { FallbackPorts } from "./ports.js";
import { type Consideration, type FallbackReport, reportOf } from "./report.js";

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
  const { call, denial, ports, allowance, isRemembered, next } = trying;
  const { signal } = call;
  // Loading takes longer in a busy process, and isn't a source's response time.
  const diagnoser = await allowance.uncounted(ports.diagnoser());
  const diagnosis = denial.diagnosis();
  const plan = await untilAborted(denial.plan, signal).catch(() => undefined);
  const candidates = plan && (plan.isKept || !isRemembered) ? plan.candidates : [];
  const considered = candidates.map(
    ({ modelId, region }): Consideration => ({ modelId, region, outcome: "not-tried" }),
  );
  const before = answeredBefore(denial, candidates, call);
  for (const [at, known] of before.entries()) considered[at] = { ...known };
  const failures: Failed[] = [];
  for (const [at, candidate] of candidates.entries()) {
    if (at < before.length - 1) continue;
    const { found, attempt } = await readied(candidate, before[at], trying);
    considered[at] = found;
    if (attempt === undefined) continue;
    const { input, dropped } = inputFor(candidate, call.input);
    const result = await next(call.withInput(input, attempt));
    if (!("error" in result)) {
      considered[at] = { ...found, outcome: "answered" };
      rememberAnswer(denial, considered.slice(0, at), found);
      const { modelId, region } = candidate;
      const report = reportOf(call, { used: { modelId, region }, remembered: isRemembered, considered, dropped });
      const known = await settled(() => diagnosis, allowance.left + DIAGNOSIS_MARGIN_MS, signal);
      report.why = known?.summary ?? denial.refusal.raw;
      if (known) await diagnoser?.announce(report, known);
      return { ended: { output: result.output, report } };
    }
    const isDenied = result.refusal !== null;
    // The application ended the call. Even then, a candidate's denial isn't the call's own.
    if (signal?.aborted && !isDenied) return { ended: result };
    delete denial.answered;
    considered[at] = { ...found, outcome: isDenied ? "refused" : "failed", ...errorNameOf(result) };
    failures.push(result);
    // INVARIANT: at most one candidate incurs a charge. After any failure other than a denial, the model may have
    // processed the request.
    if (!isDenied) break;
  }
  const notTried = failures.length === 0 ? { notTried: plan?.notTried ?? ("no-candidate" as const) } : {};
  const report = reportOf(call, { ...notTried, remembered: isRemembered, considered });
  return { report, isHopeless: considered.every(isClosed), ...causeOf(failures) };
}

function errorNameOf({ error }: Failed): { errorName?: string } {
  const name = fieldOf(error, "name");
  return typeof name === "string" && name ? { errorName: name } : {};
}

function causeOf(failures: readonly Failed[]): { cause?: unknown } {
  const errors = failures.map(({ error }) => error);
  const cause = errors.length > 1 ? new AggregateError(errors, "Every fallback failed.") : errors[0];
  return cause ? { cause } : {};
}

/**
 * Returns what is known about a candidate for this call, and how to send to it. If it is skipped, nothing is sent to
 * it.
 */
async function readied(
  candidate: Candidate,
  known: Consideration | undefined,
  { call, ports, allowance }: Trying,
): Promise<{ found: Consideration; attempt?: Attempt }> {
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
  denial.answered = [...before, found].map((each) => ({ ...each }));
}

/** True if a candidate doesn't help any other call either. */
const isClosed = ({ outcome, reason }: Consideration) =>
  outcome === "refused" || (outcome === "passed-over" && reason !== "guardrail-elsewhere");
