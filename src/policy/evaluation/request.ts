import { parseArn } from "../../arn.js";
import { asciiLower } from "../../ascii.js";
import {
  type AuthorizationLeg,
  CURRENT_TIME,
  EPOCH_TIME,
  PRINCIPAL_ARN,
  PROFILE_KEY,
  REGION_KEY,
  TAG_KEYS,
} from "../../authorization.js";
import { isIdentityCenterRole, type Principal, parsePrincipal } from "../../principal.js";
import { type ContextValue, PRESENT, type RequestContext } from "../language/context.js";
import { NETWORK_KEYS, networkValue } from "./network-keys.js";
import { legOfAccount, type ResourcePolicyNeed, resourceAccountOf, resourcePolicyNeed } from "./resource-account.js";

/** One request that policies are evaluated against. */
export interface AuthorizationRequest {
  /** In lower case, because AWS doesn't distinguish case in actions. */
  action: string;
  resource: string;
  caller: Caller;
  context: RequestContext;
  /** Present if the resource belongs to another account. Its resource-based policy must then also allow the request. */
  resourcePolicy?: ResourcePolicyNeed;
  /** True if another AWS service evaluates the request. Such a request doesn't go through the caller's VPC endpoint. */
  isOnBehalf?: boolean;
}

/** The caller, with all the forms in which a policy can refer to it. */
export interface Caller {
  principal: Principal;
  partition: string;
  /** The ARNs of the session, and of the role or user. */
  identities: readonly string[];
  /** The account, in both forms that a policy can use. */
  account: readonly string[];
  /** If the role's path is unknown, the role's ARN is one of these. */
  possibleRoles: readonly string[];
  keys: ReadonlyMap<string, ContextValue>;
  /** The role's ARN, if its path had to be assumed. A session's ARN doesn't contain the path. */
  assumedRole: string | undefined;
  /** The beginning of the ARN of a session's role. Absent if the role's full ARN is known. */
  roleFolder: string | undefined;
}

/**
 * How to treat a key that is in neither the call nor the application's context. Keys that AWS always sends aren't
 * treated as absent because of this setting.
 */
export type UnknownContext = "unknown" | "absent";

/**
 * Returns the caller's identifiers and context keys (IAM User Guide, "AWS global condition context keys"). For a
 * session, `aws:PrincipalArn` is the ARN of the role, not of the session. The session's ARN doesn't contain the role's
 * path, so the role is assumed to have none.
 *
 * @param field the name of the ARN's field in error messages
 * @throws TypeError if the ARN doesn't identify a principal
 */
export function callerOf(arn: unknown, field = "principal.arn"): Caller {
  const parts = typeof arn === "string" ? parseArn(arn) : undefined;
  if (typeof arn !== "string" || !parts) {
    throw new TypeError(
      `${field} must be the ARN of a role, an assumed-role session or a user; it is ${JSON.stringify(arn)}.`,
    );
  }
  const principal = parsePrincipal(arn);
  const { partition, accountId } = parts;
  const { type, name = "" } = principal;
  if (type === "unknown" || (type !== "root" && name === "")) {
    throw new TypeError(
      `${field} must be the ARN of a role, an assumed-role session or a user; it is ${JSON.stringify(arn)}.`,
    );
  }
  const iam = `arn:${partition}:iam::${accountId}`;
  const isSession = type === "assumed-role";
  const reserved = `${iam}:role/aws-reserved/sso.amazonaws.com`;
  const isReserved = isSession && isIdentityCenterRole(name);
  const possibleRoles = isReserved ? [`${reserved}/${name}`, `${reserved}/<region>/${name}`] : [];
  const roleFolder = isSession ? `${isReserved ? reserved : `${iam}:role`}/` : undefined;
  const assumedRole = isSession && !isReserved ? `${iam}:role/${name}` : undefined;
  const principalArn = isReserved ? oneOf(possibleRoles) : [assumedRole ?? arn];
  const keys = new Map<string, ContextValue>([
    [PRINCIPAL_ARN, principalArn],
    ["aws:principalaccount", [accountId]],
    ["aws:principaltype", [PRINCIPAL_TYPE[type]]],
    ["aws:username", type === "user" ? [name] : null],
  ]);
  // The unique ID of a role or user isn't in its ARN (IAM User Guide, "Principal key values").
  if (type === "root") keys.set("aws:userid", [accountId]);
  if (type === "federated-user") keys.set("aws:userid", [`${accountId}:${name}`]);
  // A user or the root user can also call with temporary credentials.
  if (type !== "user" && type !== "root") keys.set("aws:tokenissuetime", PRESENT);
  const identities = assumedRole === undefined ? [arn] : [arn, assumedRole];
  const account = [`${iam}:root`, accountId];
  return { principal, partition, identities, account, possibleRoles, keys, assumedRole, roleFolder };
}

