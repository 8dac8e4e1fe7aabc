import { type CompiledKnowledge, withServiceControl } from "../policy/knowledge.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { conclude } from "./conclude.js";
import type { Conclusion } from "./evidence.js";
import { type Gathered, type GatherLimits, gather } from "./gather.js";
import { planReads } from "./plan.js";
import type { DiagnosisPorts } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";

/** A conclusion, and the policies that it rests on: those at hand and those that were read. */
export interface Diagnosed {
  conclusion: Conclusion;
  policies: CompiledKnowledge | undefined;
}

/**
 * Plan, gather, conclude. Takes at most `limits.timeoutMs`, plus what pure code takes.
 *
 * @param given the policy documents at hand
 */
export async function diagnose(
  call: RefusedCall,
  refusal: ParsedRefusal,
  ports: DiagnosisPorts,
  limits: GatherLimits,
  given?: CompiledKnowledge,
): Promise<Diagnosed> {
  const reads = planReads(refusal.kind, call.reference, { organization: ports.organization !== undefined });
  const gathered = await gather(call, refusal, reads, ports, limits);
  const policies = withWhatWasRead(given, gathered);
  const from = [...(given ? ["policies" as const] : []), ...(gathered.organization ? ["organization" as const] : [])];
  return { conclusion: conclude(call, refusal, gathered, policies && { policies, from }), policies };
}

/** The conclusion from AWS's message alone: for the case that everything else has failed. */
export function concludeFromMessage(call: RefusedCall, refusal: ParsedRefusal): Diagnosed {
  const nothing: Gathered = { alternatives: [], evidence: [], complete: false };
  return { conclusion: conclude(call, refusal, nothing), policies: undefined };
}

/** A document that is none becomes evidence of that. */
function withWhatWasRead(given: CompiledKnowledge | undefined, gathered: Gathered): CompiledKnowledge | undefined {
  if (gathered.organization === undefined) return given;
  const { levels, managementAccountId } = gathered.organization;
  try {
    return withServiceControl(given, levels, managementAccountId);
  } catch (error) {
    delete gathered.organization;
    const at = gathered.evidence[0]?.at ?? "";
    const finding = { code: "source-failed", reason: "error", errorName: (error as Error).name } as const;
    gathered.evidence.push({ source: "organization", finding, at, durationMs: 0 });
    return given;
  }
}
