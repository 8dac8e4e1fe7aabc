// What an SDK command and its options say, read without the SDK.

/** The `modelId` that the application gave; empty for operations that take none. */
export function modelIdOf(command: unknown): string {
  const { modelId } = (command as { input?: { modelId?: unknown } } | undefined)?.input ?? {};
  return typeof modelId === "string" ? modelId : "";
}

/** The operation's name: from the command's schema (an SDK constant, safe under minifiers), else from the class name. */
export function operationOf(command: unknown): string {
  const known = (command ?? {}) as { schema?: unknown; constructor?: { name?: string } };
  if (Array.isArray(known.schema) && typeof known.schema[2] === "string") return known.schema[2];
  return (known.constructor?.name ?? "").replace(/Command$/, "") || "unknown";
}

/** The condition keys that a command's input gives a value, in lower case: what policies say of them is not told here. */
export function conditionKeysOf(command: unknown): string[] {
  const { guardrailIdentifier, guardrailConfig, serviceTier } = ((command as { input?: object } | undefined)?.input ??
    {}) as {
    guardrailIdentifier?: unknown;
    guardrailConfig?: { guardrailIdentifier?: unknown };
    serviceTier?: unknown;
  };
  return [
    ...(guardrailIdentifier || guardrailConfig?.guardrailIdentifier ? ["bedrock:guardrailidentifier"] : []),
    ...(serviceTier ? ["bedrock:servicetier"] : []),
  ];
}

/** False for an input that holds a stream: it can be read, and so sent, once. */
export function isReplayable(command: unknown): boolean {
  const { input } = (command ?? {}) as { input?: object };
  return !Object.values(input ?? {}).some(
    (value) => typeof value === "object" && value !== null && (Symbol.asyncIterator in value || "getReader" in value),
  );
}

/** The SDK also takes signals of its own older shape, which have `onabort` but no `addEventListener`. */
export function abortSignalOf(options: unknown): AbortSignal | undefined {
  const signal = (options as { abortSignal?: object | null } | undefined)?.abortSignal ?? undefined;
  if (signal === undefined || typeof (signal as Partial<AbortSignal>).addEventListener === "function") {
    return signal as AbortSignal | undefined;
  }
  const older = signal as { aborted?: boolean; onabort?: unknown };
  const controller = new AbortController();
  if (older.aborted) controller.abort();
  const before = older.onabort;
  older.onabort = function (this: unknown, ...args: unknown[]) {
    controller.abort();
    if (typeof before === "function") before.apply(this, args);
  };
  return controller.signal;
}
