import { isAccount } from "../../arn.js";
import {
  type AuthorizationLeg,
  CURRENT_TIME,
  EPOCH_TIME,
  type PolicyType,
  PRINCIPAL_ARN,
} from "../../authorization.js";
import { parsePrincipal } from "../../principal.js";
import type { ContextValue } from "../language/context.js";
import { type EvaluationContext, evaluateLeg, type LegEvaluation } from "./evaluate.js";
import { type AccessPolicies, compileLayers, layersFor, type PolicyLayer, type ServiceControlLevel } from "./layers.js";
import {
  type Caller,
  callerOf,
  readContext,
  type UnknownContext,
  valuesOf,
  withAnyRolePath,
  withPossibleRoles,
  withRoleArn,
} from "./request.js";
import { type PossibleRoles, possibleRoleArns } from "./role-paths.js";
import { type CompiledPolicies, type PolicySet, sealed } from "./sealed.js";

export type { CompiledPolicies } from "./sealed.js";

/**
 * The input of {@link policySet}: the policies that apply to the application's calls. You don't have to provide all.
 */
export interface PolicySetInput extends AccessPolicies {
  /** Additional context keys of the request. `null` means that a key is known to be absent. */
  context?: Record<string, string | string[] | null>;
  /**
   * How to treat a key that is in neither the call nor `context`: its value is unknown, or the key is absent from the
   * request. Keys that AWS always sends, such as `aws:CurrentTime` and `aws:SourceIp`, aren't treated as absent because
   * of this setting.
   * @default "unknown"
   */
  unknownContext?: UnknownContext;
  /** The organization's management account. Service control policies don't apply to it. */
  managementAccountId?: string;
  /**
   * The ARN of the role, session, or user that calls.
   * @default the principal in the AWS error message
   */
  principalArn?: string;
}

/**
 * Validates and compiles policies once, for a client or for `evaluateAccess`. A client that you pass the result to
 * doesn't contain the policy engine until a call is denied.
 *
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function policySet(input: PolicySetInput): PolicySet {
  return sealed(compilePolicies(input, "policies"));
}

/**
 * Parses and validates the policies and context once.
 *
 * @param path the name of the object in error messages
 * @throws TypeError that identifies the field, its value, and the allowed values
 */
export function compilePolicies(compiled: PolicySetInput, path: string): CompiledPolicies {
  if (typeof compiled !== "object" || compiled === null || Array.isArray(compiled))
    throw new TypeError(`${path} must be an object of policies.`);
  const { context, unknownContext = "unknown", managementAccountId, principalArn, ...policies } = compiled;
  if (unknownContext !== "unknown" && unknownContext !== "absent") {
    throw new TypeError(`unknownContext must be "unknown" or "absent"; it is ${JSON.stringify(unknownContext)}.`);
  }
  if (managementAccountId !== undefined && !isAccount(managementAccountId)) {
    throw new TypeError(`managementAccountId must be 12 digits; it is ${JSON.stringify(managementAccountId)}.`);
  }
  if (principalArn !== undefined) callerOf(principalArn, `${path}.principalArn`);
  const layers = compileLayers(policies, path);
  return { layers, context: readContext(context), unknownContext, managementAccountId, principalArn };
}

/**
 * Returns the policies with their service control policies replaced. Policies that were read from AWS Organizations
 * take precedence over a copy that the application provided.
 *
 * @throws TypeError if a document isn't a policy document
 */
export function withServiceControl(
  compiled: CompiledPolicies | undefined,
  serviceControl: ServiceControlLevel[],
  managementAccountId: string | undefined,
): CompiledPolicies {
  const { layers, ...rest } = compiled ?? compilePolicies({}, "policies");
  const own = compileLayers({ serviceControl }, "organization").filter(({ provided }) => provided);
  const others = layers.filter(({ type }) => type !== "service-control-policy");
  return { ...rest, layers: [...own, ...others], managementAccountId: managementAccountId ?? rest.managementAccountId };
}

/**
 * Returns the policies with additional, unknown policies of these types. If policies of such a type were provided,
 * their Deny statements still apply. If they don't allow a request, that isn't conclusive.
 */
export function withImplied(compiled: CompiledPolicies, types: readonly PolicyType[]): CompiledPolicies {
  const unseen = types.map((type): PolicyLayer => ({ type, policies: [], provided: false }));
  const known = compiled.layers.map((layer) => (types.includes(layer.type) ? { ...layer, provided: false } : layer));
  return { ...compiled, layers: [...unseen, ...known] };
}

