import { reported } from "../fallback/report.js";
import { lazily } from "../lazy.js";
import { optsIn } from "../options.js";
import { attempted, parsePossibleDenial } from "./attempt.js";
import { Call, type Failed, isFailed, type Send, type SendResult } from "./call.js";
import { modelIdOf } from "./command.js";
import type { CallEnvironment } from "./context.js";
import { couldBeDenial } from "./could-be-denial.js";

type Callback = (error: unknown, output?: unknown) => void;
type SdkSend = (...args: unknown[]) => unknown;

/** A client's `send`, in all its forms, which wraps the SDK's own. */
export type Sender = (sdkSend: SdkSend, args: unknown[]) => unknown;

/** One call, as the application made it. */
interface Request {
  sdkSend: SdkSend;
  command: unknown;
  options: unknown;
}

const pipelineModule = lazily(() => import("./pipeline.js"));
const deniedModule = lazily(() => import("./denied.js"));

/**
 * Creates the `send` of one client. The SDK's own `send` runs first, with exactly the arguments that the application
 * passed. An output, or an error that isn't a denial, passes through unchanged. The error of a denied call is diagnosed
 * and rethrown as the same object. Calls are sent through a pipeline of layers only if the application opted in to
 * more.
 */
export function sender(context: CallEnvironment): Sender {
  const { diagnosis, retry } = context.options;
  const isWatched = diagnosis.enabled || retry.expiredCredentials;
  const hasLayers = optsIn(context.options);
  const load = lazily(async () => (await import("./pipeline.js")).pipelineOf(context));
  let pipeline: Send | undefined;

  const layered = async (request: Request): Promise<unknown> => {
    const sourceRegion = await context.sourceRegion().catch(() => undefined);
    pipeline ??= await load();
    // Without a Region, the SDK reports its own error. Without the pipeline, the call is still the application's own.
    const send = sourceRegion === undefined ? attempted : (pipeline ?? attempted);
    return delivered(await send(callFrom(request, sourceRegion)), context);
  };

  /** Null if the error passes through unchanged. */
  const deniedCall = (error: unknown, begun: number, request: Request): Promise<unknown> | null =>
    isWatched && couldBeDenial(error) ? handleError(error, begun, request, context) : null;

  return (sdkSend, args) => {
    const [command, second, third] = args;
    const callback = (typeof second === "function" ? second : third) as Callback | undefined;
    const options = typeof second === "function" ? undefined : second;
    const request: Request = { sdkSend, command, options };
    const begun = Date.now();
    const isLayered = hasLayers && modelIdOf(command) !== "";
    if (typeof callback === "function") {
      if (isLayered) return deliver(callback, layered(request));
      return sdkSend(command, options, (error: unknown, output?: unknown) => {
        if (error == null) return callback(error, output);
        const result = deniedCall(error, begun, request);
        return result ? deliver(callback, result) : callback(error);
      });
    }
    if (isLayered) return layered(request);
    const output = sdkSend(...args);
    if (!isPromise(output)) return output;
    return output.then(undefined, (error: unknown) => {
      const result = deniedCall(error, begun, request);
      if (result) return result;
      throw error;
    });
  };
}

/** As in the SDK, an error that a callback throws doesn't become an unhandled rejection. */
function deliver(callback: Callback, result: Promise<unknown>): void {
  result
    .then(
      (output) => callback(null, output),
      (error) => callback(error),
    )
    .catch(() => {});
}

const callFrom = ({ sdkSend, command, options }: Request, sourceRegion = "unknown") =>
  Call.of({ command, options, attempt: async (sent, its) => sdkSend(sent, its), sourceRegion });

/**
 * Continues a call that failed without layers. Expired credentials are refreshed once. Every other denial is diagnosed.
 */
async function handleError(
  error: unknown,
  begun: number,
  request: Request,
  context: CallEnvironment,
): Promise<unknown> {
  const refusal = await parsePossibleDenial(error);
  if (refusal === null) throw error;
  const failure: Failed = { error, refusal, sent: callFrom(request) };
  const isRetried = refusal.kind === "expired-credentials" && context.options.retry.expiredCredentials;
  const layers = isRetried ? await pipelineModule() : undefined;
  return delivered(layers ? await layers.afterExpiry(failure, begun, context) : failure, context);
}

/**
 * Returns the output of a result, with its report, or throws the error, diagnosed. If a diagnosis fails in any way, the
 * application gets the error that its call failed with.
 */
async function delivered(result: SendResult, context: CallEnvironment): Promise<unknown> {
  if (!isFailed(result)) return result.report ? reported(result.output, result.report) : result.output;
  if (result.refusal !== null && context.options.diagnosis.enabled) {
    try {
      // INVARIANT: a denied call is diagnosed, published, and logged once. That happens here, after all layers.
      await (await deniedModule())?.diagnoseInPlace(result, result.refusal, context);
    } catch {
      // The original error is thrown without a diagnosis.
    }
  }
  throw result.error;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}
