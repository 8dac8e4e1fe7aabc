import QuickLRU from "quick-lru";
import { settled } from "../pause.js";
import { Gate } from "./gate.js";

/** How a call may be sent. */
export type Admission<D> =
  /** The profile is known to be denied, so use the fallback of its denial. */
  { denial: D } | ProfileTrial<D>;

/** Sends the call through its profile. Its result must be reported once. */
export interface ProfileTrial<D> {
  denial?: undefined;
  /** Reports that the call was answered. @returns the denial that the answer ends */
  answered(): D | undefined;
  /**
   * Remembers the denial of the call.
   *
   * @param scope the credentials that were denied. Undefined if they can't be determined. Then nothing is remembered
   * @returns the remembered denial. If another call was denied first, it is that call's, otherwise the one that `make`
   *   returns
   */
  denied(make: () => D, scope: string | undefined): D;
  /** The call failed for another reason, which shows nothing about routing. */
  undecided(): void;
}

/** What another process learned, and when, in milliseconds since the epoch. */
export interface Recalled<D> {
  value: D;
  at: number;
  until: number;
}

interface RememberedDenial<D> {
  value: D;
  /** When it applies, in milliseconds since the epoch. It ends if the clock is set back to an earlier time. */
  from: number;
  until: number;
  /** When it ends at the latest, by the monotonic clock, which can't be set. */
  ends: number;
  /** True if it came from another process. It isn't extended while a call tries the profile again. */
  isRecalled: boolean;
}

/** What is known for one set of credentials. */
interface Lane<D> {
  scope?: string;
  entry?: RememberedDenial<D>;
  /** Closed while the first call is in progress. */
  gate?: Gate;
}

interface Profile<D> {
  /** Used while no denial is known, because callers don't have to be distinguished then. */
  readonly shared: Lane<D>;
  readonly denied: Set<Lane<D>>;
  readonly closed: Set<Gate>;
}

export interface MemoryOptions {
  /** How long a denial is remembered, in milliseconds. 0 remembers none. */
  rememberMs: number;
  /** How long calls wait for the first one through a profile, in milliseconds. */
  patienceMs: number;
  /** The clock: milliseconds since the epoch. */
  now: () => number;
}

/** How many profiles are remembered, and how many sets of credentials for all of them together. */
const MOST_PROFILES = 1_000;

/**
 * Remembers which inference profiles are denied, and for which credentials. The first call through a profile is sent at
 * once. Calls that start meanwhile wait for the first result of any call through the profile. They wait at most for
 * their patience, which they share. Of ten thousand concurrent calls, one is denied. When the time of a denial is over,
 * one call tries the profile again, and the others continue without it.
 */
export class DenialMemory<D> {
  readonly #options: MemoryOptions;
  readonly #profiles = new QuickLRU<string, Profile<D>>({ maxSize: MOST_PROFILES });
  readonly #lanes: QuickLRU<string, { lane: Lane<D>; profile: Profile<D> }>;

  constructor(options: MemoryOptions) {
    this.#options = options;
    const onEviction = (_key: string, { lane, profile }: { lane: Lane<D>; profile: Profile<D> }) => {
      profile.denied.delete(lane);
    };
    this.#lanes = new QuickLRU({ maxSize: MOST_PROFILES, onEviction });
  }

  /**
   * Decides how a call may be sent. Never rejects, and ends with the signal.
   *
   * @param key the action and the profile
   * @param scope identifies the credentials of the call. A call that is denied for some credentials may be allowed for
   *   others. Called only if a denial is known, and waited for no longer than `patienceMs`
   * @param recall returns what other processes recorded for this profile. Called by the first call, and waited for no
   *   longer than `patienceMs`
   */
  async admit(
    key: string,
    scope: () => Promise<string | undefined>,
    signal: AbortSignal | undefined,
    recall?: () => Promise<Recalled<D> | undefined>,
  ): Promise<Admission<D>> {
    const { patienceMs } = this.#options;
    const profile = this.#profile(key);
    const whose = () => settled(scope, patienceMs, signal);
    for (;;) {
      const lane = profile.denied.size === 0 ? profile.shared : this.#lane(key, profile, await whose());
      if (lane === undefined || signal?.aborted) return this.#try(key, profile, undefined);
      const { entry } = lane;
      if (entry && this.#holds(entry)) return { denial: entry.value };
      if (entry && !entry.isRecalled) return this.#tryAgain(key, profile, entry);
      if (entry) {
        this.#release(profile, lane);
        if (profile.denied.size === 0) delete profile.shared.gate;
        continue;
      }
      if (lane.gate === undefined) {
        // INVARIANT: a gate is claimed once, by the first call. Nothing is awaited between the check and the claim.
        this.#close(profile, lane);
        const first = this.#try(key, profile, undefined);
        const before = recall && whose();
        const known = recall && (await settled(recall, patienceMs, signal));
        return (known && this.#recalled(key, profile, known, await unchanged(before, whose))) || first;
      }
      if (lane.gate.isOpen) return this.#try(key, profile, undefined);
      await lane.gate.wait(signal);
    }
  }

  /**
   * Forgets a denial early, because it isn't about the profile's routing, or because no fallback is better than the
   * profile.
   */
  forget(key: string, value: D): void {
    const profile = this.#profiles.get(key);
    for (const lane of profile?.denied ?? []) {
      if (lane.entry?.value === value && profile) this.#release(profile, lane, openGate);
    }
  }

  #profile(key: string): Profile<D> {
    const known = this.#profiles.get(key);
    if (known) return known;
    const profile: Profile<D> = { shared: {}, denied: new Set(), closed: new Set() };
    this.#profiles.set(key, profile);
    return profile;
  }

  #lane(key: string, profile: Profile<D>, scope: string | undefined): Lane<D> | undefined {
    if (scope === undefined) return undefined;
    const id = JSON.stringify([key, scope]);
    const known = this.#lanes.get(id);
    if (known?.profile === profile) return known.lane;
    const lane: Lane<D> = { scope };
    this.#lanes.set(id, { lane, profile });
    return lane;
  }

