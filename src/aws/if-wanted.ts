import { assertWanted } from "../resolve/waiting.js";

/** The part of an SDK command that is used here. */
interface Command {
  middlewareStack: { add(middleware: unknown, options: object): void };
}

/**
 * Returns a command that isn't sent if its signal has aborted. The SDK gets credentials and signs the request before it
 * sends it, and either step can take longer than the lookup.
 *
 * @param signal the lookup's own signal
 */
export function ifWanted<C extends object>(command: C, signal: AbortSignal): C {
  const guard = (next: (args: unknown) => unknown) => async (args: unknown) => {
    assertWanted(signal);
    return next(args);
  };
  const options = { step: "deserialize", priority: "low", name: "resilientBedrockIfWanted", override: true };
  (command as unknown as Command).middlewareStack.add(guard, options);
  return command;
}
