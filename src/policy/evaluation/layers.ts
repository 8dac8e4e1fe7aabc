import type { PolicyType } from "../../authorization.js";
import { type PolicyDocument, parsePolicy } from "../language/document.js";
import type { Caller } from "./request.js";

/** One policy that the application provides. */
export interface PolicyInput {
  /** The name of the policy in verdicts, such as a file name or the policy's own name. */
  name: string;
  /** An object, JSON text, or URL-encoded JSON. */
  document: unknown;
  arn?: string;
}

/** The service control policies, or resource control policies, attached to one level of the organization. */
export interface ServiceControlLevel {
  /** The name or ID of the root, organizational unit, or account. */
  level: string;
  policies: PolicyInput[];
}

/** The policies that apply to a principal's calls. */
export interface AccessPolicies {
  /**
   * The policies of the role or user, and of the user's groups. If left out, they are unknown. An empty list means that
   * there are none.
   */
  identity?: PolicyInput[];
  /**
   * Service control policies by level, from the root to the account. If left out, the account isn't in an organization.
   */
  serviceControl?: ServiceControlLevel[];
  /**
   * Resource control policies (RCPs), level by level. They are parsed, but not evaluated, because Amazon Bedrock isn't
   * among the services that they cover ({@link RCP_SERVICES_AS_OF}). A verdict on an action of Amazon Bedrock lists
   * them in `notEvaluated`, so `allowed` means that all other policies allow it. On an action of another service, such
   * as `kms:Decrypt`, the verdict is unknown unless another policy blocks it.
   */
  resourceControl?: ServiceControlLevel[];
  boundary?: PolicyInput;
  session?: PolicyInput[];
  /** The policy of the VPC endpoint that the calls go through. */
  vpcEndpoint?: PolicyInput;
}

/** A compiled policy. */
export interface CompiledPolicy {
  name: string;
  arn?: string;
  document: PolicyDocument;
}

/** A set of policies. At least one of them must allow, and none may deny. */
export interface PolicyLayer {
  type: PolicyType;
  /** The level of the organization, for service control policies. */
  level?: string;
  policies: CompiledPolicy[];
  /** False if the policies are unknown. The verdict is then known only if these policies can't change it. */
  provided: boolean;
}

const POLICY_FIELDS = ["identity", "serviceControl", "resourceControl", "boundary", "session", "vpcEndpoint"];

/**
 * The date of the copy of the list of services that resource control policies cover (AWS Organizations User Guide,
 * "Resource control policies"). AWS adds services to the list, and at that date Amazon Bedrock wasn't one of them.
 */
export const RCP_SERVICES_AS_OF = "2026-09-26";

/**
 * Compiles all policies, in the order in which AWS lists policy types in an access denied message.
 *
 * @param path the name of the object in error messages
 * @throws TypeError that identifies the policy and its problem
 */
export function compileLayers(policies: AccessPolicies, path = "policies"): PolicyLayer[] {
  if (typeof policies !== "object" || policies === null) throw new TypeError(`${path} must be an object of policies.`);
  const stranger = Object.keys(policies).find((key) => !POLICY_FIELDS.includes(key));
  if (stranger !== undefined)
    throw new TypeError(`Unknown option ${path}.${stranger}. Valid options: ${POLICY_FIELDS.join(", ")}.`);
  const { identity, serviceControl, resourceControl, boundary, session, vpcEndpoint } = policies;
  const list = (type: PolicyType, provided: unknown, at: string, level?: string): PolicyLayer => {
    if (!Array.isArray(provided)) throw new TypeError(`${at} must be a list of policies, each { name, document }.`);
    const read = provided.map((policy, index) => compile(policy, type, `${at}[${index}]`));
    const layer: PolicyLayer = { type, policies: read, provided: true };
    if (level !== undefined) layer.level = level;
    return layer;
  };
  const levels = (type: PolicyType, field: "serviceControl" | "resourceControl", provided: unknown): PolicyLayer[] => {
    if (provided === undefined) return [];
    if (!Array.isArray(provided)) throw new TypeError(`${path}.${field} must be a list of levels, the root first.`);
    return provided.map((entry, index) => {
      const at = `${path}.${field}[${index}]`;
      if (typeof entry?.level !== "string")
        throw new TypeError(`${at}.level must be the name of the root, an OU or the account.`);
      return list(type, entry.policies, `${at}.policies`, entry.level);
    });
  };
  const layers = [
    ...levels("service-control-policy", "serviceControl", serviceControl),
    ...levels("resource-control-policy", "resourceControl", resourceControl),
  ];
  if (boundary !== undefined) layers.push(list("permissions-boundary", [boundary], `${path}.boundary`));
  const sessions = session === undefined ? undefined : list("session-policy", session, `${path}.session`);
  if (sessions && sessions.policies.length > 0) layers.push(sessions);
  if (vpcEndpoint !== undefined) layers.push(list("vpc-endpoint-policy", [vpcEndpoint], `${path}.vpcEndpoint`));
  if (identity === undefined) layers.push({ type: "identity-based-policy", policies: [], provided: false });
  else layers.push(list("identity-based-policy", identity, `${path}.identity`));
  return layers;
}

function compile(policy: unknown, type: PolicyType, at: string): CompiledPolicy {
  const { name, document, arn } = (policy ?? {}) as Partial<PolicyInput>;
  if (typeof name !== "string" || name === "") throw new TypeError(`${at}.name must be a text: the policy's name.`);
  if (document === undefined) throw new TypeError(`${at}.document must be a policy document; there is none.`);
  const label = `${at}.document (${name})`;
  const compiled: CompiledPolicy = { name, document: parsePolicy(document, type, label) };
  if (typeof arn === "string") compiled.arn = arn;
  return compiled;
}

/**
 * Returns the layers that apply to a caller. Service control policies don't apply to the management account or to
 * service-linked roles (AWS Organizations User Guide, "Service control policies"). The root user doesn't have
 * identity-based policies and doesn't need any. A federated user has no permissions without a session policy (AWS STS
 * API Reference, "GetFederationToken"), so a session policy exists even if it's unknown.
 */
export function layersFor(
  layers: readonly PolicyLayer[],
  caller: Caller,
  managementAccountId: string | undefined,
): PolicyLayer[] {
  const { accountId, type } = caller.principal;
  const isSpared =
    (managementAccountId !== undefined && managementAccountId === accountId) ||
    caller.identities.some((arn) => arn.includes(":role/aws-service-role/"));
  const applying = layers.filter((layer) => {
    if (layer.type === "service-control-policy") return !isSpared;
    return !(layer.type === "identity-based-policy" && type === "root");
  });
  const lacksSession = type === "federated-user" && !applying.some((layer) => layer.type === "session-policy");
  return lacksSession ? [...applying, { type: "session-policy", policies: [], provided: false }] : applying;
}