  #holds({ from, until, ends }: RememberedDenial<D>): boolean {
    const now = this.#options.now();
    return from <= now && now < until && performance.now() < ends;
  }

  /** Returns a denial that is remembered from a given time. Undefined if its time is over or hasn't begun. */
  #entry(value: D, from: number, until: number, isRecalled: boolean): RememberedDenial<D> | undefined {
    const left = Math.min(until, from + this.#options.rememberMs) - this.#options.now();
    const entry = { value, from, until: from + this.#options.rememberMs, ends: performance.now() + left, isRecalled };
    return left > 0 && this.#holds(entry) ? entry : undefined;
  }

  #recalled(
    key: string,
    profile: Profile<D>,
    { value, at, until }: Recalled<D>,
    scope: string | undefined,
  ): Admission<D> | undefined {
    const lane = this.#lane(key, profile, scope);
    const entry = this.#entry(value, at, until, true);
    if (lane === undefined || entry === undefined) return undefined;
    this.#setEntry(profile, lane, entry);
    this.#open(profile);
    return { denial: value };
  }

  #close(profile: Profile<D>, lane: Lane<D>): void {
    lane.gate = new Gate(this.#options.patienceMs);
    profile.closed.add(lane.gate);
  }

  /** Opens all gates of a profile. After any result of the profile, waiting calls continue. */
  #open(profile: Profile<D>): void {
    for (const gate of profile.closed) gate.open();
    profile.closed.clear();
  }

  #setEntry(profile: Profile<D>, lane: Lane<D>, entry: RememberedDenial<D>): void {
    lane.entry = entry;
    profile.denied.add(lane);
  }

  /** @param gate which calls continue. Without a gate, a first call is sent, and the others wait for it */
  #release(profile: Profile<D>, lane: Lane<D>, gate?: Gate): void {
    delete lane.entry;
    delete lane.gate;
    if (gate) lane.gate = gate;
    profile.denied.delete(lane);
  }

  /** Lets only this call try again. If it never ends, another call tries after the same time. */
  #tryAgain(key: string, profile: Profile<D>, entry: RememberedDenial<D>): ProfileTrial<D> {
    // INVARIANT: one call at a time tries again. Extending the entry is the claim.
    const now = this.#options.now();
    Object.assign(entry, this.#entry(entry.value, now, Number.POSITIVE_INFINITY, false));
    return this.#try(key, profile, entry);
  }

  #try(key: string, profile: Profile<D>, tried: RememberedDenial<D> | undefined): ProfileTrial<D> {
    return {
      answered: () => {
        // If a call began before the denial, its late answer shows nothing about the denial.
        for (const lane of tried ? profile.denied : []) {
          if (lane.entry === tried) this.#release(profile, lane, openGate);
        }
        this.#open(profile);
        return tried?.value;
      },
      denied: (make, scope) => {
        const entry = this.#denied(key, profile, tried, make, scope);
        this.#open(profile);
        return entry;
      },
      undecided: () => {
        if (tried) tried.until = this.#options.now();
        this.#open(profile);
      },
    };
  }

  #denied(
    key: string,
    profile: Profile<D>,
    tried: RememberedDenial<D> | undefined,
    make: () => D,
    scope: string | undefined,
  ): D {
    const lane = this.#lane(key, profile, scope);
    if (lane?.entry && lane.entry !== tried && this.#holds(lane.entry)) return lane.entry.value;
    const value = make();
    if (lane === undefined) return value;
    const entry = this.#entry(value, this.#options.now(), Number.POSITIVE_INFINITY, false);
    if (entry) this.#setEntry(profile, lane, entry);
    else this.#release(profile, lane, openGate);
    return value;
  }
}

/**
 * Returns the credentials with which something was requested. Undefined if they have changed since, because it can't be
 * determined which ones were used.
 */
export async function unchanged(
  before: Promise<string | undefined> | undefined,
  scope: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const [first, now] = await Promise.all([before, scope()]);
  return first === undefined || first === now ? now : undefined;
}

/** The gate of a lane whose profile has answered. No call waits there. */
const openGate = new Gate(0);
openGate.open();
