import { Deadline, orElse, within } from "../deadline.js";
import type { DiagnosedCall } from "../diagnose/diagnosed-call.js";
import type { Diagnosis } from "../diagnosis.js";
import { parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import type { LookupCache } from "../resolve/cache.js";
import type { Call } from "./call.js";
import { callFactsOf } from "./call-facts.js";
import type { CallEnvironment } from "./context.js";
import { diagnosisKey } from "./diagnosis-key.js";
import { type Denied, diagnosisWithoutTime, makeDiagnosis } from "./make-diagnosis.js";

/** The share of the deadline for distinguishing callers. The sources need the rest. */
const PRINCIPAL_SHARE = 0.25;

/** What the calls of a group wait for before their diagnosis. */
interface Start {
  deadline: Deadline;
  /** The client's Region. Undefined if it can't be determined in time. */
  region: string | undefined;
  regionFrom: DiagnosedCall["regionFrom"];
}

/**
 * The calls of one client that were denied at the same time and have the same abort signal. They share a deadline, and
 * everything that depends only on it. A thousand calls that are denied at once have one timer and one abort signal.
 */
export class DeniedGroup {
  readonly #context: CallEnvironment;
  readonly #cache: LookupCache<Diagnosis, undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #onEmpty: () => void;
  readonly #opened = performance.now();
  readonly #starting: Promise<Start>;
  readonly #diagnoses = new Map<string, Promise<Diagnosis>>();
  #deadline: Deadline | undefined;
  #scope: Promise<string> | undefined;
  #members = 1;

  constructor(
    context: CallEnvironment,
    cache: LookupCache<Diagnosis, undefined>,
    signal: AbortSignal | undefined,
    onEmpty: () => void,
  ) {
    this.#context = context;
    this.#cache = cache;
    this.#signal = signal;
    this.#onEmpty = onEmpty;
    this.#starting = this.#start();
  }

  /** Adds a call. @returns false if the group has existed for longer than `longestMs`, so the call isn't added */
  join(longestMs: number): boolean {
    if (performance.now() - this.#opened > longestMs) return false;
    this.#members += 1;
    return true;
  }

  /** INVARIANT: each call leaves once, after its diagnosis. The last one ends the deadline's timer. */
  leave(): void {
    this.#members -= 1;
    if (this.#members > 0) return;
    this.#onEmpty();
    this.#deadline?.close();
  }

  /** Returns the promise's value. Undefined if it takes longer than the deadline, or if the signal aborts first. */
  async inTime<T>(promise: Promise<T>): Promise<T | undefined> {
    return orElse(promise, (await this.#starting).deadline.signal, undefined);
  }

  /**
   * Diagnoses a denial within the deadline. Never rejects because of a response from outside.
   *
   * @returns an object of the caller's own. Its contents are shared and frozen
   */
  async diagnosisOf(refusal: ParsedRefusal, sent: Call): Promise<Diagnosis> {
    const start = await this.#starting;
    const call = this.#deniedCall(refusal, sent, start);
    const key = diagnosisKey(call, wholePrincipal(refusal) ?? (await this.#credentials(start)), refusal);
    const known = this.#diagnoses.get(key);
    const diagnosis = known ?? this.#diagnose(key, { call, refusal }, start.deadline);
    if (known === undefined) this.#diagnoses.set(key, diagnosis);
    return { ...(await diagnosis), refusal };
  }

  /**
   * Loads what a diagnosis needs, and starts the deadline. The time to load depends on how busy the process is, and
   * isn't a source's response time. Loading ends after the same time.
   */
  async #start(): Promise<Start> {
    const { options, ports, sourceRegion, regionFrom } = this.#context;
    const { timeoutMs } = options.diagnosis;
    if (timeoutMs > 0) {
      const load = (ends: AbortSignal) => orElse(ports().catch(noValue), ends, undefined);
      await within(timeoutMs, this.#signal, load);
    }
    const deadline = new Deadline(timeoutMs, this.#signal);
    this.#deadline = deadline;
    const region = await orElse(sourceRegion().catch(noValue), deadline.signal, undefined);
    return { deadline, region, regionFrom: region === undefined ? undefined : regionFrom?.(region) };
  }

  #deniedCall(refusal: ParsedRefusal, { operation, modelId, reference, command }: Call, start: Start): DiagnosedCall {
    const { enforcedGuardrails, guardrailProfiles } = this.#context.options.diagnosis;
    const inReference = "region" in reference ? reference.region : undefined;
    const inProfile = refusal.resource?.includes("inference-profile/") ? refusal.region : undefined;
    const sourceRegion = start.region ?? inReference ?? inProfile ?? "unknown";
    const regionFrom = start.region === undefined ? this.#context.regionFrom?.(sourceRegion) : start.regionFrom;
    const facts = callFactsOf(command);
    return { operation, modelId, reference, sourceRegion, regionFrom, facts, enforcedGuardrails, guardrailProfiles };
  }

  /** Identifies the credentials, which distinguish callers if AWS's message hides the caller. */
  #credentials({ deadline }: Start): Promise<string> {
    if (this.#context.options.diagnosis.timeoutMs <= 0) return Promise.resolve("");
    this.#scope ??= within(deadline.left * PRINCIPAL_SHARE, deadline.signal, (share) => {
      const scope = this.#context.ports().then((ports) => ports.credentialsScope());
      return orElse(
        scope.catch(() => ""),
        share,
        "",
      );
    });
    return this.#scope;
  }

  async #diagnose(key: string, denied: Denied, deadline: Deadline): Promise<Diagnosis> {
    const context = this.#context;
    const make = (flight: AbortSignal) => makeDiagnosis(denied, context, deadline, flight);
    // A diagnosis without lookups takes no time to wait for.
    const ends = context.options.diagnosis.timeoutMs > 0 ? deadline.signal : undefined;
    const answer = await this.#cache.get(key, make, ends).catch(noValue);
    if (answer && "value" in answer) return answer.value;
    return diagnosisWithoutTime(denied, context, deadline.signal);
  }
}

const noValue = () => undefined;

/** Returns the principal if it identifies the caller. */
const wholePrincipal = ({ principal }: ParsedRefusal): string | undefined =>
  principal !== undefined && parsePrincipal(principal).isComplete ? principal : undefined;
