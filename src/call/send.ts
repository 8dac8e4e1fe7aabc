import { lazily } from "../lazy.js";
import { optsIn } from "../options.js";
import { type ParsedRefusal, parseCallError } from "../refusal/parse.js";
import { isReplayable, modelIdOf } from "./command.js";
import type { FlowContext } from "./denied.js";

type Callback = (error: unknown, output?: unknown) => void;
type SdkSend = (...args: unknown[]) => unknown;

/** One call, as the application made it. */
interface Call {
  sdkSend: SdkSend;
  command: unknown;
  /** What was given to `send` beside the command. */
  options: unknown;
  /** Milliseconds since the epoch. */
  begun: number;
}

/**
 * The story of one send. The SDK's own `send` runs first, with the very arguments that the application gave. A call that
 * succeeds, and an error that is no refusal, pass through untouched; a refusal is diagnosed and thrown as the same object.
 * Only where the application opted in to more than that does a call go another way.
 */
export function send(sdkSend: SdkSend, args: unknown[], context: FlowContext): unknown {
  const [command, second, third] = args;
  const callback = (typeof second === "function" ? second : third) as Callback | undefined;
  const options = typeof second === "function" ? undefined : second;
  const call: Call = { sdkSend, command, options, begun: Date.now() };
  const detour = optsIn(context.options) && modelIdOf(command) !== "" ? optedIn(call, context) : undefined;
  if (typeof callback === "function") {
    if (detour) return tell(callback, detour);
    return sdkSend(command, options, (error: unknown, output?: unknown) => {
      if (error == null) return callback(error, output);
      const refusal = refusalIn(error, context);
      return refusal === null ? callback(error) : tell(callback, refused(error, refusal, call, context));
    });
  }
  if (detour) return detour;
  const output = sdkSend(...args);
  if (!isPromise(output)) return output;
  return output.then(undefined, (error: unknown) => {
    const refusal = refusalIn(error, context);
    if (refusal === null) throw error;
    return refused(error, refusal, call, context);
  });
}

/** As in the SDK: what a callback throws is nobody's rejection. */
function tell(callback: Callback, result: Promise<unknown>): void {
  result
    .then(
      (output) => callback(null, output),
      (error) => callback(error),
    )
    .catch(() => {});
}

const optedInStory = lazily(() => import("./pipeline.js"));
const refusedStory = lazily(() => import("./denied.js"));

/** A call whose application opted in to fallback, bare models or retries. */
async function optedIn(call: Call, context: FlowContext): Promise<unknown> {
  const story = await optedInStory();
  const attempt = attemptOf(call);
  // Without it the call is still the application's own.
  const sent = story
    ? story.sendOptedIn(attempt, call.command, call.options, context)
    : attempt(call.command, call.options);
  return orExplained(sent, call, context);
}

/** A refused call: expired credentials are renewed, once; everything else is diagnosed. */
async function refused(error: unknown, refusal: ParsedRefusal, call: Call, context: FlowContext): Promise<unknown> {
  const mayRefresh = context.options.retry.expiredCredentials && isReplayable(call.command);
  const story = refusal.kind === "expired-credentials" && mayRefresh ? await optedInStory() : undefined;
  if (story === undefined) {
    await explained(error, refusal, call, context);
    throw error;
  }
  const { begun, command, options } = call;
  return orExplained(story.sendAfterRefresh(error, begun, attemptOf(call), command, options, context), call, context);
}

/** The output, or the error with its diagnosis. */
async function orExplained(sent: Promise<unknown>, call: Call, context: FlowContext): Promise<unknown> {
  try {
    return await sent;
  } catch (error) {
    await explained(error, refusalIn(error, context), call, context);
    throw error;
  }
}

function attemptOf({ sdkSend }: Call) {
  return async (command: unknown, options: unknown) => sdkSend(command, options);
}

/** What to look into; null for what is no refusal, or nobody wants to know of. */
function refusalIn(error: unknown, { options }: FlowContext): ParsedRefusal | null {
  return options.diagnosis.enabled || options.retry.expiredCredentials ? parseCallError(error) : null;
}

/** Diagnoses the error in place. Never rejects: whatever fails in there, the original error is what the application gets. */
async function explained(
  error: unknown,
  refusal: ParsedRefusal | null,
  { command, options }: Call,
  context: FlowContext,
): Promise<void> {
  if (refusal === null || !context.options.diagnosis.enabled) return;
  try {
    const story = await refusedStory();
    await story?.diagnoseInPlace(error, refusal, command, options, context);
  } catch {
    // The diagnosis is a courtesy; the error is not.
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}
