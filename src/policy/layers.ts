import type { PolicyType } from "../refusal/kinds.js";
import { type PolicyDocument, parsePolicy } from "./document.js";
import type { Caller } from "./request.js";

/** One policy as the application has it. */
export interface PolicyInput {
  /** What verdicts call it: a file's name, the policy's own. */
  name: string;
  /** An object, JSON text, or URL-encoded JSON. */
  document: unknown;
  arn?: string;
}

/** The service control policies attached to one level of the organization. */
export interface ServiceControlLevel {
  /** The root's, organizational unit's or account's name or id. */
  level: string;
  policies: PolicyInput[];
}

/** The policies that decide about a principal's calls. */
export interface AccessPolicies {
  /** Those of the role or user, and of the user's groups. Left out: they are not known. An empty list: there are none. */
  identity?: PolicyInput[];
  /** Level by level, the root first, the account last. Left out: the account is in no organization. */
  serviceControl?: ServiceControlLevel[];
  boundary?: PolicyInput;
  session?: PolicyInput[];
  /** The policy of the VPC endpoint that the calls go through. */
  vpcEndpoint?: PolicyInput;
}

/** A policy, read. */
export interface CompiledPolicy {
  name: string;
  arn?: string;
  document: PolicyDocument;
}

/** Policies of which one must allow, and none may deny. */
export interface Layer {
  type: PolicyType;
  /** The level of the organization, for service control policies. */
  level?: string;
  policies: CompiledPolicy[];
  /** False where the policies are not known: nothing can be said but what they may not change. */
  given: boolean;
}

const KNOWN = ["identity", "serviceControl", "boundary", "session", "vpcEndpoint"];

/**
 * Reads all policies, in the order in which AWS names them in a refusal.
 *
 * @param path what errors call the object
 * @throws TypeError that names the policy and what is wrong with it
 */
export function compileLayers(policies: AccessPolicies, path = "policies"): Layer[] {
  if (typeof policies !== "object" || policies === null) throw new TypeError(`${path} must be an object of policies.`);
  if ("resourceControl" in policies) {
    // AWS Organizations User Guide, "Resource control policies": the list of supported services.
    throw new TypeError(
      `${path}.resourceControl cannot be evaluated: Amazon Bedrock is not among the services that resource control policies cover, so none decides about these calls.`,
    );
  }
  const stranger = Object.keys(policies).find((key) => !KNOWN.includes(key));
  if (stranger !== undefined) throw new TypeError(`${path}.${stranger} is not known; known here: ${KNOWN.join(", ")}.`);
  const { identity, serviceControl, boundary, session, vpcEndpoint } = policies;
  const list = (type: PolicyType, given: unknown, at: string, level?: string): Layer => {
    if (!Array.isArray(given)) throw new TypeError(`${at} must be a list of policies, each { name, document }.`);
    const read = given.map((policy, index) => compile(policy, type, `${at}[${index}]`));
    return { type, ...(level === undefined ? {} : { level }), policies: read, given: true };
  };
  const layers: Layer[] = [];
  if (serviceControl !== undefined) {
    if (!Array.isArray(serviceControl))
      throw new TypeError(`${path}.serviceControl must be a list of levels, the root first.`);
    serviceControl.forEach((entry, index) => {
      const at = `${path}.serviceControl[${index}]`;
      if (typeof entry?.level !== "string")
        throw new TypeError(`${at}.level must be the name of the root, an OU or the account.`);
      layers.push(list("service-control-policy", entry.policies, `${at}.policies`, entry.level));
    });
  }
  if (boundary !== undefined) layers.push(list("permissions-boundary", [boundary], `${path}.boundary`));
  const sessions = session === undefined ? undefined : list("session-policy", session, `${path}.session`);
  if (sessions && sessions.policies.length > 0) layers.push(sessions);
  if (vpcEndpoint !== undefined) layers.push(list("vpc-endpoint-policy", [vpcEndpoint], `${path}.vpcEndpoint`));
  if (identity === undefined) layers.push({ type: "identity-based-policy", policies: [], given: false });
  else layers.push(list("identity-based-policy", identity, `${path}.identity`));
  return layers;
}

function compile(policy: unknown, type: PolicyType, at: string): CompiledPolicy {
  const { name, document, arn } = (policy ?? {}) as Partial<PolicyInput>;
  if (typeof name !== "string" || name === "") throw new TypeError(`${at}.name must be a text: the policy's name.`);
  if (document === undefined) throw new TypeError(`${at}.document must be a policy document; there is none.`);
  const label = `${at}.document (${name})`;
  return { name, ...(typeof arn === "string" ? { arn } : {}), document: parsePolicy(document, type, label) };
}

/**
 * The layers that apply to a caller. Service control policies do not apply to the management account, nor to
 * service-linked roles (AWS Organizations User Guide, "Service control policies"); the root user has no identity-based
 * policies and needs none; a federated user has no permissions without a session policy (AWS STS API Reference,
 * "GetFederationToken"), so there is one, known or not.
 */
export function layersFor(layers: readonly Layer[], caller: Caller, managementAccountId: string | undefined): Layer[] {
  const { accountId, type } = caller.principal;
  const isSpared =
    (managementAccountId !== undefined && managementAccountId === accountId) ||
    caller.identities.some((arn) => arn.includes(":role/aws-service-role/"));
  const applying = layers.filter((layer) => {
    if (layer.type === "service-control-policy") return !isSpared;
    return !(layer.type === "identity-based-policy" && type === "root");
  });
  const lacksSession = type === "federated-user" && !applying.some((layer) => layer.type === "session-policy");
  return lacksSession ? [...applying, { type: "session-policy", policies: [], given: false }] : applying;
}
