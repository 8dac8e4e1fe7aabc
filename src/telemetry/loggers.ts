import type { ResilienceLogger } from "./options.js";

/**
 * Writes one line with the arguments in the order that the logger expects. console, winston, Powertools, and most
 * others take the message first. Otherwise, they lose or garble it. pino, bunyan, and loggers with the same interface
 * take the fields first.
 */
export function writeLine(
  logger: ResilienceLogger,
  level: "info" | "warn",
  fields: Record<string, unknown>,
  message: string,
): void {
  const content = isMessageFirst(logger) ? [message, fields] : [fields, message];
  const written: unknown = logger[level](...content);
  // An asynchronous logger isn't waited for, and its failure must not end the process as an unhandled rejection.
  Promise.resolve(written).catch(() => {});
}

/**
 * `log` is a method of console, winston, log4js, and NestJS. pino has it only as a level that the application added.
 */
function isMessageFirst(logger: ResilienceLogger): boolean {
  const { log, bindings, appendKeys } = logger as ResilienceLogger & Record<"log" | "bindings" | "appendKeys", unknown>;
  const isPino = typeof bindings === "function";
  const isPowertools = typeof appendKeys === "function";
  return isPowertools || (typeof log === "function" && !isPino);
}
