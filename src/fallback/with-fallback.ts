import type { Call, Failed, Layer, Send, SendResult } from "../call/call.js";
import { defined } from "../defined.js";
import { type Denial, Denials } from "./denials.js";
import { type ProfileTrial, unchanged } from "./memory.js";
import { whyNever, whyNot } from "./not-tried.js";
import type { FallbackPorts, FallbackSettings } from "./ports.js";
import { type FallbackReport, reportOf } from "./report.js";
import { tryCandidates } from "./try-candidates.js";

/**
 * Sends a call through its profile. If Bedrock's routing is denied, sends it to what the application allows instead.
 */
export function withFallback(settings: FallbackSettings, ports: FallbackPorts): Layer {
  const denials = new Denials(settings, ports);
  return (next) => async (call) => {
    const notTried = whyNever(call) ?? (call.isReplayable ? undefined : "body-not-replayable");
    if (notTried !== undefined) return withReport(await next(call), reportOf(call, { notTried }));
    const admission = await denials.admit(call);
    const { denial } = admission;
    return denial
      ? aroundDenial(denial, call, next, denials, ports)
      : sendThroughProfile(admission, call, next, denials, ports);
  };
}

/** Sends a call whose profile is known to be denied. */
async function aroundDenial(
  denial: Denial,
  call: Call,
  next: Send,
  denials: Denials,
  ports: FallbackPorts,
): Promise<SendResult> {
  const allowance = denials.allowanceFor(call);
  const tried = await tryCandidates({ call, denial, next, ports, allowance, isRemembered: true });
  if ("ended" in tried) return tried.ended;
  // No candidate helps, so the call itself is sent, and its own result counts.
  const result = await next(call);
  if ("error" in result) return withReport(result, tried.report, tried.cause);
  denials.forget(call, denial);
  denials.lift(call, denial);
  return result;
}

/** Sends a call through its profile, and to a candidate if the profile's routing is denied. */
async function sendThroughProfile(
  trial: ProfileTrial<Denial>,
  call: Call,
  next: Send,
  denials: Denials,
  ports: FallbackPorts,
): Promise<SendResult> {
  // Awaited only if the call is denied.
  const sentWith = ports.credentialsScope().catch(() => undefined);
  const result = await next(call);
  if (!("error" in result)) {
    denials.lift(call, trial.answered());
    return result;
  }
  const { refusal } = result;
  const notTried = refusal === null ? undefined : whyNot(refusal, call);
  if (refusal === null || notTried !== undefined) {
    trial.undecided();
    return notTried ? withReport(result, reportOf(call, { notTried })) : result;
  }
  const allowance = denials.allowanceFor(call);
  const scope = await unchanged(
    allowance.settle(() => sentWith),
    denials.scopeFor(call),
  );
  const denial = trial.denied(() => denials.of(refusal, call), scope);
  const tried = await tryCandidates({ call, denial, next, ports, allowance, isRemembered: false });
  if ("ended" in tried) {
    if (!("error" in tried.ended)) ports.publishRefusal(refusal, call);
    return tried.ended;
  }
  // There is nothing to remember, so the next call may try the profile.
  if (tried.isHopeless) denials.forget(call, denial);
  return withReport(result, tried.report, tried.cause);
}

/** Adds the report to a failure. An answer is returned unchanged. */
function withReport(result: SendResult, report: FallbackReport, cause?: unknown): SendResult {
  if (!("error" in result)) return result;
  return { ...result, report, ...defined({ cause }) } satisfies Failed;
}
