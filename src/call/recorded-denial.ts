import { orElse, within } from "../deadline.js";
import { diagnoseQuestion, diagnoseWithoutLookups } from "../diagnose/diagnose.js";
import { type DenialDetails, questionAbout } from "../diagnose/recorded-denial.js";
import type { Diagnosis } from "../diagnosis.js";
import { explain } from "../explain/explain.js";
import { parseRefusal } from "../refusal/parse.js";
import type { CallEnvironment } from "./context.js";
import { paceWithin } from "./pace.js";
import type { PreflightLimits } from "./preflight.js";

// Loaded by import() with the first recorded denial.

/** What is known of the denied call, apart from what the client's options and configuration show. */
export type RecordedDenial = Pick<DenialDetails, "modelId" | "operation" | "caller" | "facts"> & { error: unknown };

/**
 * Explains a denial from elsewhere with the sources of a client. Never rejects because of a response from AWS.
 *
 * @returns null if it isn't a denial
 */
export async function diagnoseRecorded(
  { error, ...details }: RecordedDenial,
  context: CallEnvironment,
  limits: PreflightLimits,
): Promise<Diagnosis | null> {
  const refusal = parseRefusal(error);
  if (refusal === null) return null;
  const { policies, enforcedGuardrails, guardrailProfiles } = context.options.diagnosis;
  return within(limits.timeoutMs, limits.signal, async (ends, left) => {
    // The call was made elsewhere, so it can be explained without a Region of the client.
    const configured = orElse(context.sourceRegion().catch(noValue), ends, undefined);
    // With a timeout of 0, the ports are still loaded, because loading isn't a lookup.
    const reached = limits.timeoutMs > 0 ? orElse(context.ports(), ends, undefined) : context.ports();
    const [region, ports] = await Promise.all([configured, reached]);
    // A CloudTrail record shows where the call was made, whatever the client's Region.
    const sourceRegion = refusal.call?.sourceRegion ?? region;
    const stated = { policies, sourceRegion, enforcedGuardrails, guardrailProfiles };
    const question = questionAbout(refusal, { ...details, ...stated });
    const own = { timeoutMs: left(), signal: region === undefined ? ends : limits.signal, now: Date.now };
    const pace = paceWithin(own);
    const concluded = ports
      ? await diagnoseQuestion(question, ports, own)
      : diagnoseWithoutLookups(question, context.options.diagnosis, own);
    return explain(concluded, pace());
  });
}

const noValue = () => undefined;
