import { parseArn } from "../../arn.js";
import { dependsOnRolePath } from "../../policy/evaluation/policy-set.js";
import { isIdentityCenterRole, type Principal, parsePrincipal } from "../../principal.js";
import { NotApplicableError, NotInstalledError, NotLoadedError } from "../../resolve/lookup-failure.js";
import { DeadlineError } from "../../resolve/waiting.js";
import { errorName, type FailureFinding, failureFinding } from "../failure-finding.js";
import type { OptedInPorts, Role } from "../ports.js";
import { isAboutPermissions, knownCaller, type Question } from "../question.js";
import type { Reading, Report, Source } from "./source.js";

export type IdentityFinding =
  | { code: "caller"; principalArn: string }
  /** The role of a session. `isGuessed` is true if IAM didn't return its path. */
  | { code: "role"; roleArn: string; isGuessed: boolean; errorName?: string }
  | FailureFinding<IdentityUnavailable>;

/** Why the caller, or its role, can't be looked up. */
export type IdentityUnavailable = "bearer-token" | "no-caller";

/** The caller, and the role or user whose policies apply. */
export interface CallerIdentity {
  principal: Principal;
  /** The role or user whose policies apply. Absent if there is none, or if its path is unknown. */
  policySourceArn?: string;
  /** True if the role's path is a guess. */
  isGuessed: boolean;
  /** `aws:userid` of a session. */
  userId?: string;
}

/** The caller, from AWS's message or GetCallerIdentity, and its role, from GetRole. Other sources use it. */
export const identity: Source<"identity", IdentityFinding, CallerIdentity> = {
  name: "identity",

  appliesTo(question, ports) {
    if (!isAboutPermissions(question)) return false;
    const caller = knownCaller(question);
    if (caller !== undefined) return needsRole(question, ports, caller);
    const { policies } = question;
    const areForCaller = policies !== undefined && policies.principalArn === undefined;
    return areForCaller || ports.organization !== undefined || ports.simulate !== undefined;
  },

  async read(reading, report) {
    const { question, ports, signal } = reading;
    const known = knownCaller(question);
    if (known === undefined && question.isRecorded) throw new NotApplicableError<IdentityUnavailable>("no-caller");
    const caller = known ?? parsePrincipal(await ports.callerArn(signal));
    report.result({ principal: caller, isGuessed: false });
    if (known === undefined) report.finding({ code: "caller", principalArn: caller.arn });
    if (needsRole(question, ports, caller)) await readRole(caller, reading, report);
  },
};

/** Whether another source needs the caller's role: the simulator, or policies that depend on the role's path. */
export function needsRole({ policies }: Question, { simulate }: OptedInPorts, { arn }: Principal): boolean {
  return simulate !== undefined || (policies !== undefined && dependsOnRolePath(policies, arn));
}

/** Looks up the caller's role, as far as IAM returns it. */
export async function readRole(
  principal: Principal,
  { ports, signal }: Reading,
  report: Report<IdentityFinding, CallerIdentity>,
): Promise<void> {
  const { source, finding, isLate } = await policySourceOf(principal, (name, id) => ports.role(name, id, signal));
  report.result({ principal, isGuessed: false, ...source });
  if (finding) report.finding(finding, identity);
  if (signal.aborted || isLate) report.incomplete();
}

interface PolicySource {
  source: Partial<CallerIdentity>;
  finding?: IdentityFinding;
  isLate?: boolean;
}

/** Returns the user, or the role of a session. Only IAM can provide that role's path. */
async function policySourceOf(
  { arn, type, accountId = "", name = "", sessionName }: Principal,
  lookUp: (roleName: string, accountId: string) => Promise<Role>,
): Promise<PolicySource> {
  if (type === "role" || type === "user") return { source: { policySourceArn: arn } };
  if (type !== "assumed-role") return { source: {} };
  try {
    const { arn: roleArn, id } = await lookUp(name, accountId);
    // IAM User Guide, "AWS global condition context keys", `aws:userid` of a session.
    const userId = id === undefined || sessionName === undefined ? {} : { userId: `${id}:${sessionName}` };
    return { source: { policySourceArn: roleArn, ...userId }, finding: { code: "role", roleArn, isGuessed: false } };
  } catch (error) {
    return guessedRole(error, name, `arn:${parseArn(arn)?.partition}:iam::${accountId}:role/${name}`);
  }
}

function guessedRole(error: unknown, name: string, roleArn: string): PolicySource {
  const isLate = error instanceof DeadlineError;
  const isUnasked = [NotApplicableError, NotInstalledError, NotLoadedError].some((Kind) => error instanceof Kind);
  // The path of such a role can't be guessed.
  const isHidden = isIdentityCenterRole(name);
  const source = isHidden ? {} : { policySourceArn: roleArn, isGuessed: true };
  if (isUnasked || isHidden) return { source, finding: failureFinding(error, isLate), isLate };
  return { source, finding: { code: "role", roleArn, isGuessed: true, ...errorName(error) }, isLate };
}