/** Returns the caller with the known ARN of its role, which policies can refer to. */
export function withRoleArn(caller: Caller, roleArn: string): Caller {
  const { identities, assumedRole, roleFolder } = caller;
  if (roleFolder === undefined) return caller;
  const named = [...identities.filter((arn) => arn !== assumedRole), roleArn];
  return { ...caller, identities: named, possibleRoles: [], assumedRole: undefined, roleFolder: undefined };
}

/** Returns the caller with additional ARNs that its role may have. */
export function withPossibleRoles(caller: Caller, roleArns: readonly string[]): Caller {
  const possibleRoles = [...caller.possibleRoles, ...roleArns];
  return { ...caller, possibleRoles, keys: new Map([...caller.keys, [PRINCIPAL_ARN, oneOf(possibleRoles)]]) };
}

/**
 * Returns the caller with any possible role path, so that results that depend on the path are unknown. `named` contains
 * the role ARNs that policies contain.
 */
export function withAnyRolePath(caller: Caller, named: readonly string[]): Caller {
  const identities = caller.identities.filter((arn) => arn !== caller.assumedRole);
  const keys = new Map([...caller.keys, [PRINCIPAL_ARN, undefined] as const]);
  const possibleRoles = [...new Set([...caller.possibleRoles, ...named])];
  return { ...caller, identities, possibleRoles, keys, assumedRole: undefined };
}

const oneOf = (roles: readonly string[]): ContextValue => ({ oneOf: roles.map((role) => [role]) });

/**
 * These values are correct because an SDK client makes the call itself. A service that calls on someone's behalf
 * doesn't use this client.
 */
const OF_EVERY_CALLER: ReadonlyMap<string, ContextValue> = new Map<string, ContextValue>([
  ["aws:principalisawsservice", ["false"]],
  ["aws:principalservicename", null],
  ["aws:principalservicenameslist", null],
  ["aws:viaawsservice", ["false"]],
  ["aws:calledvia", null],
  ["aws:calledviafirst", null],
  ["aws:calledvialast", null],
  ["aws:sourcearn", null],
  ["aws:sourceaccount", null],
  ["aws:securetransport", ["true"]],
]);

const PRINCIPAL_TYPE: Record<Principal["type"], string> = {
  "assumed-role": "AssumedRole",
  role: "AssumedRole",
  user: "User",
  "federated-user": "FederatedUser",
  root: "Account",
  unknown: "",
};

const RESOURCE_ACCOUNT_KEY = "aws:resourceaccount";

/**
 * Keys that are in every request (IAM User Guide, "AWS global condition context keys"). Their value is unknown unless
 * another source shows it.
 */
const ALWAYS_PRESENT: ReadonlySet<string> = new Set([
  CURRENT_TIME,
  EPOCH_TIME,
  "aws:userid",
  "aws:useragent",
  RESOURCE_ACCOUNT_KEY,
]);

/**
 * Validates the application's own context. Each key has one value, several values, or null if it's known to be absent.
 *
 * @throws TypeError that identifies the key
 */
