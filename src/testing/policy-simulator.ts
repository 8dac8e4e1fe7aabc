import { defined } from "../defined.js";
import { evaluateRequest, type LegEvaluation } from "../policy/evaluation/evaluate.js";
import { layersFor, type PolicyLayer } from "../policy/evaluation/layers.js";
import { compilePolicies } from "../policy/evaluation/policy-set.js";
import { type Caller, callerOf } from "../policy/evaluation/request.js";
import type { ContextValue } from "../policy/language/context.js";
import type { Xml } from "./query-protocol.js";
import {
  FULL_ACCESS,
  levelsTo,
  roleOf,
  type VirtualOrganization,
  type VirtualPrincipal,
} from "./virtual-organization.js";

/** One action on several resources, in one context. Context keys are in lower case. */
export interface SimulatedRequest {
  action: string;
  resources: string[];
  context: ReadonlyMap<string, string[]>;
}

/**
 * The keys that the simulator fills in itself (IAM User Guide, "IAM policy testing with the IAM policy simulator").
 * `aws:PrincipalArn` isn't one of them.
 */
function filledKeys({ keys }: Caller, organization: VirtualOrganization | undefined): Map<string, ContextValue> {
  const filled = new Map<string, ContextValue>([
    ["aws:userid", ["AIDASIMULATED"]],
    ["aws:principalid", ["AIDASIMULATED"]],
    ["aws:type", keys.get("aws:principaltype")],
  ]);
  for (const key of ["aws:principalaccount", "aws:principaltype", "aws:username"]) filled.set(key, keys.get(key));
  if (organization === undefined) return filled;
  return filled
    .set("aws:principalorgid", ["o-simulated"])
    .set("aws:principalorgpaths", ["o-simulated/r-root/"])
    .set(
      "aws:principalorgmasteraccountid",
      organization.managementAccountId ? [organization.managementAccountId] : null,
    );
}

/**
 * Simulates IAM's policy simulator (IAM API Reference, "SimulatePrincipalPolicy"): identity-based policies, the
 * permissions boundary, and service control policies, in the context of the request. It has the same limits as AWS's
 * simulator. It doesn't evaluate session policies or VPC endpoint policies, and doesn't report keys that only service
 * control policies depend on.
 */
export function simulatePolicies(
  principal: VirtualPrincipal,
  organization: VirtualOrganization | undefined,
  { action, resources, context }: SimulatedRequest,
): Xml {
  const arn = roleOf(principal) ?? principal.arn;
  const caller = callerOf(arn);
  const levels = organization && levelsTo(caller.principal.accountId ?? "", organization.root);
  const { identity = [FULL_ACCESS], boundary } = principal;
  const { layers } = compilePolicies(defined({ identity, boundary, serviceControl: levels }), "SimulatedBedrock");
  const applying = layersFor(layers, caller, organization?.managementAccountId);
  const isControl = ({ type }: PolicyLayer) => type === "service-control-policy";
  const filled = filledKeys(caller, organization);
  const get = (key: string): ContextValue => context.get(key) ?? filled.get(key) ?? null;
  const requestedKeys = keysIn(applying.filter((layer) => !isControl(layer)));
  const missing = requestedKeys.filter((key) => get(key.toLowerCase()) === null);

  const decided = resources.map((resource) => {
    const request = { action: action.toLowerCase(), resource, caller, context: { get } };
    const leg = { stage: "model", action, resource, region: context.get("aws:requestedregion")?.[0] ?? "" } as const;
    const among = (some: PolicyLayer[]) => evaluateRequest(some, leg, request);
    const controls = applying.filter(isControl);
    const boundaries = applying.filter(({ type }) => type === "permissions-boundary");
    const isAllowedBy = (some: PolicyLayer[]) => (some.length > 0 ? among(some).verdict === "allowed" : undefined);
    return {
      resource,
      decision: evalDecisionOf(among(applying)),
      byOrganization: isAllowedBy(controls),
      byBoundary: isAllowedBy(boundaries),
    };
  });
  const [first] = decided;
  return {
    EvalActionName: action,
    // A template of the resource type's ARN, not a resource.
    EvalResourceName: "arn:${Partition}:bedrock:${Region}::foundation-model/${ResourceId}",
    EvalDecision: decided.find(({ decision }) => decision !== "allowed")?.decision ?? "allowed",
    MissingContextValues: missing,
    ...(first?.byOrganization === undefined
      ? {}
      : {
          OrganizationsDecisionDetail: {
            AllowedByOrganizations: decided.every(({ byOrganization }) => byOrganization),
          },
        }),
    ...boundaryDetail(
      decided.every(({ byBoundary }) => byBoundary),
      first?.byBoundary,
    ),
    ResourceSpecificResults: decided.map(({ resource, decision, byBoundary }) => ({
      EvalResourceName: resource,
      EvalResourceDecision: decision,
      MissingContextValues: missing,
      ...boundaryDetail(byBoundary === true, byBoundary),
    })),
  };
}

const boundaryDetail = (AllowedByPermissionsBoundary: boolean, provided: boolean | undefined) =>
  provided === undefined ? {} : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary } };

function evalDecisionOf({ verdict, decidedBy }: LegEvaluation): string {
  if (verdict === "allowed") return "allowed";
  return decidedBy?.denyKind === "explicit" ? "explicitDeny" : "implicitDeny";
}

/** Returns the context keys of all conditions and variables, as written in the policies. */
function keysIn(layers: readonly PolicyLayer[]): string[] {
  const statements = layers.flatMap(({ policies }) => policies.flatMap(({ document }) => document.statements));
  const texts = statements.flatMap(({ conditions, resource }) => [
    ...conditions.flatMap(({ values }) => values),
    ...(resource?.texts ?? []),
  ]);
  const variables = texts.flatMap((text) => [...text.matchAll(/\$\{([\w:/-]+)/g)].map(([, key = ""]) => key));
  return [...new Set([...statements.flatMap(({ conditions }) => conditions.map(({ key }) => key)), ...variables])];
}
