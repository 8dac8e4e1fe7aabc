import { DeadlineError } from "../resolve/waiting.js";
import { failureFinding } from "./failure-finding.js";
import { beforeLookups, type Gathered, type ListedSource, reportInto } from "./gathered.js";
import type { DiagnosisPorts, OptedInPorts } from "./ports.js";
import type { Question } from "./question.js";
import type { Report } from "./sources/source.js";
import type { Finding, NotApplicable } from "./sources.js";
import { cutReason, type GatherLimits, TimeLimit } from "./time-limit.js";

/**
 * Makes the lookups of all sources that apply, under one deadline. They run concurrently, except those that depend on
 * others. Never rejects and never exceeds the deadline. If a lookup throws, hangs, or is denied, that becomes evidence,
 * and what it reported before then counts. The caller's abort ends it at once.
 */
export async function gather(question: Question, ports: DiagnosisPorts, limits: GatherLimits): Promise<Gathered> {
  if (limits.timeoutMs <= 0 || limits.signal?.aborted) return gatherNothing(question, ports, limits);
  const gathered = beforeLookups(question, ports, limits.now);
  if (gathered.sources.length === 0) return gathered;
  const lookups = new Lookups(question, ports, gathered, limits);
  await lookups.make();
  return gathered;
}

/** Returns what is known without any lookup, because there is no time for one or the caller has aborted. */
export function gatherNothing(
  question: Question,
  ports: OptedInPorts,
  { timeoutMs, signal, now }: GatherLimits,
): Gathered {
  const gathered = beforeLookups(question, ports, now);
  if (gathered.sources.length === 0) return gathered;
  gathered.complete = false;
  if (timeoutMs <= 0 || signal === undefined) return gathered;
  const reason = cutReason(signal);
  const byName = new Map(gathered.sources.map((source) => [source.name, source]));
  for (const source of byName.values()) {
    reportInto(gathered, source, now).finding({ code: "source-failed", reason });
  }
  return gathered;
}

/** The lookups of one diagnosis. */
class Lookups {
  readonly #question: Question;
  readonly #ports: DiagnosisPorts;
  readonly #gathered: Gathered;
  readonly #now: () => number;
  readonly #deadline: TimeLimit;
  readonly #made = new Map<ListedSource, Promise<void>>();
  readonly #begun = new Map<ListedSource, number>();
  readonly #finished = new Set<ListedSource>();

  constructor(question: Question, ports: DiagnosisPorts, gathered: Gathered, limits: GatherLimits) {
    this.#question = question;
    this.#ports = ports;
    this.#gathered = gathered;
    this.#now = limits.now;
    this.#deadline = new TimeLimit(limits);
  }

  /** Resolves when all lookups have finished, or at the deadline. */
  async make(): Promise<void> {
    // In the list, sources come after the ones that they depend on.
    for (const source of this.#gathered.sources) this.#made.set(source, this.#make(source));
    await Promise.race([Promise.all(this.#made.values()), this.#deadline.over]);
    this.#deadline.clear();
    const { cut } = this.#deadline;
    if (cut === undefined) return;
    this.#gathered.complete = false;
    for (const source of this.#gathered.sources) {
      if (!this.#finished.has(source)) this.#reportOf(source).finding({ code: "source-failed", reason: cut });
    }
  }

  async #make(source: ListedSource): Promise<void> {
    await Promise.all((source.after ?? []).map((earlier) => this.#made.get(earlier as ListedSource)));
    const isAwaited = this.#gathered.sources.some(({ after }) => after?.includes(source));
    const signal = this.#deadline.signalOf(isAwaited);
    this.#begun.set(source, this.#now());
    const report = this.#whileOpen(this.#reportOf(source));
    try {
      const { results } = this.#gathered;
      await source.read?.({ question: this.#question, ports: this.#ports, signal, results }, report);
    } catch (error) {
      // Another diagnosis may have waited too long for the same lookup. That is remembered.
      const isLate = signal.aborted || error instanceof DeadlineError;
      report.finding(failureFinding<NotApplicable>(error, isLate));
      if (isLate) this.#gathered.complete = false;
    } finally {
      this.#finished.add(source);
    }
  }

  #reportOf(source: ListedSource): Report<Finding, unknown> {
    return reportInto(this.#gathered, source, this.#now, this.#begun.get(source) ?? this.#now());
  }

  /** Returns the same report, which ignores everything after the deadline. */
  #whileOpen({ finding, result, incomplete }: Report<Finding, unknown>): Report<Finding, unknown> {
    const isOpen = () => this.#deadline.cut === undefined;
    return {
      finding: (...args) => isOpen() && finding(...args),
      result: (value) => isOpen() && result(value),
      incomplete: () => isOpen() && incomplete(),
    };
  }
}
