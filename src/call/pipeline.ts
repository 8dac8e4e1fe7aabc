import { Allowance } from "../fallback/allowance.js";
import { whyNever } from "../fallback/candidates.js";
import { type FallbackReport, fallbackOf, type NotTried, noteDetour, reported } from "../fallback/report.js";
import { profileOfBareModel } from "../fallback/through-profile.js";
import { withFallback } from "../fallback/with-fallback.js";
import { actionOf } from "../resolve/legs.js";
import { retried, retriedAfter } from "../retry/with-retries.js";
import { type Attempt, callOf, reportOf, type Way, withInput } from "./call.js";
import { abortSignalOf, isReplayable, modelIdOf } from "./command.js";
import type { FlowContext } from "./denied.js";

// Loaded by import() with the first call of an application that opted in to more than diagnoses.

/**
 * Sends a call the way that the application opted in to: a bare model through its profile, failures that the SDK does not
 * retry again, a routing refusal to where the application allows. What it throws is the error of the application's own
 * call.
 */
export async function sendOptedIn(
  attempt: Attempt,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<unknown> {
  const sourceRegion = await context.sourceRegion().catch(() => undefined);
  const ports = await context.ports().catch(() => undefined);
  // Without a Region the SDK has its own word to say.
  if (sourceRegion === undefined || ports === undefined) return attempt(command, options);
  const signal = abortSignalOf(options);
  const requested = { modelId: modelIdOf(command), region: sourceRegion };
  const retrying = { rules: context.options.retry, sourceRegion, signal, refresh: ports.refreshCredentials };
  // A change of the input's fields changes no stream in it.
  const canRepeat = isReplayable(command);
  const send: Way["send"] = (via, sent) =>
    canRepeat ? retried(() => via(sent, options), retrying) : via(sent, options);
  const written = callOf(command, sourceRegion);
  const way: Way = { command, call: written, requested, options, signal, context, ports, send };
  const throughProfile = context.options.resolve.bareModels ? await bareModelReport(way) : undefined;
  if (throughProfile?.used) {
    way.command = withInput(command, { ...written.input, modelId: throughProfile.used.modelId });
    way.call = callOf(way.command, sourceRegion);
  }
  try {
    const mayFallBack = context.options.fallback !== undefined && notReplaced(way, canRepeat) === undefined;
    const output = await (mayFallBack ? withFallback(attempt, way) : send(attempt, way.command));
    return throughProfile && !fallbackOf(output) ? reported(output, throughProfile) : output;
  } catch (error) {
    const notTried = context.options.fallback && notReplaced(way, canRepeat);
    noteDetour(error, {
      ...(throughProfile ? { command: way.command } : {}),
      ...(notTried ? { report: reportOf(way, { notTried }) } : {}),
    });
    throw error;
  }
}

/** Why this call is never sent elsewhere, whatever it ends with; undefined if it may be. */
function notReplaced({ call }: Way, canRepeat: boolean): NotTried | undefined {
  return whyNever(call) ?? (canRepeat ? undefined : "body-not-replayable");
}

/** Goes on with a call whose credentials had expired: once more, where there are others now. */
export async function sendAfterRefresh(
  error: unknown,
  begun: number,
  attempt: Attempt,
  command: unknown,
  options: unknown,
  context: FlowContext,
): Promise<unknown> {
  const ports = await context.ports().catch(() => undefined);
  if (ports === undefined) throw error;
  return retriedAfter({ error, begun }, () => attempt(command, options), {
    rules: context.options.retry,
    sourceRegion: await context.sourceRegion().catch(() => "unknown"),
    signal: abortSignalOf(options),
    refresh: ports.refreshCredentials,
  });
}

/** What `resolve.bareModels` does with this call; undefined where it goes out as it is. */
async function bareModelReport(way: Way): Promise<FallbackReport | undefined> {
  const { call, requested, context, ports } = way;
  const { bareModels: route } = context.options.resolve;
  const { reference, operation, sourceRegion } = call;
  const isInvoke = actionOf(operation)?.startsWith("bedrock:InvokeModel");
  if (!route || !isInvoke || reference.kind !== "foundation-model" || reference.arn !== undefined) return undefined;
  const allowance = new Allowance(context.options.diagnosis.timeoutMs, way.signal);
  const profileId = await allowance.lookUp((ends) =>
    profileOfBareModel(call.modelId, sourceRegion, route, ports, ends),
  );
  if (profileId === undefined) return undefined;
  return {
    reason: "profile-only-model",
    requested,
    used: { modelId: profileId, region: sourceRegion },
    why: `${call.modelId} can only be called through an inference profile in ${sourceRegion}.`,
    remembered: false,
    considered: [],
    dropped: [],
  };
}
