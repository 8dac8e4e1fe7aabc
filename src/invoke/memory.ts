import QuickLRU from "quick-lru";
import { pause } from "./pause.js";

/** A call's way, as {@link BlockMemory.turn} tells it. */
export type Turn<B> =
  /** The profile is known to be refused: do without it. */
  | { blocked: B }
  /** Try the profile, and say what came of it, once. */
  | {
      blocked?: undefined;
      /** @returns the block that is lifted by it */
      answered(): B | undefined;
      /** @returns the block in force: another call's, where one was refused just before, else the one that is made now */
      refused(make: () => B, scope: string): B;
      /** It failed, and not for a refusal: nothing was learned. */
      undecided(): void;
      /** It was refused for another reason than its routing: waiting for it helps nobody. */
      unrelated(): void;
    };

type Try<B> = Exclude<Turn<B>, { blocked: B }>;

/** As any other, but the block may be another process's, which ends sooner. */
interface FirstTry<B> extends Try<B> {
  refused(make: () => B, scope: string, until?: number): B;
}

interface State<B> {
  /** None where the profile has answered, or nothing better than asking it is known. `scope`: whose credentials were refused. */
  block?: { value: B; until: number; scope: string };
  /** The first call's, while nothing is known; the others wait for it. */
  first?: Promise<void>;
}

export interface MemoryOptions {
  /** How long a block is remembered, in milliseconds; 0 remembers none. */
  rememberMs: number;
  /** How long calls wait for the first one through a profile, in milliseconds. */
  patienceMs: number;
  /** The clock: milliseconds since the epoch. */
  now: () => number;
}

/**
 * Which inference profiles are refused, so that a call need not find out again. The first call through a profile goes
 * ahead, and those that come meanwhile wait for it a little: of a thousand calls at once one is refused, not all. After
 * the time one call tries the profile again, while the others go on without it.
 */
export class BlockMemory<B> {
  readonly #options: MemoryOptions;
  readonly #states = new QuickLRU<string, State<B>>({ maxSize: 1_000 });

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /**
   * Which way a call goes. Never rejects; waits at most `patienceMs`, and ends with the signal.
   *
   * @param key the action and the profile
   * @param scope whose credentials the call is made with: what is refused to one may be open to another. Asked where a
   *   block is known.
   * @param recall what other processes know of this profile, and until when: asked by the first call. Never rejects.
   */
  async turn(
    key: string,
    scope: () => Promise<string>,
    signal: AbortSignal | undefined,
    recall?: () => Promise<{ value: B; until: number } | undefined>,
  ): Promise<Turn<B>> {
    const { rememberMs, patienceMs, now } = this.#options;
    const patience = now() + patienceMs;
    for (;;) {
      const state = this.#states.get(key);
      if (state === undefined) {
        const first = this.#first(key);
        const known = recall && (await recalledWithin(patienceMs, signal, recall));
        if (known === undefined || known.until <= now()) return first;
        return { blocked: first.refused(() => known.value, await scope(), known.until) };
      }
      const { block, first } = state;
      if (block) {
        if (block.scope !== (await scope())) return this.#try(state, undefined);
        if (now() < block.until) return { blocked: block.value };
        // For this call alone; should it never end, another one tries after the same time.
        block.until = now() + rememberMs;
        return this.#try(state, block);
      }
      const left = patience - now();
      if (first === undefined || left <= 0 || signal?.aborted) return this.#try(state, undefined);
      await pause(left, signal, first);
    }
  }

  /** Nothing better than the profile is left for these calls: they try it again, each. */
  forget(key: string): void {
    const state = this.#states.get(key);
    if (state) delete state.block;
  }

  #first(key: string): FirstTry<B> {
    const state: State<B> = {};
    let release = () => {};
    state.first = new Promise((resolve) => {
      release = () => {
        delete state.first;
        resolve();
      };
    });
    this.#states.set(key, state);
    const turn = this.#try(state, undefined);
    return {
      answered: () => {
        const lifted = turn.answered();
        release();
        return lifted;
      },
      refused: (make, scope, until) => {
        const block = turn.refused(make, scope, until);
        release();
        return block;
      },
      unrelated: release,
      undecided: () => {
        // Nothing was learned: the next one is the first.
        if (this.#states.get(key) === state) this.#states.delete(key);
        release();
      },
    };
  }

  #try(state: State<B>, tried: State<B>["block"]): FirstTry<B> {
    const { rememberMs, now } = this.#options;
    const tryAgain = () => {
      if (tried) tried.until = now();
    };
    return {
      answered: () => {
        // A late answer of a call that began before the block says nothing about it.
        if (state.block === tried) delete state.block;
        return tried?.value;
      },
      refused: (make, scope, until = now() + rememberMs) => {
        if (state.block && state.block !== tried && state.block.scope === scope) return state.block.value;
        const value = make();
        if (rememberMs === 0) delete state.block;
        else state.block = { value, until: Math.min(until, now() + rememberMs), scope };
        return value;
      },
      undecided: tryAgain,
      unrelated: tryAgain,
    };
  }
}

/** What is recalled in time. */
async function recalledWithin<R>(ms: number, signal: AbortSignal | undefined, recall: () => Promise<R>) {
  let recalled: R | undefined;
  const asked = recall().then((known) => {
    recalled = known;
  });
  await pause(ms, signal, asked);
  return recalled;
}
