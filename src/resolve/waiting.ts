/** The time that a caller has for its answer is over. Its name sorts it among the timeouts of the network. */
export class DeadlineError extends Error {
  override readonly name = "TimeoutError";

  constructor(message = "The time for the answer is over.") {
    super(message);
  }
}

/** Signals of lookups that nobody waits for. A request that was sent may still be answered; no other may follow it. */
const unwanted = new WeakSet<AbortSignal>();

/** Nobody waits for the lookup any more, so no further request is sent for it. */
export class UnwantedError extends Error {
  override readonly name = "UnwantedError";
  /** False where the lookup had not sent anything yet: nothing was learned about the other side. */
  readonly hasBegun: boolean;

  constructor(hasBegun: boolean) {
    super("Nobody waits for the lookup any more.");
    this.hasBegun = hasBegun;
  }
}

export function markUnwanted(signal: AbortSignal, isUnwanted: boolean): void {
  if (isUnwanted) unwanted.add(signal);
  else unwanted.delete(signal);
}

/**
 * Called before each request of a lookup.
 *
 * @param signal the lookup's own
 * @param hasBegun false where this would be its first
 * @throws the signal's reason, or an {@link UnwantedError}, where it must not be sent
 */
export function assertWanted(signal: AbortSignal, hasBegun = true): void {
  signal.throwIfAborted();
  if (unwanted.has(signal)) throw new UnwantedError(hasBegun);
}
