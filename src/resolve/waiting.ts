/** The caller's deadline passed. Its name classifies it as a network timeout. */
export class DeadlineError extends Error {
  override readonly name = "TimeoutError";

  constructor(message = "The deadline passed.") {
    super(message);
  }
}

/**
 * The signals of lookups that no caller waits for. A request that was sent may still complete, but no further request
 * is sent.
 */
const unwanted = new WeakSet<AbortSignal>();

/** No caller waits for the lookup any more, so no further request is sent for it. */
export class UnwantedError extends Error {
  override readonly name = "UnwantedError";
  /** False if the lookup hadn't sent a request yet. The error then shows nothing about the service. */
  readonly hasBegun: boolean;

  constructor(hasBegun: boolean) {
    super("No caller waits for this lookup.");
    this.hasBegun = hasBegun;
  }
}

export function markUnwanted(signal: AbortSignal, isUnwanted: boolean): void {
  if (isUnwanted) unwanted.add(signal);
  else unwanted.delete(signal);
}

/**
 * Checks whether a lookup may send its next request. Call it before each request.
 *
 * @param signal the lookup's own signal
 * @param hasBegun false if this would be the lookup's first request
 * @throws the signal's reason, or an {@link UnwantedError}, if the request must not be sent
 */
export function assertWanted(signal: AbortSignal, hasBegun = true): void {
  signal.throwIfAborted();
  if (unwanted.has(signal)) throw new UnwantedError(hasBegun);
}
