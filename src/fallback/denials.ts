import { actionOf } from "../authorization.js";
import type { Call } from "../call/call.js";
import type { Diagnosis } from "../diagnosis.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { deniedModelOf } from "../refusal/routing.js";
import { Allowance } from "./allowance.js";
import { type Candidate, candidatesFor } from "./candidates.js";
import { type Admission, DenialMemory, type Recalled } from "./memory.js";
import { whyNot } from "./not-tried.js";
import { type OwnModels, ownModelsOf, routesTo } from "./own-models.js";
import type { FallbackPorts, FallbackSettings } from "./ports.js";
import type { Consideration, NotTried } from "./report.js";
import { type DeniedCall, mayBeSameCaller, type SharedDenial, SharedDenials } from "./shared-denials.js";

/**
 * How long the first calls through a profile wait for its first result, in milliseconds. It is longer than AWS takes to
 * deny a call.
 */
const SHARED_DENIALS_WAIT_MS = 1_000;

/** The share of the deadline for determining the candidates. The rest is for looking them up. */
const PLAN_SHARE = 0.5;

/** A denied profile: what is known about it, and where its calls may be sent. All denied calls share it. */
export interface Denial {
  refusal: ParsedRefusal;
  /** Never rejects, and settles by the diagnosis deadline. */
  plan: Promise<Plan>;
  /** The candidates up to the one that answered. The next calls start with that one. */
  answered?: readonly Consideration[];
  /** True if it was shared with other processes, or came from one. */
  isShared: boolean;
  /**
   * Returns one diagnosis for all calls. It starts together with the first candidate. Never rejects, so a failed
   * diagnosis doesn't affect an answer.
   */
  diagnosis(): Promise<Diagnosis | undefined>;
}

/** Where a denied call may be sent. */
export interface Plan {
  candidates: Candidate[];
  /** Why there is no candidate, or none of the profile's own models. */
  notTried?: NotTried;
  /**
   * False if the denial isn't about this profile's routing, or not about this caller. It then shows nothing about other
   * calls.
   */
  isKept: boolean;
}

/** The denied profiles of one client. */
export class Denials {
  readonly #settings: FallbackSettings;
  readonly #ports: FallbackPorts;
  readonly #memory: DenialMemory<Denial>;
  readonly #isSharing: boolean;

  constructor(settings: FallbackSettings, ports: FallbackPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { remember: rememberMs, timeoutMs } = settings;
    this.#memory = new DenialMemory({ rememberMs, patienceMs: SHARED_DENIALS_WAIT_MS, now: () => Date.now() });
    // The caller can't be determined without a lookup.
    this.#isSharing = ports.store !== undefined && rememberMs > 0 && timeoutMs > 0;
  }

  /** Decides how a call may be sent. Never rejects. */
  admit(call: Call): Promise<Admission<Denial>> {
    const recall = this.#isSharing ? () => this.#recalled(call) : undefined;
    return this.#memory.admit(profileKeyOf(call), this.scopeFor(call), call.signal, recall);
  }

