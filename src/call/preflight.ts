import { orElse, within } from "../deadline.js";
import { diagnoseQuestion, diagnoseWithoutLookups } from "../diagnose/diagnose.js";
import type { PreflightQuestion } from "../diagnose/question.js";
import type { LeftOut } from "../diagnosis.js";
import { explain } from "../explain/explain.js";
import { type Preflight, preflightOf } from "../explain/preflight.js";
import { type Principal, parsePrincipal } from "../principal.js";
import type { CallFacts } from "../resolve/call-facts.js";
import { parseModelId } from "../resolve/model-id.js";
import { callFactsOf } from "./call-facts.js";
import type { CallEnvironment } from "./context.js";
import { paceWithin } from "./pace.js";

// Loaded by import() with the first preflight.

/** A call that may be made, and its caller. */
export interface PlannedCall {
  operation: string;
  modelId: string;
  /** What the call contains. Absent if only its operation and model are known. */
  facts?: CallFacts | undefined;
  caller?: Principal | undefined;
}

/** How long a preflight may take. */
export interface PreflightLimits {
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** Returns what a command needs, without sending it. */
export const preflightOfCommand = (
  command: unknown,
  call: Pick<PlannedCall, "operation" | "modelId">,
  context: CallEnvironment,
  limits: PreflightLimits,
): Promise<Preflight> => runPreflight({ ...call, facts: callFactsOf(command) }, context, limits);

/**
 * Gathers what is known about a call that wasn't made, and explains it. Never rejects because of a response from AWS.
 */
export async function runPreflight(
  { operation, modelId, facts, caller }: PlannedCall,
  context: CallEnvironment,
  limits: PreflightLimits,
): Promise<Preflight> {
  const { policies, enforcedGuardrails, guardrailProfiles } = context.options.diagnosis;
  const reference = parseModelId(modelId);
  return within(limits.timeoutMs, limits.signal, async (ends, left) => {
    const configured = orElse(context.sourceRegion(), ends, undefined);
    // With a timeout of 0, the ports are still loaded, because loading isn't a lookup.
    const reached = limits.timeoutMs > 0 ? orElse(context.ports(), ends, undefined) : context.ports();
    const [region, ports] = await Promise.all([configured, reached]);
    // If it can't be determined in time, an API key counts as possible.
    const isKeyPossible = ports ? orElse(ports.usesApiKey(), ends, true).catch(() => true) : true;
    const sourceRegion = region ?? ("region" in reference ? reference.region : undefined) ?? "unknown";
    const question: PreflightQuestion = {
      preflight: true,
      call: { operation, modelId, reference, sourceRegion, facts, enforcedGuardrails, guardrailProfiles },
      policies,
      caller: caller ?? (policies?.principalArn === undefined ? undefined : parsePrincipal(policies.principalArn)),
    };
    const signal = region === undefined ? ends : limits.signal;
    const own = { timeoutMs: left(), signal, now: Date.now };
    const pace = paceWithin(own);
    const concluded = ports
      ? await diagnoseQuestion(question, ports, own)
      : diagnoseWithoutLookups(question, context.options.diagnosis, own);
    const leftOut: LeftOut[] = (await isKeyPossible) ? ["api-key"] : [];
    return preflightOf(await explain(concluded, pace()), leftOut);
  });
}
