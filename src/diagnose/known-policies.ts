import { PRINCIPAL_ARN } from "../authorization.js";
import type { CompiledPolicies } from "../policy/evaluation/policy-set.js";
import type { ContextValue } from "../policy/language/context.js";
import type { Gathered } from "./gathered.js";
import type { Question } from "./question.js";
import type { CallerIdentity } from "./sources/identity.js";
import { callerOfQuestion, organization } from "./sources/organization.js";
import type { KnownPolicies } from "./sources/policies.js";

/** Returns the policies that the application provided, together with those that were read. */
export function knownPolicies(
  question: Question,
  { results, sources }: Pick<Gathered, "results" | "sources">,
): (KnownPolicies & { isOrganizationUnread: boolean }) | undefined {
  const { policies: provided } = question;
  const read = results.of(organization)?.policies;
  const set = read ?? provided;
  if (set === undefined) return undefined;
  const from = [...(provided ? (["policies"] as const) : []), ...(read ? (["organization"] as const) : [])];
  const isOrganizationUnread = read === undefined && sources.some((source) => source === organization);
  return { set: withRole(set, callerOfQuestion(question, results)), from, isOrganizationUnread };
}

/** If IAM returned a role's path, it doesn't have to be assumed that the role has none. */
function withRole(set: CompiledPolicies, caller: CallerIdentity | undefined): CompiledPolicies {
  const { policySourceArn, isGuessed } = caller ?? {};
  if (policySourceArn === undefined || isGuessed || set.principalArn !== undefined) return set;
  const context = new Map<string, ContextValue>([[PRINCIPAL_ARN, [policySourceArn]], ...set.context]);
  return { ...set, context };
}
