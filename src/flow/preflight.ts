import { diagnose } from "../diagnose/diagnose.js";
import type { LeftOut } from "../explain/diagnosis.js";
import { explain } from "../explain/explain.js";
import { type Preflight, preflightOf } from "../explain/preflight.js";
import { parseModelId } from "../resolve/model-id.js";
import { paceWithin } from "./pace.js";
import type { FlowContext } from "./refused.js";

// Loaded by import() with the first question.

/** A call that may be made, and who would make it. */
export interface PlannedCall {
  operation: string;
  modelId: string;
  /** Condition keys that the call's input sets. */
  keys?: readonly string[];
  principalArn?: string | undefined;
}

/** How long a preflight may take. */
export interface PreflightLimits {
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** Gathers what is known about a call that nobody made, and explains it. Never rejects for what AWS answers. */
export async function preflight(
  { operation, modelId, keys = [], principalArn }: PlannedCall,
  context: FlowContext,
  limits: PreflightLimits,
): Promise<Preflight> {
  const { policies: given } = context.options.diagnosis;
  const pace = paceWithin({ ...limits, now: Date.now });
  const [sourceRegion, ports] = await Promise.all([context.sourceRegion(), context.ports()]);
  const call = { operation, modelId, reference: parseModelId(modelId), sourceRegion, keys };
  const question = { call, given, principalArn: principalArn ?? given?.principalArn };
  const concluded = await diagnose(question, ports, { ...limits, now: Date.now });
  const leftOut: LeftOut[] = [
    ...(keys.includes("bedrock:guardrailidentifier") ? (["guardrail"] as const) : []),
    ...((await ports.usesApiKey().catch(() => false)) ? (["api-key"] as const) : []),
  ];
  return preflightOf(await explain(concluded, pace()), leftOut);
}
