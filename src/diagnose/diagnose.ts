import type { CompiledKnowledge } from "../policy/knowledge.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { conclude } from "./conclude.js";
import type { Conclusion } from "./evidence.js";
import { type GatherLimits, gather } from "./gather.js";
import { planReads } from "./plan.js";
import type { DiagnosisPorts } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";

/**
 * Plan, gather, conclude. Takes at most `limits.timeoutMs`, plus what pure code takes.
 *
 * @param policies the policy documents at hand
 */
export async function diagnose(
  call: RefusedCall,
  refusal: ParsedRefusal,
  ports: DiagnosisPorts,
  limits: GatherLimits,
  policies?: CompiledKnowledge,
): Promise<Conclusion> {
  const reads = planReads(refusal.kind, call.reference);
  return conclude(call, refusal, await gather(call, refusal, reads, ports, limits), policies);
}

/** The conclusion from AWS's message alone: for the case that everything else has failed. */
export function concludeFromMessage(call: RefusedCall, refusal: ParsedRefusal): Conclusion {
  return conclude(call, refusal, { alternatives: [], evidence: [], complete: false });
}
