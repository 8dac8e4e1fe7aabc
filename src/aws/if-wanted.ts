import { assertWanted } from "../resolve/waiting.js";

/** The part of an SDK's command that is used. */
interface Command {
  middlewareStack: { add(middleware: unknown, options: object): void };
}

/**
 * The command, but for a request that nobody waits for any more. The SDK asks for credentials and signs before it sends, and
 * either may take longer than the lookup.
 *
 * @param signal the lookup's own
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
