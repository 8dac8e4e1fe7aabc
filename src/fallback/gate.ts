import { onAbort } from "../abort.js";

/** The number of steps into which a wait is divided. */
const STEPS = 20;
/** The number of additional steps for a busy event loop. */
const MORE_STEPS = 5;

/**
 * The gate at which calls wait for a first call. It opens with {@link open}, or by itself after its patience.
 *
 * The patience is counted in steps of the event loop, not by the clock. Starting ten thousand calls can block the loop
 * for longer than the patience. An answer that has arrived meanwhile is processed between two steps.
 */
export class Gate {
  readonly #opened: Promise<void>;
  readonly #stepMs: number;
  #release = () => {};
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #steps = 0;
  #waiting = 0;
  #isOpen = false;

  /** @param patienceMs how long it stays closed at most, in milliseconds, on an idle event loop */
  constructor(patienceMs: number) {
    this.#stepMs = patienceMs / STEPS;
    this.#opened = new Promise((resolve) => {
      this.#release = resolve;
    });
    this.#step();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#isOpen = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#release();
  }

  /** Resolves when it opens, or when the signal aborts. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#isOpen || signal?.aborted) return Promise.resolve();
    this.#waiting += 1;
    this.#keepAlive();
    return new Promise((resolve) => {
      let isOver = false;
      const done = () => {
        if (isOver) return;
        isOver = true;
        this.#waiting -= 1;
        this.#keepAlive();
        stop();
        resolve();
      };
      const stop = onAbort(signal, done);
      this.#opened.then(done);
    });
  }

  #step(): void {
    const due = performance.now() + this.#stepMs;
    this.#timer = setTimeout(() => {
      const isLate = performance.now() > due + this.#stepMs;
      // Events that have arrived are processed before the next step, or before the last step ends the wait.
      this.#turn = setImmediate(() => {
        this.#steps += 1;
        if (this.#steps >= STEPS + (isLate ? MORE_STEPS : 0)) this.open();
        else this.#step();
      });
    }, this.#stepMs);
    this.#keepAlive();
  }

  /** Keeps the process alive only while calls wait here. */
  #keepAlive(): void {
    if (this.#waiting > 0) this.#timer?.ref();
    else this.#timer?.unref();
  }
}
