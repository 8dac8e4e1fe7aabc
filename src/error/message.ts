/**
 * Makes `summary`, followed by `words` on the next line, the message of an error and the beginning of its stack. If the
 * message isn't text or can't be written, it stays unchanged.
 */
export function prependToMessage(error: Error, summary: string, words: string): void {
  const property = propertyOf(error, "message");
  if (property !== undefined && !(typeof property.value === "string" && property.writable)) return;
  const before = property?.value ?? "";
  const after = `${summary}\n${words}`;
  const stack = stringFrom(() => error.stack);
  const enumerable = Object.getOwnPropertyDescriptor(error, "message")?.enumerable ?? false;
  Object.defineProperty(error, "message", { configurable: true, enumerable, writable: true, value: after });
  if (stack !== undefined) setStack(error, withMessage(stack, stringFrom(() => error.name) ?? "Error", before, after));
}

/** Returns a property, own or inherited, without calling its getter. */
function propertyOf(object: object, key: string): PropertyDescriptor | undefined {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, key);
    if (property !== undefined) return property;
  }
  return undefined;
}

/** A stack is created when it is first read, by code that may be the application's own. That code may throw. */
function stringFrom(read: () => unknown): string | undefined {
  try {
    const text = read();
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

function setStack(error: Error, stack: string): void {
  try {
    Reflect.set(error, "stack", stack);
  } catch {
    // The property is read-only. The message also contains the text.
  }
}

/** Replaces the first line of the stack. V8 writes the name and the message into it once, when the error is created. */
function withMessage(stack: string, name: string, before: string, after: string): string {
  const at = before === "" ? -1 : messageStart(before, stack);
  if (at >= 0) return stack.slice(0, at) + after + stack.slice(at + before.length);
  const frames = stack.indexOf("\n    at ");
  return `${name}: ${after}${frames < 0 ? "" : stack.slice(frames)}`;
}

/** Where the message begins in the first line. It follows the name, which may contain the same text. */
function messageStart(message: string, stack: string): number {
  if (stack.startsWith(message)) return stack.startsWith(`${message}: ${message}`) ? message.length + 2 : 0;
  const at = stack.indexOf(`: ${message}`);
  const firstLine = stack.indexOf("\n");
  return at >= 0 && (firstLine < 0 || at < firstLine) ? at + 2 : -1;
}
