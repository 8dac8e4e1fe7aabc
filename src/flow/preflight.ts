import { diagnose } from "../diagnose/diagnose.js";
import { explain } from "../explain/explain.js";
import { type Preflight, preflightOf } from "../explain/preflight.js";
import { parseModelId } from "../resolve/model-id.js";
import type { FlowContext } from "./refused.js";

// Loaded by import() with the first question.

/** A call that may be made, and who would make it. */
export interface PlannedCall {
  operation: string;
  modelId: string;
  principalArn?: string | undefined;
}

/** How long a preflight may take. */
export interface PreflightLimits {
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** Gathers what is known about a call that nobody made, and explains it. Never rejects for what AWS answers. */
export async function preflight(
  { operation, modelId, principalArn }: PlannedCall,
  context: FlowContext,
  limits: PreflightLimits,
): Promise<Preflight> {
  const { policies: given } = context.options.diagnosis;
  const sourceRegion = await context.sourceRegion();
  const call = { operation, modelId, reference: parseModelId(modelId), sourceRegion };
  const question = { call, given, principalArn: principalArn ?? given?.principalArn };
  const { conclusion, policies } = await diagnose(question, await context.ports(), { ...limits, now: Date.now });
  return preflightOf(explain(conclusion, policies));
}
