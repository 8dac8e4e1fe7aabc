import { lastSegment, parseArn } from "../arn.js";
import type { AuthorizationLeg } from "../authorization.js";
import { simulatePolicies } from "./policy-simulator.js";
import { listIn, type QueryRequest, queryError, queryResponse, type Xml } from "./query-protocol.js";
import { type Authorizer, roleOf, SIMULATED_USER_ID, type VirtualOrganization } from "./virtual-organization.js";

/**
 * Answers requests to AWS STS and IAM for the virtual principals: the caller's identity, roles, and the policy
 * simulator.
 */
export function answerIdentity(
  { operation, parameters }: QueryRequest,
  caller: Authorizer,
  authorizers: readonly Authorizer[],
  organization: VirtualOrganization | undefined,
): Response {
  const { arn } = caller.principal;
  if (operation === "GetCallerIdentity") {
    return queryResponse(operation, {
      Arn: sessionOf(arn),
      UserId: SIMULATED_USER_ID,
      Account: arn.split(":")[4] ?? "",
    });
  }
  const requested = operation === "GetRole" ? parameters.RoleName : parameters.PolicySourceArn;
  const account = parseArn(arn)?.accountId;
  const subject = authorizers.find(({ principal }) => {
    if (parseArn(principal.arn)?.accountId !== account) return false;
    const identity = roleOf(principal) ?? principal.arn;
    return requested === (operation === "GetRole" ? lastSegment(identity) : identity);
  });
  const resource =
    (subject && roleOf(subject.principal)) ?? `${arn.split(":").slice(0, 5).join(":")}:role/${requested}`;
  const leg: AuthorizationLeg = { stage: "model", action: `iam:${operation}`, resource, region: "us-east-1" };
  if (caller.blocks(leg)) {
    return queryError(operation, 403, "AccessDenied", `User: ${arn} is not authorized to perform: ${leg.action}`);
  }
  if (operation === "SimulatePrincipalPolicy" && parseArn(requested ?? "")?.service !== "iam") {
    return queryError(operation, 400, "InvalidInput", `Invalid Entity Arn: ${requested}`);
  }
  if (!subject) return queryError(operation, 404, "NoSuchEntity", `${requested} cannot be found.`);
  if (operation === "GetRole") {
    const path = resource.slice(resource.indexOf("/"), resource.lastIndexOf("/") + 1);
    const created = "2026-01-01T00:00:00Z";
    const Role = { Path: path, RoleName: requested ?? "", RoleId: "AROASIMULATED", Arn: resource, CreateDate: created };
    return queryResponse(operation, { Role });
  }
  const EvaluationResults: Xml = listIn(parameters, "ActionNames").map((action) =>
    simulatePolicies(subject.principal, organization, {
      action,
      resources: listIn(parameters, "ResourceArns"),
      context: contextIn(parameters),
    }),
  );
  return queryResponse(operation, { EvaluationResults, IsTruncated: false });
}

/** A role doesn't make calls itself. Its sessions do. */
function sessionOf(arn: string): string {
  const { partition, accountId, resource = "" } = parseArn(arn) ?? {};
  if (!resource.startsWith("role/")) return arn;
  return `arn:${partition}:sts::${accountId}:assumed-role/${lastSegment(resource)}/session`;
}

function contextIn(parameters: Record<string, string>): Map<string, string[]> {
  const context = new Map<string, string[]>();
  for (let at = 1; ; at += 1) {
    const entry = `ContextEntries.member.${at}`;
    const key = parameters[`${entry}.ContextKeyName`];
    if (key === undefined) return context;
    context.set(key.toLowerCase(), listIn(parameters, `${entry}.ContextKeyValues`));
  }
}
