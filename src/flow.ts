import { type ParsedRefusal, parseRefusal } from "./refusal/parse.js";
import type { FlowContext } from "./refused.js";

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
      explained(error, refusal, command, options, context)
        .then(() => callback(error))
        .catch(() => {});
    });
  }
  const output = sdkSend(...args);
  if (!isPromise(output)) return output;
  return output.then(undefined, (error: unknown) => {
    const refusal = refusalIn(error, context);
    if (refusal === null) throw error;
    return explained(error, refusal, command, second, context).then(() => {
      throw error;
    });
  });
}

function refusalIn(error: unknown, { options }: FlowContext): ParsedRefusal | null {
  return options.diagnosis.enabled ? parseRefusal(error) : null;
}

/** Diagnoses the error in place. Never rejects: whatever fails in there, the original error is what the application gets. */
async function explained(
  error: unknown,
  refusal: ParsedRefusal,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<void> {
  try {
    const { diagnoseInPlace } = await import("./refused.js");
    await diagnoseInPlace(error, refusal, command, options, context);
  } catch {
    // The diagnosis is a courtesy; the error is not.
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}
