import { PRINCIPAL_ARN } from "../authorization.js";
import { type CompiledKnowledge, hangsOnRolePath } from "../policy/evaluation/policy-set.js";
import type { ContextValue } from "../policy/language/context.js";
import { isWhole, parsePrincipal } from "../principal.js";
import type { ParsedRefusal } from "../refusal/parse.js";
import { type Concluded, conclude } from "./conclude.js";
import { type GatherLimits, gather } from "./gather.js";
import type { CallerIdentity, Gathered, Question } from "./gathered.js";
import { planPreflight, planReads } from "./plan.js";
import type { DiagnosisPorts } from "./ports.js";
import type { RefusedCall } from "./refused-call.js";
import { usefulReads } from "./rejected-call.js";

/** Plans, gathers, and concludes. Takes at most `limits.timeoutMs`, and the time for pure code. */
export async function diagnose(question: Question, ports: DiagnosisPorts, limits: GatherLimits): Promise<Concluded> {
  const { call, refusal, principalArn, given } = question;
  const caller = [principalArn, refusal?.principal].find((arn) => arn !== undefined && isWhole(parsePrincipal(arn)));
  const optedIn = {
    organization: ports.organization !== undefined,
    simulation: ports.simulate !== undefined,
    probe: ports.probe !== undefined,
    policies: given !== undefined && given.principalArn === undefined,
    isCallerKnown: caller !== undefined,
    rolePath: given !== undefined && caller !== undefined && hangsOnRolePath(given, caller),
  };
  const planned = refusal ? planReads(refusal.kind, call.reference, optedIn) : planPreflight(call.reference, optedIn);
  const reads = usefulReads(call, planned);
  const gathered = await gather(question, reads, ports, limits);
  const policies = withRole(gathered.policies ?? given, gathered.identity);
  const from = [...(given ? ["policies" as const] : []), ...(gathered.policies ? ["organization" as const] : [])];
  const isOrganizationUnread = reads.includes("organization") && gathered.policies === undefined;
  const known = { given, policies, from, isOrganizationUnread };
  return conclude(call, refusal ?? NO_REFUSAL, withPrincipal(gathered, principalArn), known);
}

/** Stands in for the denial in a preflight. It identifies nothing. */
const NO_REFUSAL: ParsedRefusal = { raw: "", kind: "iam-denied" };

function withPrincipal(gathered: Gathered, principalArn: string | undefined): Gathered {
  if (gathered.identity !== undefined || principalArn === undefined) return gathered;
  return { ...gathered, identity: { principalArn, isGuessed: false } };
}

/** Returns the conclusion from AWS's message alone, for use if everything else has failed. */
export function concludeFromMessage(call: RefusedCall, refusal: ParsedRefusal): Concluded {
  const nothing: Gathered = { alternatives: [], evidence: [], complete: false };
  return conclude(call, refusal, nothing);
}

/** If IAM returned a role's path, it doesn't have to be assumed that the role has none. */
function withRole(policies: CompiledKnowledge | undefined, identity: CallerIdentity | undefined) {
  const { policySourceArn, isGuessed } = identity ?? {};
  const isKnown = policySourceArn !== undefined && !isGuessed;
  if (policies === undefined || !isKnown || policies.principalArn !== undefined) return policies;
  const context = new Map<string, ContextValue>([[PRINCIPAL_ARN, [policySourceArn]], ...policies.context]);
  return { ...policies, context };
}