/** The policies and context as they apply to one caller. */
export interface AppliedPolicies {
  layers: readonly PolicyLayer[];
  known: EvaluationContext;
}

/**
 * @param now the time of the request, in milliseconds since 1970
 * @throws TypeError if the ARN doesn't identify a principal
 */
export function applyTo(
  compiled: CompiledPolicies,
  principalArn: unknown,
  now: () => number = Date.now,
): AppliedPolicies {
  const { unknownContext, managementAccountId } = compiled;
  const context = withTime(compiled.context, now());
  const caller = callerWithRole(compiled.principalArn ?? principalArn, context);
  const layers = layersFor(compiled.layers, caller, managementAccountId);
  const { arns: roleArns, complete } = roleArnsOf(caller, layers, compiled);
  if (!complete) {
    const anyPath = withAnyRolePath(caller, roleArnsIn(layers, caller));
    return { layers, known: { caller: anyPath, context, unknownContext, otherRoleArns: [] } };
  }
  const known = { caller, context, unknownContext, otherRoleArns: roleArns };
  if (caller.assumedRole !== undefined || roleArns.length === 0) return { layers, known };
  return { layers, known: { ...known, caller: withPossibleRoles(caller, roleArns), otherRoleArns: [] } };
}

/**
 * Returns the context with the current time. If the application states one of the two time keys, the other isn't taken
 * from the clock.
 */
function withTime(context: CompiledPolicies["context"], now: number): CompiledPolicies["context"] {
  if (context.has(CURRENT_TIME) || context.has(EPOCH_TIME)) return context;
  const seconds = Math.floor(now / 1_000);
  // Formatting a date takes longer than evaluating a leg, so one is kept for all evaluations in the same second.
  if (latestTime.seconds !== seconds)
    latestTime = { seconds, text: new Date(seconds * 1_000).toISOString().replace(".000Z", "Z") };
  return new Map(context).set(CURRENT_TIME, [latestTime.text]).set(EPOCH_TIME, [String(seconds)]);
}

let latestTime = { seconds: Number.NaN, text: "" };

/** Returns the caller. If the context contains the ARN of a session's role, the caller includes it. */
function callerWithRole(principalArn: unknown, context: ReadonlyMap<string, ContextValue>): Caller {
  const caller = callerOf(principalArn);
  const value = context.get(PRINCIPAL_ARN);
  const [roleArn, ...more] = value && !("oneOf" in value) ? value : [];
  return roleArn === undefined || more.length > 0 ? caller : withRoleArn(caller, roleArn);
}

/**
 * Returns true if these policies depend on the path of a session's role. The session's ARN doesn't contain the path.
 */
export function dependsOnRolePath(compiled: CompiledPolicies, principalArn: string): boolean {
  if (parsePrincipal(principalArn).type !== "assumed-role" || compiled.principalArn !== undefined) return false;
  const caller = callerOf(principalArn);
  const layers = layersFor(compiled.layers, caller, compiled.managementAccountId);
  const { arns, complete } = roleArnsOf(caller, layers, compiled);
  return arns.length > 0 || !complete;
}

/** Returns the principal ARNs in policies that may be the caller's role. */
function roleArnsIn(layers: readonly PolicyLayer[], { roleFolder = "", principal: { name = "" } }: Caller): string[] {
  return layers
    .flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements))
    .flatMap(({ principal }) => principal?.texts ?? [])
    .filter((arn) => arn.startsWith(roleFolder) && arn.endsWith(name));
}

/**
 * Returns the ARNs that the caller's role may have in addition to the one without a path, as far as the policies
 * distinguish them.
 */
function roleArnsOf(
  caller: Caller,
  layers: readonly PolicyLayer[],
  { context, unknownContext }: Pick<EvaluationContext, "context" | "unknownContext">,
): PossibleRoles {
  const { roleFolder, principal } = caller;
  if (roleFolder === undefined || context.has(PRINCIPAL_ARN)) return { arns: [], complete: true };
  return possibleRoleArns(layers, roleFolder, principal.name ?? "", valuesOf(caller, context, unknownContext));
}

export function evaluateLegs({ layers, known }: AppliedPolicies, legs: readonly AuthorizationLeg[]): LegEvaluation[] {
  return legs.map((leg) => evaluateLeg(layers, leg, known));
}
