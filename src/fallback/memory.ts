import QuickLRU from "quick-lru";
import { settled } from "../pause.js";
import { Gate } from "./gate.js";

/** How a call may be sent. */
export type Admission<D> =
  /** The profile is known to be denied: try what its denial leads to. */
  { denial: D } | Trial<D>;

/** Send the call through its profile, and report the result once. */
export interface Trial<D> {
  denial?: undefined;
  /** @returns the denial that the answer ends */
  answered(): D | undefined;
  /**
   * @param scope whose credentials were denied; undefined if that can't be determined, and nothing is remembered then
   * @returns the denial that is remembered: another call's if that was denied first, else the one that `make` returns
   */
  denied(make: () => D, scope: string | undefined): D;
  /** It failed for another reason, which says nothing about routing. */
  undecided(): void;
}

/** What another process learned, and when: milliseconds since the epoch. */
export interface Recalled<D> {
  value: D;
  at: number;
  until: number;
}

interface Entry<D> {
  value: D;
  /** It holds from here to there, in milliseconds since the epoch. A clock that was set back ends it. */
  from: number;
  until: number;
  /** And no longer than until then by the clock that nobody sets. */
  ends: number;
  /** Another process's: it isn't extended while a call tries the profile again. */
  isRecalled: boolean;
}

/** What is known for one set of credentials. */
interface Lane<D> {
  scope?: string;
  entry?: Entry<D>;
  /** Closed while the first call is under way. */
  gate?: Gate;
}

interface Profile<D> {
  /** Used while no denial is known: callers needn't be distinguished. */
  readonly shared: Lane<D>;
  readonly denied: Set<Lane<D>>;
  readonly closed: Set<Gate>;
}

export interface MemoryOptions {
  /** How long a denial is remembered, in milliseconds; 0 remembers none. */
  rememberMs: number;
  /** How long calls wait for the first one through a profile, in milliseconds. */
  patienceMs: number;
  /** The clock: milliseconds since the epoch. */
  now: () => number;
}

/** How many profiles, and how many sets of credentials over all of them, are remembered. */
const MOST = 1_000;

/**
 * Remembers which inference profiles are denied, and for which credentials. The first call through a profile is sent at once.
 * Calls that start meanwhile wait for the first result of any call through the profile, or until their patience ends, once
 * for all of them. Of ten thousand calls at once, one is denied. When the time of a denial is over, one call tries the
 * profile again, and the others continue without it.
 */
export class DenialMemory<D> {
  readonly #options: MemoryOptions;
  readonly #profiles = new QuickLRU<string, Profile<D>>({ maxSize: MOST });
  readonly #lanes: QuickLRU<string, { lane: Lane<D>; profile: Profile<D> }>;

  constructor(options: MemoryOptions) {
    this.#options = options;
    const onEviction = (_key: string, { lane, profile }: { lane: Lane<D>; profile: Profile<D> }) => {
      profile.denied.delete(lane);
    };
    this.#lanes = new QuickLRU({ maxSize: MOST, onEviction });
  }

  /**
   * Decides how a call may be sent. Never rejects, and ends with the signal.
   *
   * @param key the action and the profile
   * @param scope whose credentials the call is made with: what is denied to one may be allowed to another. Called only if
   *   a denial is known, and waited for no longer than `patienceMs`.
   * @param recall what other processes know of this profile, called by the first call and waited for no longer than that
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

  /** Forgets a denial early: it isn't one of the profile's routing, or nothing better than the profile is left. */
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

  #holds({ from, until, ends }: Entry<D>): boolean {
    const now = this.#options.now();
    return from <= now && now < until && performance.now() < ends;
  }

  /** A denial remembered from a time on; undefined if that time is over or hasn't begun. */
  #entry(value: D, from: number, until: number, isRecalled: boolean): Entry<D> | undefined {
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

  /** Any news of the profile is enough: whoever waits goes on. */
  #open(profile: Profile<D>): void {
    for (const gate of profile.closed) gate.open();
    profile.closed.clear();
  }

  #setEntry(profile: Profile<D>, lane: Lane<D>, entry: Entry<D>): void {
    lane.entry = entry;
    profile.denied.add(lane);
  }

  /** @param gate who goes next: without one, a first call, and the others after it */
  #release(profile: Profile<D>, lane: Lane<D>, gate?: Gate): void {
    delete lane.entry;
    delete lane.gate;
    if (gate) lane.gate = gate;
    profile.denied.delete(lane);
  }

  /** For this call alone; if it never ends, another one tries after the same time. */
  #tryAgain(key: string, profile: Profile<D>, entry: Entry<D>): Trial<D> {
    // INVARIANT: one call at a time tries again. Extending the entry is the claim.
    const now = this.#options.now();
    Object.assign(entry, this.#entry(entry.value, now, Number.POSITIVE_INFINITY, false));
    return this.#try(key, profile, entry);
  }

  #try(key: string, profile: Profile<D>, tried: Entry<D> | undefined): Trial<D> {
    return {
      answered: () => {
        // A late answer of a call that began before the denial says nothing about it.
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

  #denied(key: string, profile: Profile<D>, tried: Entry<D> | undefined, make: () => D, scope: string | undefined): D {
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
 * Whose credentials something was asked with; undefined if there are others now, since it can't be told then with which it
 * went out.
 */
export async function unchanged(
  before: Promise<string | undefined> | undefined,
  scope: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const [first, now] = await Promise.all([before, scope()]);
  return first === undefined || first === now ? now : undefined;
}

/** Of a lane whose profile has answered: nobody waits there. */
const openGate = new Gate(0);
openGate.open();
