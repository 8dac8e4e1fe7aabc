import QuickLRU from "quick-lru";
import { settled } from "../pause.js";
import { Gate } from "./gate.js";

/** Which way a call goes. */
export type Turn<B> =
  /** The profile is known to be denied: go around it. */
  { blocked: B } | Try<B>;

/** Try the profile, and report once what came of it. */
export interface Try<B> {
  blocked?: undefined;
  /** @returns the block that the answer lifts */
  answered(): B | undefined;
  /**
   * @param scope whose credentials were denied; undefined if that can't be determined, and nothing is remembered then
   * @returns the block in force: another call's if that was denied before, else the one that `make` returns
   */
  refused(make: () => B, scope: string | undefined): B;
  /** It ended in any other way: nothing was learned about routing. */
  undecided(): void;
}

/** What another process learned, and when: milliseconds since the epoch. */
export interface Recalled<B> {
  value: B;
  at: number;
  until: number;
}

interface Block<B> {
  value: B;
  /** It holds from here to there, in milliseconds since the epoch. A clock that was set back ends it. */
  from: number;
  until: number;
  /** And no longer than until then by the clock that nobody sets. */
  ends: number;
  /** Another process's: it isn't extended while a call tries the profile again. */
  isRecalled: boolean;
}

/** What is known for one set of credentials. */
interface Lane<B> {
  scope?: string;
  block?: Block<B>;
  /** Closed while the first call is under way. */
  gate?: Gate;
}

interface Profile<B> {
  /** Used while no block is known: nobody needs to be told from anybody else. */
  readonly shared: Lane<B>;
  readonly blocked: Set<Lane<B>>;
  readonly closed: Set<Gate>;
}

export interface MemoryOptions {
  /** How long a block is remembered, in milliseconds; 0 remembers none. */
  rememberMs: number;
  /** How long calls wait for the first one through a profile, in milliseconds. */
  patienceMs: number;
  /** The clock: milliseconds since the epoch. */
  now: () => number;
}

/** How many profiles, and how many sets of credentials over all of them, are remembered. */
const MOST = 1_000;

/**
 * Which inference profiles are denied to whom, so that a call need not find out again. The first call through a profile
 * goes ahead, and those that start meanwhile wait for whatever comes first: an answer to any call through the profile, or
 * the end of their patience, once for all of them. Of ten thousand calls at once one is denied, not all. When a block has
 * ended, one call tries the profile again, while the others go on without it.
 */
export class BlockMemory<B> {
  readonly #options: MemoryOptions;
  readonly #profiles = new QuickLRU<string, Profile<B>>({ maxSize: MOST });
  readonly #lanes: QuickLRU<string, { lane: Lane<B>; profile: Profile<B> }>;

  constructor(options: MemoryOptions) {
    this.#options = options;
    const onEviction = (_key: string, { lane, profile }: { lane: Lane<B>; profile: Profile<B> }) => {
      profile.blocked.delete(lane);
    };
    this.#lanes = new QuickLRU({ maxSize: MOST, onEviction });
  }

