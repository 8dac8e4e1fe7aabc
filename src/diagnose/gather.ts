import type { BareEvidence, Finding } from "../diagnosis.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { DeadlineError } from "../resolve/waiting.js";
import { failureFinding } from "./failure-finding.js";
import type { Gathered, Question } from "./gathered.js";
import { AFTER, type PlannedRead } from "./plan.js";
import type { DiagnosisPorts } from "./ports.js";
import { READERS, type Recorder, SOURCE } from "./readers.js";

/** How long a diagnosis may take, and the signal that can end it. */
export interface GatherLimits {
  /** The time for all reads together, in milliseconds. 0 makes no lookups. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  now: () => number;
}

/** The network's share of the deadline. The rest leaves time for the bundled catalog. */
const networkShare = (timeoutMs: number) => timeoutMs - Math.min(100, timeoutMs * 0.1);

/** The share of the network's time for a read that others depend on. */
const AWAITED_SHARE = 0.5;

/**
 * Runs the planned reads under one deadline. They run concurrently, except those that depend on others. Never rejects
 * and never exceeds the deadline. If a read throws, hangs, or is denied, that becomes evidence, and the results that it
 * returned before then count. The caller's abort ends it at once.
 */
export async function gather(
  question: Question,
  reads: readonly PlannedRead[],
  ports: DiagnosisPorts,
  { timeoutMs, signal, now }: GatherLimits,
): Promise<Gathered> {
  const message = question.refusal ? [messageEvidence(question.refusal, now)] : [];
  const gathered: Gathered = { alternatives: [], evidence: message, complete: true };
  if (reads.length === 0) return gathered;
  if (timeoutMs <= 0) return { ...gathered, complete: false };
  if (signal?.aborted) {
    const finding = { code: "source-failed", reason: cutReason(signal) } as const;
    const sources = [...new Set(reads.map((read) => SOURCE[read]))];
    const unread = sources.map((source): BareEvidence => ({ source, finding, at: iso(now()), durationMs: 0 }));
    return { ...gathered, evidence: [...message, ...unread], complete: false };
  }

  const network = new AbortController();
  const awaited = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let cut: "deadline" | "aborted" | undefined;
  let onAbort = () => {};
  const end = new Promise<void>((resolve) => {
    const late = new DeadlineError("The diagnosis's deadline is over.");
    /** @param reason a lookup that exceeded the deadline is remembered. One that was aborted isn't */
    const endNetwork = (reason?: DeadlineError) => {
      awaited.abort(reason);
      network.abort(reason);
    };
    const cutBy = (reason: "deadline" | "aborted") => {
      cut ??= reason;
      endNetwork(reason === "deadline" ? late : undefined);
      resolve();
    };
    onAbort = () => cutBy(signal ? cutReason(signal) : "aborted");
    timers.push(
      setTimeout(() => awaited.abort(late), networkShare(timeoutMs) * AWAITED_SHARE),
      setTimeout(() => endNetwork(late), networkShare(timeoutMs)),
      setTimeout(() => cutBy("deadline"), timeoutMs),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });

  const finished = new Set<PlannedRead>();
  const begun = new Map<PlannedRead, number>();
  const recordFor =
    (read: PlannedRead): Recorder =>
    (finding, source = SOURCE[read]) => {
      // A missing package is reported once, however many lookups need it.
      const isKnown = finding.code === "source-not-installed" && isRecorded(gathered.evidence, source, finding.code);
      if (isKnown) return;
      const durationMs = now() - (begun.get(read) ?? now());
      gathered.evidence.push({ source, finding, at: iso(now()), durationMs });
    };
  const work = new Map<PlannedRead, Promise<void>>();
  const make = async (read: PlannedRead) => {
    await Promise.all((AFTER[read] ?? []).map((earlier) => work.get(earlier)));
    const isAwaited = reads.some((later) => AFTER[later]?.includes(read));
    const own = (isAwaited ? awaited : network).signal;
    const record = recordFor(read);
    begun.set(read, now());
    try {
      const asked = { ...question, ports, signal: own, gathered };
      await READERS[read](asked, (bring) => {
        if (!cut) bring(gathered, record);
      });
    } catch (error) {
      // Another diagnosis may have waited too long for the same lookup. That is remembered.
      const isLate = own.aborted || error instanceof DeadlineError;
      if (!cut) record(failureFinding(error, isLate));
      if (isLate) gathered.complete = false;
    } finally {
      finished.add(read);
    }
  };
  // In the plan, reads come after the ones that they depend on.
  for (const read of reads) work.set(read, make(read));
  await Promise.race([Promise.all(work.values()), end]);

  for (const timer of timers) clearTimeout(timer);
  signal?.removeEventListener("abort", onAbort);
  if (cut) {
    gathered.complete = false;
    for (const read of reads) if (!finished.has(read)) recordFor(read)({ code: "source-failed", reason: cut });
  }
  return gathered;
}

const isRecorded = (evidence: readonly BareEvidence[], source: BareEvidence["source"], code: Finding["code"]) =>
  evidence.some((piece) => piece.source === source && piece.finding.code === code);

function messageEvidence(refusal: ParsedRefusal, now: () => number): BareEvidence {
  const { kind, action, resource, policyType, denyKind } = refusal;
  const finding: Finding =
    action !== undefined && resource !== undefined
      ? {
          code: "refusal-names-resource",
          action,
          resource,
          ...(policyType ? { policyType } : {}),
          ...(denyKind ? { denyKind } : {}),
        }
      : { code: "refusal-names-no-resource", kind };
  return { source: "message", finding, at: iso(now()), durationMs: 0 };
}

/** Why a diagnosis ended before its sources answered. */
const cutReason = ({ reason }: AbortSignal) => (reason instanceof DeadlineError ? "deadline" : "aborted");

const iso = (time: number) => new Date(time).toISOString();
