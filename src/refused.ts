import { concludeFromMessage, diagnose } from "./diagnose/diagnose.js";
import type { DiagnosisPorts } from "./diagnose/ports.js";
import { type DiagnosedError, diagnosed } from "./error.js";
import { explain } from "./explain/explain.js";
import { logDiagnosis } from "./log.js";
import type { ResolvedOptions } from "./options.js";
import type { ParsedRefusal } from "./refusal/parse.js";
import { type ModelReference, parseModelId } from "./resolve/model-id.js";

// Loaded by import() with the first refusal, and with it everything that a diagnosis needs.

/** What the story needs from outside; `client.ts` plugs it in. */
export interface FlowContext {
  readonly options: ResolvedOptions;
  /** The client's Region; rejects where it has none. */
  sourceRegion(): Promise<string>;
  /** Loaded at the first refusal, never before. */
  ports(): Promise<DiagnosisPorts>;
}

/**
 * The rest of the story, for a call that was refused: diagnose, explain, put it on the error, tell. The error object
 * stays the SDK's.
 *
 * @param options what was given to `send` beside the command
 */
export async function diagnoseInPlace(
  error: unknown,
  refusal: ParsedRefusal,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<void> {
  const resilience = context.options;
  const operation = operationOf(command);
  const modelId = modelIdOf(command);
  const reference = parseModelId(modelId);
  const sourceRegion = await regionOf(context, reference, refusal);
  const call = { operation, modelId, reference, sourceRegion };
  const limits = { timeoutMs: resilience.diagnosis.timeoutMs, signal: abortSignalOf(options), now: Date.now };
  const conclusion = await context
    .ports()
    .then((ports) => diagnose(call, refusal, ports, limits, resilience.diagnosis.policies))
    .catch(() => concludeFromMessage(call, refusal));
  const diagnosis = explain(conclusion, resilience.diagnosis.policies);
  diagnosed(error, diagnosis);
  told(() => logDiagnosis(diagnosis, error, resilience));
  told(() => resilience.onDiagnosis?.(diagnosis, error as DiagnosedError));
}

/** The source Region: the client's, else what the id or the refusal shows of it. */
async function regionOf(context: FlowContext, reference: ModelReference, refusal: ParsedRefusal): Promise<string> {
  const region = await context.sourceRegion().catch(() => undefined);
  const inReference = "region" in reference ? reference.region : undefined;
  const inProfile = refusal.resource?.includes("inference-profile/") ? refusal.region : undefined;
  return region ?? inReference ?? inProfile ?? "unknown";
}

/** Runs what others wrote (a logger, a callback): it may fail, and it is not waited for longer than it takes to call it. */
function told(tell: () => unknown): void {
  try {
    Promise.resolve(tell()).catch(() => {});
  } catch {
    // Theirs to mend; the application waits for its error.
  }
}

function modelIdOf(command: unknown): string {
  const { modelId } = (command as { input?: { modelId?: unknown } } | undefined)?.input ?? {};
  return typeof modelId === "string" ? modelId : "";
}

/** The operation's name: from the command's schema (an SDK constant, safe under minifiers), else from the class name. */
function operationOf(command: unknown): string {
  const known = (command ?? {}) as { schema?: unknown; constructor?: { name?: string } };
  if (Array.isArray(known.schema) && typeof known.schema[2] === "string") return known.schema[2];
  return (known.constructor?.name ?? "").replace(/Command$/, "") || "unknown";
}

/** The SDK also takes signals of its own older shape, which have `onabort` but no `addEventListener`. */
function abortSignalOf(options: unknown): AbortSignal | undefined {
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