  /**
   * Which way a call goes. Never rejects, and ends with the signal.
   *
   * @param key the action and the profile
   * @param scope whose credentials the call is made with: what is denied to one may be allowed to another. Called only if
   *   a block is known, and waited for no longer than `patienceMs`.
   * @param recall what other processes know of this profile, called by the first call and waited for no longer than that
   */
  async turn(
    key: string,
    scope: () => Promise<string | undefined>,
    signal: AbortSignal | undefined,
    recall?: () => Promise<Recalled<B> | undefined>,
  ): Promise<Turn<B>> {
    const { patienceMs } = this.#options;
    const profile = this.#profile(key);
    const whose = () => settled(scope, patienceMs, signal);
    for (;;) {
      const lane = profile.blocked.size === 0 ? profile.shared : this.#lane(key, profile, await whose());
      if (lane === undefined || signal?.aborted) return this.#try(key, profile, undefined);
      const { block } = lane;
      if (block && this.#holds(block)) return { blocked: block.value };
      if (block && !block.isRecalled) return this.#tryAgain(key, profile, block);
      if (block) {
        this.#unblock(profile, lane);
        if (profile.blocked.size === 0) delete profile.shared.gate;
        continue;
      }
      if (lane.gate === undefined) {
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

  /** Ends a block early: it turned out not to be one, or nothing better than the profile is left. */
  forget(key: string, value: B): void {
    const profile = this.#profiles.get(key);
    for (const lane of profile?.blocked ?? []) {
      if (lane.block?.value === value && profile) this.#unblock(profile, lane, openGate);
    }
  }

  #profile(key: string): Profile<B> {
    const known = this.#profiles.get(key);
    if (known) return known;
    const profile: Profile<B> = { shared: {}, blocked: new Set(), closed: new Set() };
    this.#profiles.set(key, profile);
    return profile;
  }

  #lane(key: string, profile: Profile<B>, scope: string | undefined): Lane<B> | undefined {
    if (scope === undefined) return undefined;
    const id = JSON.stringify([key, scope]);
    const known = this.#lanes.get(id);
    if (known?.profile === profile) return known.lane;
    const lane: Lane<B> = { scope };
    this.#lanes.set(id, { lane, profile });
    return lane;
  }

  #holds({ from, until, ends }: Block<B>): boolean {
    const now = this.#options.now();
    return from <= now && now < until && performance.now() < ends;
  }

  /** A block from a time on; undefined if it's over or hasn't begun. */
  #block(value: B, from: number, until: number, isRecalled: boolean): Block<B> | undefined {
    const left = Math.min(until, from + this.#options.rememberMs) - this.#options.now();
    const block = { value, from, until: from + this.#options.rememberMs, ends: performance.now() + left, isRecalled };
    return left > 0 && this.#holds(block) ? block : undefined;
  }

  #recalled(
    key: string,
    profile: Profile<B>,
    { value, at, until }: Recalled<B>,
    scope: string | undefined,
  ): Turn<B> | undefined {
    const lane = this.#lane(key, profile, scope);
    const block = this.#block(value, at, until, true);
    if (lane === undefined || block === undefined) return undefined;
    this.#setBlock(profile, lane, block);
    this.#open(profile);
    return { blocked: value };
  }

  #close(profile: Profile<B>, lane: Lane<B>): void {
    lane.gate = new Gate(this.#options.patienceMs);
    profile.closed.add(lane.gate);
  }

  /** Any news of the profile is enough: whoever waits goes on. */
  #open(profile: Profile<B>): void {
    for (const gate of profile.closed) gate.open();
    profile.closed.clear();
  }

  #setBlock(profile: Profile<B>, lane: Lane<B>, block: Block<B>): void {
    lane.block = block;
    profile.blocked.add(lane);
  }

  /** @param gate who goes next: without one, a first call, and the others after it */
  #unblock(profile: Profile<B>, lane: Lane<B>, gate?: Gate): void {
    delete lane.block;
    delete lane.gate;
    if (gate) lane.gate = gate;
    profile.blocked.delete(lane);
  }

  /** For this call alone; if it never ends, another one tries after the same time. */
  #tryAgain(key: string, profile: Profile<B>, block: Block<B>): Try<B> {
    const now = this.#options.now();
    Object.assign(block, this.#block(block.value, now, Number.POSITIVE_INFINITY, false));
    return this.#try(key, profile, block);
  }

  #try(key: string, profile: Profile<B>, tried: Block<B> | undefined): Try<B> {
    return {
      answered: () => {
        // A late answer of a call that began before the block says nothing about it.
        for (const lane of tried ? profile.blocked : []) {
          if (lane.block === tried) this.#unblock(profile, lane, openGate);
        }
        this.#open(profile);
        return tried?.value;
      },
      refused: (make, scope) => {
        const block = this.#refused(key, profile, tried, make, scope);
        this.#open(profile);
        return block;
      },
      undecided: () => {
        if (tried) tried.until = this.#options.now();
        this.#open(profile);
      },
    };
  }

  #refused(key: string, profile: Profile<B>, tried: Block<B> | undefined, make: () => B, scope: string | undefined): B {
    const lane = this.#lane(key, profile, scope);
    if (lane?.block && lane.block !== tried && this.#holds(lane.block)) return lane.block.value;
    const value = make();
    if (lane === undefined) return value;
    const block = this.#block(value, this.#options.now(), Number.POSITIVE_INFINITY, false);
    if (block) this.#setBlock(profile, lane, block);
    else this.#unblock(profile, lane, openGate);
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
