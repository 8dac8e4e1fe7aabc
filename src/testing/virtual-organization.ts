import type { AuthorizationLeg } from "../authorization.js";
import { defined } from "../defined.js";
import { type Decision, evaluateLeg } from "../policy/evaluation/evaluate.js";
import type { PolicyInput, PolicyLayer, ServiceControlLevel } from "../policy/evaluation/layers.js";
import { type AppliedPolicies, applyTo, compilePolicies } from "../policy/evaluation/policy-set.js";
import { callerOf } from "../policy/evaluation/request.js";
import type { ContextValue } from "../policy/language/context.js";
import { contextOf } from "./request-context.js";
import { checkAccepted } from "./resource-policy.js";

/** A principal that can call the simulated Bedrock, and its policies. */
export interface VirtualPrincipal {
  /** The ARN of a role, an assumed-role session, a user, or the root user. */
  arn: string;
  /**
   * The ARN of an assumed-role session's role, if the role has a path. The session's ARN doesn't contain the path.
   * @default a role without a path
   */
  roleArn?: string;
  /**
   * Requests that are signed with this access key ID come from this principal.
   * @default every key that no other principal has
   */
  accessKeyId?: string;
  /** Its identity-based policies. @default one policy that allows everything */
  identity?: PolicyInput[];
  boundary?: PolicyInput;
  session?: PolicyInput[];
  /**
   * Additional context keys of its requests, such as `aws:PrincipalTag/team`. Keys that AWS always sends have default
   * values: the time, the user agent, the user ID, the time at which a session's credentials were issued, and either
   * the source IP address 192.0.2.1 or the keys of a VPC endpoint. Any other key that isn't provided is absent.
   */
  context?: Record<string, string | string[] | null>;
}

/** The root or an organizational unit of the virtual organization. */
export interface VirtualUnit {
  name: string;
  /** Its service control policies. @default FullAWSAccess */
  policies?: PolicyInput[];
  units?: VirtualUnit[];
  accounts?: VirtualAccount[];
}

export interface VirtualAccount {
  id: string;
  /** Service control policies attached to the account itself. @default FullAWSAccess */
  policies?: PolicyInput[];
}

/** An organization. Service control policies apply from the root down to the account. */
export interface VirtualOrganization {
  /** The management account. Service control policies don't apply to it. */
  managementAccountId?: string;
  root: VirtualUnit;
}

/**
 * The AWS managed policy that is attached to everything in a new organization (AWS Organizations User Guide, "SCP
 * evaluation").
 */
export const FULL_ACCESS: PolicyInput = {
  name: "FullAWSAccess",
  document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

/** What is evaluated in addition to the principal's own policies and context. */
export interface AlsoEvaluated {
  /** A resource-based policy, if it must also allow the request. */
  layers?: readonly PolicyLayer[];
  /** Context keys of this request, in lower case. */
  context?: ReadonlyMap<string, ContextValue>;
  userAgent?: string | undefined;
}

/** Evaluates legs for one principal. */
export interface Authorizer {
  principal: VirtualPrincipal;
  /** Returns the decision that blocks the leg, or undefined if it's allowed. */
  blocks(leg: AuthorizationLeg, also?: AlsoEvaluated): Decision | undefined;
}

/** @throws TypeError if AWS would reject a policy, or if the principal's account isn't in the organization */
export function authorizerOf(
  principal: VirtualPrincipal,
  organization: VirtualOrganization | undefined,
  vpcEndpoint: PolicyInput | undefined,
): Authorizer {
  const accountId = principal.arn.split(":")[4] ?? "";
  const levels = organization && levelsTo(accountId, organization.root);
  if (organization && levels === undefined && accountId !== organization.managementAccountId) {
    throw new TypeError(
      `organization has no account ${accountId}, which is the account of the principal ${principal.arn}.`,
    );
  }
  const { identity = [FULL_ACCESS], boundary, session, roleArn } = principal;
  const context = roleArn === undefined ? principal.context : { "aws:PrincipalArn": roleArn, ...principal.context };
  const compiled = compilePolicies(
    defined({
      identity,
      boundary,
      session,
      vpcEndpoint,
      serviceControl: levels,
      context,
      managementAccountId: organization?.managementAccountId,
      unknownContext: "absent" as const,
    }),
    "SimulatedBedrock",
  );
  for (const { policies } of compiled.layers) {
    for (const policy of policies) checkAccepted(policy);
  }
  const applied = applyTo(compiled, principal.arn);
  const { keys } = applied.known.caller;
  const issuedAt = keys.has("aws:tokenissuetime") ? Date.now() : undefined;
  const userId = userIdIn(keys.get("aws:userid"));
  const facts = { context: compiled.context, hasEndpoint: vpcEndpoint !== undefined, userId, issuedAt };
  const blocks: Authorizer["blocks"] = (leg, also = {}) => {
    const context = contextOf({ ...facts, now: Date.now(), userAgent: also.userAgent });
    for (const [key, value] of also.context ?? []) context.set(key, value);
    return blockerOf(leg, { ...applied, known: { ...applied.known, context } }, also.layers);
  };
  return { principal, blocks };
}

/** The unique ID of a role or user isn't in its ARN, so every simulated role or user has the same one. */
function userIdIn(value: ContextValue): string {
  const [known] = value && !("oneOf" in value) ? value : [];
  return known ?? SIMULATED_USER_ID;
}

export const SIMULATED_USER_ID = "AIDASIMULATED";

/** If the verdict is unknown, the leg is denied, just as AWS denies a request that no statement allows. */
function blockerOf(
  leg: AuthorizationLeg,
  { layers, known }: AppliedPolicies,
  more: readonly PolicyLayer[] = [],
): Decision | undefined {
  const { verdict, decidedBy } = evaluateLeg([...layers, ...more], leg, known);
  if (verdict === "allowed") return undefined;
  return verdict === "blocked" ? decidedBy : { policyType: "identity-based-policy", denyKind: "implicit" };
}

/** Returns the role that a principal is, or is a session of. */
export function roleOf({ arn, roleArn }: VirtualPrincipal): string | undefined {
  return roleArn ?? (arn.includes(":role/") ? arn : callerOf(arn).assumedRole);
}

/**
 * Returns the service control policies from the root down to an account, or undefined if the account isn't below the
 * unit.
 */
export function levelsTo(accountId: string, unit: VirtualUnit): ServiceControlLevel[] | undefined {
  const own = { level: unit.name, policies: unit.policies ?? [FULL_ACCESS] };
  const account = unit.accounts?.find(({ id }) => id === accountId);
  if (account) return [own, { level: account.id, policies: account.policies ?? [FULL_ACCESS] }];
  for (const child of unit.units ?? []) {
    const below = levelsTo(accountId, child);
    if (below) return [own, ...below];
  }
  return undefined;
}
