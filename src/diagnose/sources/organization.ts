import { parseArn } from "../../arn.js";
import { defined } from "../../defined.js";
import { type CompiledPolicies, dependsOnRolePath, withServiceControl } from "../../policy/evaluation/policy-set.js";
import { deniedCaller, isAboutPermissions, knownCaller, type Question } from "../question.js";
import { type CallerIdentity, type IdentityFinding, identity, needsRole, readRole } from "./identity.js";
import type { Results, Source } from "./source.js";

export type OrganizationFinding =
  | { code: "organization-policies"; levels: { level: string; policyNames: string[] }[]; managementAccountId?: string }
  | { code: "organization-without-account" };

/** What was read from AWS Organizations. */
export interface OrganizationResult {
  /** The policies that the application provided, together with the organization's. */
  policies: CompiledPolicies;
  /** The caller, if only the organization's policies depend on the path of its role. */
  caller?: CallerIdentity;
}

/**
 * The service control policies above the caller's account, from AWS Organizations. They are evaluated by `policies`.
 */
export const organization: Source<"organization", OrganizationFinding | IdentityFinding, OrganizationResult> = {
  name: "organization",
  after: [identity],

  appliesTo: (question, ports) => ports.organization !== undefined && isAboutPermissions(question),

  async read(reading, report) {
    const { question, results, ports, signal } = reading;
    const caller =
      results.of(identity)?.principal ?? knownCaller(question) ?? question.caller ?? deniedCaller(question);
    const partition = caller && parseArn(caller.arn)?.partition;
    if (!caller?.accountId || !partition || ports.organization === undefined) {
      return report.finding({ code: "organization-without-account" });
    }
    const { levels, managementAccountId } = await ports.organization(caller.accountId, partition, signal);
    const policies = withServiceControl(question.policies, levels, managementAccountId);
    report.result({ policies });
    report.finding({
      code: "organization-policies",
      levels: levels.map((each) => ({ level: each.level, policyNames: each.policies.map(({ name }) => name) })),
      ...defined({ managementAccountId }),
    });
    const isRoleRead = results.of(identity) !== undefined && needsRole(question, ports, caller);
    if (isRoleRead || !dependsOnRolePath(policies, caller.arn)) return;
    await readRole(caller, reading, { ...report, result: (found) => report.result({ policies, caller: found }) });
  },
};

/** Returns the caller that a source or the application identifies. */
export function callerOfQuestion(question: Question, results: Results): CallerIdentity | undefined {
  const found = results.of(organization)?.caller ?? results.of(identity);
  return found ?? (question.caller && { principal: question.caller, isGuessed: false });
}