export function readContext(context: unknown): ReadonlyMap<string, ContextValue> {
  if (context === undefined) return new Map();
  if (typeof context !== "object" || context === null || Array.isArray(context)) {
    throw new TypeError("context must be an object of context keys and their values.");
  }
  const read = new Map<string, ContextValue>();
  for (const [key, value] of Object.entries(context)) {
    const lower = asciiLower(key);
    // Amazon Bedrock User Guide, "Geographic cross-Region inference".
    if (lower === REGION_KEY || lower === PROFILE_KEY)
      throw new TypeError(`context must not set ${key}: each authorization leg sets it itself.`);
    if (read.has(lower)) throw new TypeError(`context has ${key} twice: context keys aren't case-sensitive.`);
    const values = typeof value === "string" ? [value] : value;
    if (values !== null && !(Array.isArray(values) && values.every((text) => typeof text === "string"))) {
      throw new TypeError(
        `context[${JSON.stringify(key)}] must be a text, a list of texts, or null for an absent key.`,
      );
    }
    read.set(lower, values);
  }
  return read;
}

/**
 * Returns the request of one authorization leg. If the leg's ARNs don't contain an account, the caller's account is
 * used.
 */
export function requestOf(
  provided: AuthorizationLeg,
  caller: Caller,
  context: ReadonlyMap<string, ContextValue>,
  unknownContext: UnknownContext,
): AuthorizationRequest {
  const { accountId } = caller.principal;
  const leg = legOfAccount(provided, accountId);
  const region = [leg.region];
  const profileArn = leg.inferenceProfileArn === undefined ? null : [leg.inferenceProfileArn];
  const others = valuesOf(caller, context, unknownContext);
  const { unknownKeys } = leg;
  const get = (key: string): ContextValue => {
    if (unknownKeys && isUnknownKey(key, unknownKeys)) return undefined;
    if (leg.context && Object.hasOwn(leg.context, key)) return leg.context[key];
    if (key === REGION_KEY) return region;
    if (key === PROFILE_KEY) return profileArn;
    if (key === RESOURCE_ACCOUNT_KEY && !context.has(key)) return resourceAccountOf(leg.resource);
    return key.startsWith(REQUEST_TAG) && !context.has(key)
      ? requestTag(leg, context, others.get(key))
      : others.get(key);
  };
  const { resource } = leg;
  const request: AuthorizationRequest = { action: asciiLower(leg.action), resource, caller, context: { get } };
  const resourcePolicy = resourcePolicyNeed(resource, accountId);
  if (resourcePolicy !== undefined) request.resourcePolicy = resourcePolicy;
  if (leg.unknownKeys?.includes("*")) request.isOnBehalf = true;
  return request;
}

/** Known values about the principal apply to every service that evaluates the request. */
const isUnknownKey = (key: string, unknownKeys: readonly string[]) =>
  unknownKeys.includes(key) || (unknownKeys.includes("*") && !/^aws:(principal|user(name|id)$)/.test(key));

const REQUEST_TAG = "aws:requesttag/";

/** A tag that isn't among the request's tag keys is absent (IAM User Guide, "AWS global condition context keys"). */
function requestTag(
  leg: AuthorizationLeg,
  context: ReadonlyMap<string, ContextValue>,
  value: ContextValue,
): ContextValue {
  const isKnown = leg.context?.[TAG_KEYS] !== undefined || context.get(TAG_KEYS) === null;
  return isKnown ? null : value;
}

/** Returns the keys that are the same on every leg. Keys that a leg sets itself aren't included. */
export function valuesOf(
  caller: Caller,
  context: ReadonlyMap<string, ContextValue>,
  unknownContext: UnknownContext,
): RequestContext {
  const other = unknownContext === "absent" ? null : undefined;
  const get = (key: string): ContextValue => {
    if (key === REGION_KEY || key === PROFILE_KEY) return undefined;
    // If a key is present without a value, the request has it or may have it, even if the application states otherwise.
    if (context.has(key)) return context.get(key);
    if (caller.keys.has(key)) return caller.keys.get(key);
    if (OF_EVERY_CALLER.has(key)) return OF_EVERY_CALLER.get(key);
    if (ALWAYS_PRESENT.has(key)) return PRESENT;
    return NETWORK_KEYS.has(key) ? networkValue(key, context) : other;
  };
  return { get };
}
