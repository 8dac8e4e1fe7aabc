import type { PolicyInput } from "../policy/evaluation/layers.js";
import { pageStart } from "./page.js";
import { errorResponse, jsonResponse } from "./responses.js";
import { FULL_ACCESS, type VirtualOrganization, type VirtualUnit } from "./virtual-organization.js";

/** The operations of AWS Organizations that are supported. */
export type OrganizationsOperation =
  | "DescribeOrganization"
  | "ListParents"
  | "ListPoliciesForTarget"
  | "DescribePolicy";

const TARGET = "AWSOrganizationsV20161128.";
const ORGANIZATIONS_OPERATIONS: readonly string[] = [
  "DescribeOrganization",
  "ListParents",
  "ListPoliciesForTarget",
  "DescribePolicy",
];

/** The number of policies on one page. It's small, so that a test fails if the code reads only the first page. */
const PAGE = 1;

/** Returns the operation of a request, according to its header (AWS JSON 1.1). */
export function organizationsOperationOf(headers: Headers): OrganizationsOperation | undefined {
  const target = headers.get("x-amz-target") ?? "";
  const name = target.startsWith(TARGET) ? target.slice(TARGET.length) : "";
  return ORGANIZATIONS_OPERATIONS.includes(name) ? (name as OrganizationsOperation) : undefined;
}

interface Node {
  id: string;
  parent: string | undefined;
  policies: PolicyInput[];
}

/** Answers requests to AWS Organizations for a virtual organization. Only its management account is allowed to read. */
export function answerOrganizations(
  operation: OrganizationsOperation,
  input: unknown,
  callerAccountId: string,
  organization: VirtualOrganization | undefined,
): Response {
  if (organization === undefined) {
    return organizationsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
  }
  if (callerAccountId !== organization.managementAccountId) {
    return organizationsError("AccessDeniedException", "You don't have permissions to access this resource.");
  }
  const nodes = nodesOf(organization.root, undefined);
  const { ChildId, TargetId, PolicyId, NextToken } = (input ?? {}) as Record<string, string | undefined>;
  const node = nodes.find(({ id }) => id === (ChildId ?? TargetId));
  switch (operation) {
    case "DescribeOrganization":
      return jsonResponse({ Organization: { Id: "o-simulated", MasterAccountId: organization.managementAccountId } });
    case "ListParents": {
      if (node?.parent === undefined) return organizationsError("ChildNotFoundException", "We can't find that child.");
      return jsonResponse({
        Parents: [{ Id: node.parent, Type: node.parent.startsWith("r-") ? "ROOT" : "ORGANIZATIONAL_UNIT" }],
      });
    }
    case "ListPoliciesForTarget": {
      if (node === undefined) return organizationsError("TargetNotFoundException", "We can't find that target.");
      const from = pageStart(NextToken);
      if (from === undefined) return organizationsError("InvalidInputException", "The NextToken isn't valid.");
      const page = node.policies.slice(from, from + PAGE);
      const isLast = from + PAGE >= node.policies.length;
      return jsonResponse({ Policies: page.map(listedPolicy), NextToken: isLast ? undefined : String(from + PAGE) });
    }
    case "DescribePolicy": {
      const policy = nodes.flatMap(({ policies }) => policies).find((each) => listedPolicy(each).Id === PolicyId);
      if (policy === undefined) return organizationsError("PolicyNotFoundException", "We can't find that policy.");
      const Content = typeof policy.document === "string" ? policy.document : JSON.stringify(policy.document);
      return jsonResponse({ Policy: { PolicySummary: listedPolicy(policy), Content } });
    }
  }
}

/** Returns every unit and account with the ID of its parent. */
function nodesOf(unit: VirtualUnit, parent: string | undefined): Node[] {
  const id = parent === undefined ? "r-root" : `ou-root-${idPart(unit.name)}`;
  return [
    { id, parent, policies: unit.policies ?? [FULL_ACCESS] },
    ...(unit.accounts ?? []).map((account) => ({
      id: account.id,
      parent: id,
      policies: account.policies ?? [FULL_ACCESS],
    })),
    ...(unit.units ?? []).flatMap((child) => nodesOf(child, id)),
  ];
}

function listedPolicy({ name, arn }: PolicyInput) {
  const Id = `p-${idPart(name)}`;
  return { Id, Name: name, Type: "SERVICE_CONTROL_POLICY", Arn: arn };
}

const idPart = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

const organizationsError = (name: string, message: string) =>
  errorResponse(400, name, { __type: name, Message: message });