  /** Returns a function that identifies the credentials. It takes no longer than a denial may delay the call. */
  scopeFor(call: Call): () => Promise<string | undefined> {
    return () => this.allowanceFor(call).settle(() => this.#ports.credentialsScope());
  }

  /** Returns the time that a denial may add to a call. It is the diagnosis deadline, for everything together. */
  allowanceFor({ signal }: Call): Allowance {
    return new Allowance(this.#settings.timeoutMs, signal);
  }

  /** Lets other processes try a profile again after it answered. Does nothing if its denial isn't shared. */
  lift(call: Call, denial: Denial | undefined): void {
    if (denial?.isShared) void this.#shared().then((shared) => shared?.lift(deniedCallOf(call), denial.refusal));
  }

  /** Removes a denial that shows nothing about other calls any more. */
  forget(call: Call, denial: Denial): void {
    this.#memory.forget(profileKeyOf(call), denial);
  }

  /** Returns the denial for a call of this process that was just denied. */
  of(refusal: ParsedRefusal, call: Call): Denial {
    const denial: Denial = {
      refusal,
      isShared: false,
      plan: this.#ownPlan(refusal, call).then(async ({ plan, arn, isOwnKnown }) => {
        if (!plan.isKept) this.forget(call, denial);
        else if (isOwnKnown && this.#isSharing) {
          denial.isShared = (await this.#shared())?.share(deniedCallOf(call), refusal, arn) ?? false;
        }
        return plan;
      }),
      diagnosis: this.#diagnosisOf(refusal, call),
    };
    return denial;
  }

  /** Also undefined if the store can't be loaded. */
  async #shared(): Promise<SharedDenials | undefined> {
    const store = await this.#ports.store?.().catch(() => undefined);
    return store && new SharedDenials(store, this.#settings.remember);
  }

  /** Returns a denial that another process of the same caller recorded. Undefined if none applies to this profile. */
  async #recalled(call: Call): Promise<Recalled<Denial> | undefined> {
    const allowance = new Allowance(Math.min(SHARED_DENIALS_WAIT_MS, this.#settings.timeoutMs), undefined);
    const shared = await this.#shared();
    const known = await shared?.recall(deniedCallOf(call), () => this.#callerArn(allowance));
    if (known === undefined) return undefined;
    const [own, isPinned] = await Promise.all([this.#ownModels(call, allowance), this.#isEndpointPinned(allowance)]);
    const refusal = own && refusalOf(known.denial, known.callerArn, own, deniedCallOf(call));
    if (refusal === undefined || whyNot(refusal, call) !== undefined) return undefined;
    const plan = this.#planFor(refusal, own, isPinned, call);
    if (!plan.isKept) return undefined;
    const diagnosis = this.#diagnosisOf(refusal, call);
    const denial = { refusal, isShared: true, plan: Promise.resolve(plan), diagnosis };
    return { value: denial, at: known.at, until: known.until };
  }

  async #ownPlan(refusal: ParsedRefusal, call: Call) {
    // Other calls also wait for it, so it doesn't end with this call's own signal.
    const allowance = new Allowance(this.#settings.timeoutMs * PLAN_SHARE, undefined);
    const [own, isPinned, arn] = await Promise.all([
      this.#ownModels(call, allowance),
      this.#isEndpointPinned(allowance),
      this.#callerArn(allowance),
    ]);
    const plan = this.#planFor(refusal, own, isPinned, call);
    const isKept = plan.isKept && mayBeSameCaller(refusal.principal, arn);
    return { plan: { ...plan, isKept }, arn, isOwnKnown: own !== undefined };
  }

  #planFor(refusal: ParsedRefusal, own: OwnModels | undefined, isPinned: boolean, call: Call): Plan {
    const denied = deniedModelOf(refusal);
    if (denied === undefined || (own && !routesTo(own, denied))) {
      return { candidates: [], notTried: "not-this-profile", isKept: false };
    }
    // The message selects one of the profile's own models, and can't add to them.
    const candidates = candidatesFor(call, own && denied.modelId, denied.region, this.#settings, isPinned);
    return { candidates, isKept: true, ...(own ? {} : { notTried: "profile-unresolved" as const }) };
  }

  async #ownModels({ reference, sourceRegion }: Call, allowance: Allowance): Promise<OwnModels | undefined> {
    const lookup = await allowance.lookUp((ends) => this.#ports.resolveProfile(reference, sourceRegion, ends));
    return ownModelsOf(reference, lookup);
  }

  /** If that can't be determined in time, no other Region is tried. */
  async #isEndpointPinned(allowance: Allowance): Promise<boolean> {
    return (await allowance.settle(() => this.#ports.isEndpointPinned())) ?? true;
  }

  /**
   * Returns the caller. It is looked up if denials are shared with other processes. Otherwise, it is used only if it is
   * already known.
   */
  async #callerArn(allowance: Allowance): Promise<string | undefined> {
    const ask = (ends: AbortSignal) => allowance.settle(() => this.#ports.callerArn(ends));
    if (this.#isSharing) return allowance.lookUp(ask);
    return (await ask(AbortSignal.abort())) ?? this.#settings.principalArn;
  }

  #diagnosisOf(refusal: ParsedRefusal, call: Call): Denial["diagnosis"] {
    let diagnosis: Promise<Diagnosis | undefined> | undefined;
    const diagnose = async () => (await this.#ports.diagnoser())?.diagnose(refusal, call);
    return () => {
      // INVARIANT: a remembered denial is diagnosed once, however many calls a fallback answers.
      diagnosis ??= diagnose().catch(() => undefined);
      return diagnosis;
    };
  }
}

const deniedCallOf = ({ operation, modelId, sourceRegion }: Call): DeniedCall => ({
  action: actionOf(operation) ?? operation,
  modelId,
  region: sourceRegion,
});

/** Returns the action and the profile as one key. */
const profileKeyOf = ({ operation, modelId }: Call): string => `${actionOf(operation) ?? operation} ${modelId}`;

/**
 * Makes a denial from what another process shared and this process's own profile. Its text states that it isn't an AWS
 * message.
 */
function refusalOf(
  { deniedRegion, ...shared }: SharedDenial,
  principal: string,
  own: OwnModels,
  { action }: DeniedCall,
): ParsedRefusal | undefined {
  const denied = own.models?.find(({ region }) => region === deniedRegion);
  if (denied === undefined) return undefined;
  const { arn: resource, modelId } = denied;
  const raw = `(Not an AWS message.) Another process of the same role or user reported that ${action} was denied in ${deniedRegion}.`;
  return { raw, kind: "iam-denied", principal, action, resource, region: deniedRegion, modelId, ...shared };
}
