import type { Diagnosis } from "../diagnosis.js";
import { LookupCache } from "../resolve/cache.js";
import type { CallEnvironment } from "./context.js";
import { DeniedGroup } from "./denied-group.js";

/** How long a diagnosis is shared with other calls that are denied for the same reason, in milliseconds. */
const SHARED_MS = 10_000;

/** The share of the deadline that a call may lose by sharing the deadline of a call that was denied just before. */
const SHARED_DEADLINE = 0.01;

/**
 * The diagnoses of one client. It makes one at a time for the same call, caller, and denial. If a diagnosis is
 * incomplete, it is made again.
 */
export class ClientDiagnoses {
  readonly #context: CallEnvironment;
  readonly #cache: LookupCache<Diagnosis, undefined>;
  readonly #groups = new Map<AbortSignal | undefined, DeniedGroup>();

  constructor(context: CallEnvironment) {
    this.#context = context;
    this.#cache = new LookupCache<Diagnosis, undefined>({
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
  }

  /**
   * Returns the group of a call that was just denied. The call must leave it as soon as its error is thrown.
   *
   * @param signal ends this call's diagnosis
   */
  join(signal: AbortSignal | undefined): DeniedGroup {
    const known = this.#groups.get(signal);
    const longest = this.#context.options.diagnosis.timeoutMs * SHARED_DEADLINE;
    if (known?.join(longest)) return known;
    const group = new DeniedGroup(this.#context, this.#cache, signal, () => {
      if (this.#groups.get(signal) === group) this.#groups.delete(signal);
    });
    this.#groups.set(signal, group);
    return group;
  }

  clear(): void {
    this.#cache.clear();
  }
}

const diagnosesByClient = new WeakMap<CallEnvironment, ClientDiagnoses>();

/** Returns the diagnoses of a client. A client that was destroyed begins again without any. */
export function diagnosesOf(context: CallEnvironment): ClientDiagnoses {
  const before = diagnosesByClient.get(context);
  if (before) return before;
  const diagnoses = new ClientDiagnoses(context);
  diagnosesByClient.set(context, diagnoses);
  context.destroyed().addEventListener("abort", () => {
    diagnoses.clear();
    diagnosesByClient.delete(context);
  });
  return diagnoses;
}
