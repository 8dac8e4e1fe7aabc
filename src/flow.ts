import type { DiagnosisPorts } from "./diagnose/ports.js";
import { type DiagnosedError, diagnosed } from "./error.js";
import type { ResolvedOptions } from "./options.js";
import { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
import { parseModelId } from "./resolve/model-id.js";

/** What the story needs from outside; `client.ts` plugs it in. */
export interface FlowContext {
  readonly options: ResolvedOptions;
  /** The client's Region; rejects where it has none. */
  sourceRegion(): Promise<string>;
  /** Loaded at the first refusal, never before. */
  ports(): Promise<DiagnosisPorts>;
}

/** The call as the application made it: what of it a diagnosis may look at. */
export interface Call {
  operation: string;
  modelId: string;
  abortSignal: AbortSignal | undefined;
}

type Callback = (error: unknown, output?: unknown) => void;

/**
 * The story of one send. The SDK's own `send` runs first, with the very arguments that the application gave. A call that
 * succeeds, and an error that is no refusal, pass through untouched; a refusal is diagnosed and thrown as the same object.
 */
export function send(sdkSend: (...args: unknown[]) => unknown, args: unknown[], context: FlowContext): unknown {
  const [command, second, third] = args;
  const callback = (typeof second === "function" ? second : third) as Callback | undefined;
  if (typeof callback === "function") {
    const options = typeof second === "function" ? undefined : second;
    return sdkSend(command, options, (error: unknown, output?: unknown) => {
      const refusal = error == null ? null : refusalIn(error, context);
      if (refusal === null) return error == null ? callback(error, output) : callback(error);
      // As in the SDK: what a callback throws is nobody's rejection.
      explained(error, refusal, callOf(command, options), context)
        .then(() => callback(error))
        .catch(() => {});
    });
  }
  const output = sdkSend(...args);
  if (!isPromise(output)) return output;
  return output.then(undefined, (error: unknown) => {
    const refusal = refusalIn(error, context);
    if (refusal === null) throw error;
    return explained(error, refusal, callOf(command, second), context).then(() => {
      throw error;
    });
  });
}

function refusalIn(error: unknown, { options }: FlowContext): ParsedRefusal | null {
  return options.diagnosis.enabled ? parseRefusal(error) : null;
}

/** Diagnoses the error in place. Never rejects: whatever fails in here, the original error is what the application gets. */
async function explained(error: unknown, refusal: ParsedRefusal, call: Call, context: FlowContext): Promise<void> {
  const { options } = context;
  try {
    const [{ diagnose, concludeFromMessage }, { explain }, { logDiagnosis }] = await Promise.all([
      import("./diagnose/diagnose.js"),
      import("./explain/explain.js"),
      import("./log.js"),
    ]);
    const reference = parseModelId(call.modelId);
    const sourceRegion = await regionOf(context, reference, refusal);
    const refused = { operation: call.operation, modelId: call.modelId, reference, sourceRegion };
    const limits = { timeoutMs: options.diagnosis.timeoutMs, signal: call.abortSignal, now: Date.now };
    const conclusion = await context
      .ports()
      .then((ports) => diagnose(refused, refusal, ports, limits))
      .catch(() => concludeFromMessage(refused, refusal));
    const diagnosis = explain(conclusion);
    diagnosed(error, diagnosis);
    told(() => logDiagnosis(diagnosis, error, options));
    told(() => options.onDiagnosis?.(diagnosis, error as DiagnosedError));
  } catch {
    // The diagnosis is a courtesy; the error is not.
  }
}

/** The source Region: the client's, else what the id or the refusal shows of it. */
async function regionOf(
  context: FlowContext,
  reference: ReturnType<typeof parseModelId>,
  refusal: ParsedRefusal,
): Promise<string> {
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

function callOf(command: unknown, options: unknown): Call {
  const input = (command as { input?: { modelId?: unknown } } | undefined)?.input;
  const signal = (options as { abortSignal?: unknown } | undefined)?.abortSignal;
  return {
    operation: operationOf(command),
    modelId: typeof input?.modelId === "string" ? input.modelId : "",
    abortSignal: signal === undefined || signal === null ? undefined : asAbortSignal(signal),
  };
}

/** The operation's name: from the command's schema (an SDK constant, safe under minifiers), else from the class name. */
function operationOf(command: unknown): string {
  const known = (command ?? {}) as { schema?: unknown; constructor?: { name?: string } };
  if (Array.isArray(known.schema) && typeof known.schema[2] === "string") return known.schema[2];
  return (known.constructor?.name ?? "").replace(/Command$/, "") || "unknown";
}

/** The SDK also takes signals of its own older shape, which have `onabort` but no `addEventListener`. */
function asAbortSignal(signal: object): AbortSignal {
  if (typeof (signal as Partial<AbortSignal>).addEventListener === "function") return signal as AbortSignal;
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

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}
