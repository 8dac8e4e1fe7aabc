import type { ContextValue } from "../policy/context.js";
import { type CompiledKnowledge, hangsOnRolePath } from "../policy/knowledge.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { conclude } from "./conclude.js";
import type { Conclusion } from "./evidence.js";
import { type GatherLimits, gather } from "./gather.js";
import type { CallerIdentity, Gathered, Question } from "./gathered.js";
import { planPreflight, planReads } from "./plan.js";
import type { DiagnosisPorts } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";

/** A conclusion, and the policies that it rests on: those at hand and those that were read. */
export interface Diagnosed {
  conclusion: Conclusion;
  policies: CompiledKnowledge | undefined;
}

/** Plan, gather, conclude. Takes at most `limits.timeoutMs`, plus what pure code takes. */
export async function diagnose(question: Question, ports: DiagnosisPorts, limits: GatherLimits): Promise<Diagnosed> {
  const { call, refusal, principalArn, given } = question;
  const caller = principalArn ?? refusal?.principal;
  const optedIn = {
    organization: ports.organization !== undefined,
    simulation: ports.simulate !== undefined,
    probe: ports.probe !== undefined,
    policies: given !== undefined && given.principalArn === undefined,
    isCallerKnown: caller !== undefined,
    rolePath: given !== undefined && caller !== undefined && hangsOnRolePath(given, caller),
  };
  const reads = refusal ? planReads(refusal.kind, call.reference, optedIn) : planPreflight(call.reference, optedIn);
  const gathered = await gather(question, reads, ports, limits);
  const policies = withRole(gathered.policies ?? given, gathered.identity);
  const from = [...(given ? ["policies" as const] : []), ...(gathered.policies ? ["organization" as const] : [])];
  const known = { given, policies, from };
  return { conclusion: conclude(call, refusal ?? NO_REFUSAL, withPrincipal(gathered, principalArn), known), policies };
}

/** What a preflight goes by in place of a refusal: it names nothing. */
const NO_REFUSAL: ParsedRefusal = { raw: "", kind: "iam-denied" };

function withPrincipal(gathered: Gathered, principalArn: string | undefined): Gathered {
  if (gathered.identity !== undefined || principalArn === undefined) return gathered;
  return { ...gathered, identity: { principalArn, isGuessed: false } };
}

/** The conclusion from AWS's message alone: for the case that everything else has failed. */
export function concludeFromMessage(call: RefusedCall, refusal: ParsedRefusal): Diagnosed {
  const nothing: Gathered = { alternatives: [], evidence: [], complete: false };
  return { conclusion: conclude(call, refusal, nothing), policies: undefined };
}

/** A role whose path was asked for need not be assumed to have none. */
function withRole(policies: CompiledKnowledge | undefined, identity: CallerIdentity | undefined) {
  const { policySourceArn, isGuessed } = identity ?? {};
  const isKnown = policySourceArn !== undefined && !isGuessed;
  if (policies === undefined || !isKnown || policies.principalArn !== undefined) return policies;
  const context = new Map<string, ContextValue>([["aws:principalarn", [policySourceArn]], ...policies.context]);
  return { ...policies, context };
}
